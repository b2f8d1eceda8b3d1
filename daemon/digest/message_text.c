/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people read: the subject, and the text of a mail. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/digest/message_internal.h"
#include "daemon/ledger/answers.h"

enum { PHRASES_MAX = 4 }; /* of a subject */

const char *message_card_words(CardState state)
{
    static const char *const words[CARD_STATES] = {
        [CARD_READING] = "being read",          [CARD_HELD] = "held",
        [CARD_INTERRUPTED] = "interrupted",     [CARD_SAFE] = "safe to format",
        [CARD_NOT_SAFE] = "not safe to format", [CARD_COPIED] = "copied, and not proved",
        [CARD_FAILED] = "not copied",
    };

    return words[state];
}

/* "9,988"; newly allocated. */
static char *number_text(int64_t number)
{
    g_autofree char *digits = g_strdup_printf("%" PRId64, number);
    GString *text = g_string_new(NULL);

    for (size_t i = 0, length = strlen(digits); i < length; i++)
        g_string_append_printf(text, "%s%c", i && (length - i) % 3 == 0 ? "," : "", digits[i]);
    return g_string_free(text, FALSE);
}

/* ---- the subject ---- */

static void add_ended(GPtrArray *phrases, int64_t pictures, const char *word, int folders,
                      const char *folder, int64_t first_wall_ms)
{
    g_autofree char *number = number_text(pictures), *since = NULL, *name = NULL;

    if (!pictures)
        return;
    since = clock_text(first_wall_ms);
    name = text_shorten(folder, MESSAGE_NAME_MAX);
    if (folders == 1)
        g_ptr_array_add(phrases,
                        g_strdup_printf("%s %s in %s since %s", number, word, name, since));
    else
        g_ptr_array_add(
            phrases, g_strdup_printf("%s %s in %d folders since %s", number, word, folders, since));
}

/* "desk is held", "3 folders are held": of those with news of this kind. */
static void add_folders(GPtrArray *phrases, const News *news, NoticeKind kind, const char *one,
                        const char *many)
{
    g_autofree char *name = NULL;
    int folders = 0;

    for (guint i = 0; i < news->folders->len; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        if (!(folder->kinds & 1U << kind) || !*folder->folder)
            continue;
        folders++;
        g_free(name);
        name = text_shorten(folder->folder, MESSAGE_NAME_MAX);
    }
    if (folders == 1)
        g_ptr_array_add(phrases, g_strdup_printf("%s %s", name, one));
    else if (folders)
        g_ptr_array_add(phrases, g_strdup_printf("%d folders %s", folders, many));
}

static void add_ledger(GPtrArray *phrases, const News *news)
{
    for (guint i = 0; i < news->folders->len; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        if (!*folder->folder)
            g_ptr_array_add(phrases, g_strdup(folder->is_held ? "the ledger cannot be written"
                                                              : "the ledger can be written again"));
    }
}

static void add_cards(GPtrArray *phrases, const News *news)
{
    if (news->cards->len == 1) {
        const CardNews *card = &g_array_index(news->cards, CardNews, 0);
        g_autofree char *name = text_shorten(card->name, MESSAGE_NAME_MAX);
        g_ptr_array_add(phrases,
                        g_strdup_printf("card %s is %s", name, message_card_words(card->state)));
    } else if (news->cards->len) {
        g_ptr_array_add(phrases, g_strdup_printf("%u cards", news->cards->len));
    }
}

static GPtrArray *phrases_of(const News *news)
{
    GPtrArray *phrases = g_ptr_array_new_with_free_func(g_free);
    MessageSums sums = message_sums(news);

    if (news->is_test)
        g_ptr_array_add(phrases, g_strdup("this is a test"));
    add_ledger(phrases, news);
    add_ended(phrases, sums.failed, "failed", sums.failed_folders, sums.failed_folder,
              sums.failed_wall_ms);
    add_folders(phrases, news, NOTICE_HELD, "is held", "are held");
    add_folders(phrases, news, NOTICE_RESUMED, "works again", "work again");
    add_cards(phrases, news);
    add_ended(phrases, sums.done, "done", sums.done_folders, sums.done_folder, sums.done_wall_ms);
    add_folders(phrases, news, NOTICE_IDLE, "is idle", "are idle");
    return phrases;
}

char *message_subject(const News *news, const char *host)
{
    g_autofree char *name = text_shorten(host, MESSAGE_NAME_MAX);
    GString *subject = g_string_new(NULL);
    g_autoptr(GPtrArray) phrases = phrases_of(news);

    g_string_printf(subject, "hotfolder on %s", name);
    for (guint i = 0; i < phrases->len && i < PHRASES_MAX; i++)
        g_string_append_printf(subject, "%s%s", i ? ", " : ": ", (char *) phrases->pdata[i]);
    if (phrases->len > PHRASES_MAX)
        g_string_append(subject, ", and more");
    return g_string_free(subject, FALSE);
}

/* ---- the text ---- */

static const char *plural(int64_t number)
{
    return number == 1 ? "" : "s";
}

/* The command that lists them all. */
static char *list_command(const MessageSums *sums)
{
    g_autofree char *since = clock_text(sums->failed_wall_ms);
    g_autofree char *time = text_shell_word(since);
    g_autofree char *folder = text_shell_word(sums->failed_folder);

    if (sums->failed_folders == 1)
        return g_strdup_printf("hotfolder list --state failed --folder %s --since %s", folder,
                               time);
    return g_strdup_printf("hotfolder list --state failed --since %s", time);
}

