/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/folder_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/control/subject.h"
#include "daemon/control/why_words.h"
#include "daemon/ledger/answers.h"
#include "daemon/settings/ignore.h"

enum {
    WIDTH = 78,
    DONE_SEEN = 10,    /* of the last ones: which is no probe */
    FAILED_SEEN = 20,  /* of the last failed pictures: whether a later one has their name */
    FAILED_SHOWN = 5,  /* of those */
    REASONS_SHOWN = 4, /* of pending and of ignored files, those with the most files */
};

const char folder_text_stopped[] =
    "hotfolder is stopped. Pictures that you put here wait until it starts again.\n";

/* ---- the first lines ---- */

static void add_part(GString *text, const char *separator, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void add_part(GString *text, const char *separator, const char *format, ...)
{
    va_list args;

    if (text->len)
        g_string_append(text, separator);
    va_start(args, format);
    g_string_append_vprintf(text, format, args);
    va_end(args);
}

static void add_count(GString *text, int64_t count, const char *what)
{
    if (count > 0)
        add_part(text, ", ", "%" PRId64 " %s", count, what);
}

/* Names that systems and programs make, which say nothing to people; a directory or a transfer that
 * goes wrong does. */
static bool is_noise(const char *reason)
{
    const char *pattern = NULL, *row = NULL;
    bool directory = false, noise = false;

    for (unsigned i = 0; !noise && ignore_row(i, &pattern, &directory, &row); i++)
        noise = !strcmp(row, reason);
    return noise && strcmp(reason, "dot folder") != 0 && strcmp(reason, "unfinished transfer") != 0;
}

/* "2 ignored: camera RAW, which this folder does not accept". What to configure, behind a colon, is
 * not for the people who read this. */
static void add_reasons(GString *text, const char *state, const GArray *counts)
{
    for (guint i = 0, shown = 0; i < counts->len && shown < REASONS_SHOWN; i++) {
        const ReasonCount *count = &g_array_index(counts, ReasonCount, i);
        const char *note = NULL, *says = why_words(count->reason, &note);
        const char *command = strstr(says, ": `");

        if (is_noise(count->reason))
            continue;
        int length = command ? (int) (command - says) : (int) strlen(says);
        add_part(text, "; ", "%d %s: %.*s", count->files, state, length, says);
        shown++;
    }
}

static void add_watched(GString *text, const ControlView *view, const char *folder)
{
    WatchReport report = watch_report(view->watch, folder);

    add_reasons(text, "pending", report.pending_by_reason);
    add_reasons(text, "ignored", report.ignored_by_reason);
    watch_report_clear(&report);
}

static void add_health(GString *text, const ControlView *view, const char *folder)
{
    g_autofree char *reason = NULL, *who = NULL;
    HealthState state = health_get(view->health, folder, &reason);
    int64_t since_ms = 0;

    if (state == HEALTH_HELD || state == HEALTH_UNAVAILABLE)
        add_part(text, "; ", "%s: %s", health_word(state), reason ? reason : "");
    if (!health_is_paused(view->health, folder, &who, &since_ms))
        return;
    g_autofree char *by = text_escape(who), *since = clock_text(since_ms);
    add_part(text, "; ", "paused by %s since %s", by, since);
}

static bool add_last_done(GString *text, const ControlView *view, const char *folder, Error **err)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const LedgerQuery query = { .folder = folder, .states = 1U << LEDGER_DONE, .limit = DONE_SEEN };

    if (!ledger_list(view->ledger, &query, entries, err))
        return false;
    for (guint i = 0; i < entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);
        if (subject_is_probe(entry))
            continue;
        g_autofree char *when = clock_text(entry->changed_wall_ms);
        add_part(text, "; ", "last finished %s", when);
        return true;
    }
    return true;
}

/* ---- those that failed ---- */

/* Whether no later picture has its name: a person has not sent it again. */
static bool is_last_of_name(const ControlView *view, const LedgerEntry *entry)
{
    g_autoptr(GArray) newest = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    return ledger_history(view->ledger, entry->row.folder, entry->row.source, 1, newest, &error) &&
           newest->len && g_array_index(newest, LedgerEntry, 0).row.id == entry->row.id;
}

static void add_failed(GString *list, const LedgerEntry *entry)
{
    g_autofree char *name = text_escape(entry->row.source);
    g_autofree char *when = clock_text(entry->changed_wall_ms);
    g_autofree char *why = entry->why ? error_text(entry->why) : g_strdup("the reason is unknown");
    g_autofree char *lines = text_wrap(why, 4, WIDTH);

    g_string_append_printf(list, "  %s, %s%s\n%s", name, when,
                           entry->original == ORIGINAL_STAYS ? ", still in its place" : "", lines);
}

/* How many failed, as far as they were not sent again; the last ones are appended to `list`. */
static bool find_failed(const ControlView *view, const char *folder, int64_t all, int64_t *count,
                        GString *list, Error **err)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const LedgerQuery query = { .folder = folder,
                                .states = 1U << LEDGER_FAILED,
                                .limit = FAILED_SEEN };

    *count = all > FAILED_SEEN ? all - FAILED_SEEN : 0;
    if (!all)
        return true;
    if (!ledger_list(view->ledger, &query, entries, err))
        return false;
    for (guint i = 0, shown = 0; i < entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);
        if (subject_is_probe(entry) || !is_last_of_name(view, entry))
            continue;
        ++*count;
        if (shown++ < FAILED_SHOWN)
            add_failed(list, entry);
    }
    return true;
}

/* ---- the text ---- */

static char *whole_text(const GString *summary, const GString *failed)
{
    g_autofree char *lines = text_wrap(
        summary->len ? summary->str : "nothing waits, and nothing was finished yet", 0, WIDTH);

    if (!failed->len)
        return g_strdup(lines);
    return g_strdup_printf("%s\nFailed last:\n%s\nTo try a picture again, do what is said there, "
                           "and move it from failed/ back\ninto this folder.\n",
                           lines, failed->str);
}

char *folder_text(const ControlView *view, const Folder *folder)
{
    g_autoptr(GString) text = g_string_new(NULL), failed = g_string_new(NULL);
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };
    int64_t failures = 0;

    if (!ledger_count(view->ledger, folder->name, &counts, &error) ||
        !find_failed(view, folder->name, counts.failed, &failures, failed, &error))
        return NULL;
    add_count(text, counts.queued, "queued");
    add_count(text, ledger_in_progress(&counts), "in progress");
    add_count(text, failures, "failed (see failed/)");
    add_count(text, counts.cancelled, "ignored: cancelled");
    add_watched(text, view, folder->name);
    add_health(text, view, folder->name);
    if (counts.done && !add_last_done(text, view, folder->name, &error))
        return NULL;
    return whole_text(text, failed);
}
