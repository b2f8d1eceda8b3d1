/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.txt: what a person reads beside the copies, years later. */
#include "base/clock.h"
#include "base/text.h"
#include "daemon/import/verdict.h"

static const char *const proof_words[] = {
    [PROOF_NONE] = "not read back",           [PROOF_RIGHT] = "read back from its disk",
    [PROOF_WRONG] = "WRONG: another content", [PROOF_MISSING] = "MISSING",
    [PROOF_FAILED] = "cannot be read back",   [PROOF_CACHED] = "not provable here",
};

static void append_card(GString *text, const Outcome *outcome)
{
    const Medium *medium = outcome->card->medium;
    g_autofree char *root = text_escape(outcome->card->root);
    g_autofree char *label = medium->label ? text_escape(medium->label) : g_strdup("none");

    g_string_append_printf(text, "Card: %s\n  label: %s\n  UUID: %s\n  size: %lld bytes\n", root,
                           label, medium->uuid ? medium->uuid : "none", (long long) medium->size);
    if (medium->maker)
        g_string_append_printf(text, "  made by: %s\n", medium->maker);
}

static void append_times(GString *text, int64_t began_ms, int64_t ended_ms)
{
    g_autoptr(GDateTime) began = g_date_time_new_from_unix_local(began_ms / 1000);
    g_autoptr(GDateTime) ended = g_date_time_new_from_unix_local(ended_ms / 1000);
    g_autofree char *from = g_date_time_format(began, "%Y-%m-%d %H:%M:%S %z");
    g_autofree char *to = g_date_time_format(ended, "%Y-%m-%d %H:%M:%S %z");

    g_string_append_printf(text, "Imported: %s to %s\n", from, to);
}

static void append_destinations(GString *text, const Outcome *outcome)
{
    g_string_append(text, "Copied to:\n");
    for (unsigned i = 0; outcome->import->copy_to[i]; i++) {
        g_autofree char *directory = text_escape(outcome->import->copy_to[i]);
        const Medium *medium = outcome->media[i];
        g_string_append_printf(text, "  %s %s%s\n", directory, medium->server ? "" : "on ",
                               medium->words);
    }
}

static void append_ignored(GString *text, GHashTable *ignored)
{
    GHashTableIter each;
    gpointer what = NULL, count = NULL;

    if (!g_hash_table_size(ignored))
        return;
    g_string_append(text, "\nLeft out, as no camera makes it:\n");
    g_hash_table_iter_init(&each, ignored);
    while (g_hash_table_iter_next(&each, &what, &count))
        g_string_append_printf(text, "  %u %s\n", GPOINTER_TO_UINT(count), (const char *) what);
}

static void append_copy(GString *text, const char *destination, const FileCopy *copy)
{
    g_autofree char *name = copy->name ? text_escape(copy->name) : NULL;
    g_autofree char *directory = text_escape(destination);

    if (name)
        g_string_append_printf(text, "    %s/%s: %s%s\n", directory, name, proof_words[copy->proof],
                               copy->was_there ? ", was there" : "");
    else
        g_string_append_printf(text, "    %s: no copy\n", directory);
}

/* Both times of a camera whose clock is corrected. */
static void append_taken(GString *text, const CardShot *shot)
{
    if (shot && shot->facts.taken && shot->facts.corrected)
        g_string_append_printf(text, "    taken %s by the camera's clock, corrected %s\n",
                               shot->facts.taken, shot->facts.corrected);
}

static void append_file(GString *text, const Outcome *outcome, const FileEnd *end)
{
    g_autofree char *path = text_escape(end->file->path);

    g_string_append_printf(text, "  %s  %lld bytes", path, (long long) end->file->size);
    if (end->file->is_left) {
        g_string_append(text, "  left, not copied\n");
        return;
    }
    if (*end->content.xxh128)
        g_string_append_printf(text, "  xxh128 %s", end->content.xxh128);
    g_string_append_c(text, '\n');
    append_taken(text, end->file->shot);
    for (unsigned i = 0; outcome->import->copy_to[i]; i++)
        append_copy(text, outcome->import->copy_to[i], &end->copies[i]);
}

static void append_reasons(GString *text, const Verdict *verdict)
{
    if (!verdict->reasons->len)
        return;
    g_string_append(text, "\nReasons:\n");
    for (guint i = 0; i < verdict->reasons->len; i++)
        g_string_append_printf(text, "  %s\n", (const char *) verdict->reasons->pdata[i]);
}

static bool is_early(const Verdict *verdict)
{
    return verdict->state == CARD_INTERRUPTED || verdict->state == CARD_HELD;
}

static void append_remedy(GString *text, const Verdict *verdict, const Outcome *outcome)
{
    if (!is_early(verdict))
        return;
    g_string_append_printf(text,
                           "\nHow far it came: %lld of %u files stand in every directory.\n"
                           "What to do: do not format the card. %s it in again, or import it by "
                           "hand: what is copied is not copied twice.\n",
                           (long long) verdict->done, outcome->files->len,
                           verdict->state == CARD_HELD
                               ? "Remove the cause that the first line names, then put"
                               : "Put");
}

char *verdict_report(const Verdict *verdict, const Outcome *outcome, int64_t began_ms,
                     int64_t ended_ms)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s\n\n", verdict->line);
    append_card(text, outcome);
    append_times(text, began_ms, ended_ms);
    append_destinations(text, outcome);
    append_remedy(text, verdict, outcome);
    if (!is_early(verdict)) /* each file that is missing would be one */
        append_reasons(text, verdict);
    append_ignored(text, outcome->card->ignored);
    g_string_append(text, "\nFiles:\n");
    for (guint i = 0; i < outcome->files->len; i++)
        append_file(text, outcome, &g_array_index(outcome->files, FileEnd, i));
    return g_string_free(text, FALSE);
}
