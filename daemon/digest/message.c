/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/message.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/digest/message_internal.h"
#include "wire/notice.h"

enum { NAMED_MAX = 20 }; /* pictures, folders and cards */

/* ---- sums ---- */

MessageSums message_sums(const News *news)
{
    MessageSums sums = { .failed_wall_ms = CLOCK_NEVER, .done_wall_ms = CLOCK_NEVER };

    for (guint i = 0; i < news->folders->len; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        sums.kinds |= folder->kinds;
        sums.failed += folder->failed;
        sums.done += folder->done;
        if (folder->failed) {
            sums.failed_wall_ms = MIN(sums.failed_wall_ms, folder->failed_wall_ms);
            sums.failed_folder = folder->folder;
            sums.failed_folders++;
        }
        if (folder->done) {
            sums.done_wall_ms = MIN(sums.done_wall_ms, folder->done_wall_ms);
            sums.done_folder = folder->folder;
            sums.done_folders++;
        }
    }
    if (news->cards->len)
        sums.kinds |= 1U << NOTICE_CARD;
    return sums;
}

/* ---- environment ---- */

/* "failed held"; "test". */
static char *words_of_kinds(const News *news, unsigned kinds)
{
    GString *words = g_string_new(news->is_test ? "test" : NULL);

    for (unsigned kind = 0; kind < NOTICE_KINDS; kind++)
        if (kinds & 1U << kind)
            g_string_append_printf(words, "%s%s", words->len ? " " : "",
                                   notice_kind_word((NoticeKind) kind));
    return g_string_free(words, FALSE);
}

/* A line each, as many as fit. */
static char *names_of_folders(const News *news)
{
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < news->folders->len && i < NAMED_MAX; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        if (*folder->folder)
            g_string_append_printf(names, "%s%s", names->len ? "\n" : "", folder->folder);
    }
    return g_string_free(names, FALSE);
}

static void add(GPtrArray *environment, const char *name, const char *value)
{
    g_ptr_array_add(environment, g_strconcat(name, "=", value, NULL));
}

static void add_number(GPtrArray *environment, const char *name, int64_t number)
{
    g_ptr_array_add(environment, g_strdup_printf("%s=%" PRId64, name, number));
}

static char **environment_of(const News *news, const char *notice, const char *host,
                             const char *subject)
{
    MessageSums sums = message_sums(news);
    GPtrArray *environment = g_ptr_array_new();
    g_autofree char *events = words_of_kinds(news, sums.kinds);
    g_autofree char *folders = names_of_folders(news), *since = clock_rfc3339(news->since_wall_ms);

    add(environment, "HOTFOLDER_NOTICE", notice);
    add(environment, "HOTFOLDER_EVENTS", events);
    add(environment, "HOTFOLDER_FOLDERS", folders);
    add_number(environment, "HOTFOLDER_FAILED", sums.failed);
    add_number(environment, "HOTFOLDER_DONE", sums.done);
    add_number(environment, "HOTFOLDER_CARDS", news->cards->len);
    add(environment, "HOTFOLDER_SINCE", since);
    add(environment, "HOTFOLDER_SUBJECT", subject);
    add(environment, "HOTFOLDER_HOST", host);
    g_ptr_array_add(environment, NULL);
    return (char **) g_ptr_array_free(environment, FALSE);
}

/* ---- all of it ---- */

/* Names as many as fit. */
static char *fitting_text(const News *news, const char *notice, const char *host)
{
    guint named = NAMED_MAX;
    char *text = message_text(news, notice, host, named);

    while (named && strlen(text) > NOTICE_TEXT_MAX) {
        g_free(text);
        text = message_text(news, notice, host, named /= 2);
    }
    return text;
}

static char *fitting_json(const News *news, const char *notice, const char *host,
                          const char *subject)
{
    guint named = NAMED_MAX;
    char *json = message_json(news, notice, host, subject, named);

    while (named && strlen(json) > NOTICE_JSON_MAX) {
        g_free(json);
        json = message_json(news, notice, host, subject, named /= 2);
    }
    return json;
}

Message *message_new(const News *news, const char *notice, const char *host)
{
    Message *message = g_new0(Message, 1);

    message->subject = message_subject(news, host);
    message->text = fitting_text(news, notice, host);
    message->json = fitting_json(news, notice, host, message->subject);
    message->environment = environment_of(news, notice, host, message->subject);
    return message;
}

void message_free(Message *message)
{
    if (!message)
        return;
    g_free(message->subject);
    g_free(message->text);
    g_free(message->json);
    g_strfreev(message->environment);
    g_free(message);
}