static void add_picture(GString *text, const LedgerEntry *entry, bool with_folder)
{
    g_autofree char *folder = text_shorten(entry->row.folder, MESSAGE_NAME_MAX);
    g_autofree char *name = text_shorten(entry->row.source, MESSAGE_PATH_MAX);
    g_autofree char *why = entry->why ? error_text(entry->why) : g_strdup("failed");
    g_autofree char *reason = text_shorten(why, MESSAGE_REASON_MAX);

    g_string_append_printf(text, "  %s%s%s: %s\n", with_folder ? folder : "",
                           with_folder ? ": " : "", name, reason);
}

static void add_failed(GString *text, const News *news, const MessageSums *sums, guint most)
{
    g_autofree char *number = number_text(sums->failed), *command = NULL;
    guint named = MIN(most, news->pictures->len);

    if (!sums->failed)
        return;
    g_autofree char *since = clock_text(sums->failed_wall_ms);
    g_autofree char *folder = text_shorten(sums->failed_folder, MESSAGE_NAME_MAX);
    g_autofree char *folders = g_strdup_printf("%d folders", sums->failed_folders);
    g_string_append_printf(text, "%s picture%s failed in %s since %s:\n", number,
                           plural(sums->failed), sums->failed_folders == 1 ? folder : folders,
                           since);
    for (guint i = 0; i < named; i++)
        add_picture(text, &g_array_index(news->pictures, LedgerEntry, i), sums->failed_folders > 1);
    if (sums->failed > named) {
        g_autofree char *more = number_text(sums->failed - named);
        command = list_command(sums);
        g_string_append_printf(text, "  and %s more: `%s`\n", more, command);
    }
    g_string_append(text, "\n");
}

static void add_state(GString *text, const FolderNews *folder, const char *name)
{
    g_autofree char *since = clock_text(folder->held_wall_ms);
    g_autofree char *reason =
        text_shorten(folder->reason ? folder->reason : "unknown", MESSAGE_REASON_MAX);

    if (!*folder->folder && folder->is_held)
        g_string_append_printf(text, "The ledger cannot be written since %s: %s\n", since, reason);
    else if (!*folder->folder)
        g_string_append_printf(text, "The ledger can be written again since %s.\n", since);
    else if (folder->is_held)
        g_string_append_printf(text, "%s is %s since %s: %s\n", name, folder->state, since, reason);
    else
        g_string_append_printf(text, "%s works again since %s.\n", name, since);
}

static void add_folder(GString *text, const FolderNews *folder)
{
    g_autofree char *name = text_shorten(folder->folder, MESSAGE_NAME_MAX);

    if (folder->kinds & (1U << NOTICE_HELD | 1U << NOTICE_RESUMED))
        add_state(text, folder, name);
    if (folder->kinds & 1U << NOTICE_DONE) {
        g_autofree char *number = number_text(folder->done);
        g_autofree char *since = clock_text(folder->done_wall_ms);
        g_string_append_printf(text, "%s picture%s done in %s since %s.\n", number,
                               folder->done == 1 ? " is" : "s are", name, since);
    }
    if (folder->kinds & 1U << NOTICE_IDLE) {
        g_autofree char *done = number_text(folder->batch_done);
        g_autofree char *failed = number_text(folder->batch_failed);
        g_string_append_printf(text, "%s is idle: %s done, %s failed.\n", name, done, failed);
    }
}

static void add_card(GString *text, const CardNews *card)
{
    g_autofree char *name = text_shorten(card->name, MESSAGE_NAME_MAX);
    const char *said = card->verdict ? card->verdict : card->reason;
    g_autofree char *why = said ? text_shorten(said, MESSAGE_REASON_MAX) : NULL;

    g_string_append_printf(text, "Card %s is %s%s%s\n", name, message_card_words(card->state),
                           why ? ": " : ".", why ? why : "");
}

static void add_rest(GString *text, guint all, guint most, const char *what)
{
    if (all > most)
        g_string_append_printf(text, "And %u more %s: `hotfolder %s`\n", all - most, what,
                               strcmp(what, "cards") == 0 ? "import status" : "status");
}

char *message_text(const News *news, const char *notice, const char *host, guint most)
{
    GString *text = g_string_new(NULL);
    MessageSums sums = message_sums(news);
    g_autofree char *name = text_shorten(notice, MESSAGE_NAME_MAX);
    g_autofree char *where = text_shorten(host, MESSAGE_NAME_MAX);

    if (news->is_test)
        g_string_append(text, "This is a test: a notice arrives here.\n");
    add_failed(text, news, &sums, most);
    for (guint i = 0; i < news->folders->len && i < most; i++)
        add_folder(text, &g_array_index(news->folders, FolderNews, i));
    add_rest(text, news->folders->len, most, "folders");
    for (guint i = 0; i < news->cards->len && i < most; i++)
        add_card(text, &g_array_index(news->cards, CardNews, i));
    add_rest(text, news->cards->len, most, "cards");
    g_string_append_printf(text, "\n-- \nnotify \"%s\" of hotfolder on %s\n", name, where);
    return g_string_free(text, FALSE);
}
