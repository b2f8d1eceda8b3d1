/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs read. */
#include <cjson/cJSON.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/digest/message_internal.h"
#include "daemon/ledger/answers.h"

static void add_text(cJSON *object, const char *name, const char *bytes, size_t most)
{
    g_autofree char *text = bytes ? text_shorten(bytes, most) : NULL;

    if (text)
        cJSON_AddStringToObject(object, name, text);
}

/* As RFC 3339 has it, in UTC. */
static void add_time(cJSON *object, const char *name, int64_t wall_ms)
{
    g_autofree char *text = clock_rfc3339(wall_ms);

    if (wall_ms > 0 && *text)
        cJSON_AddStringToObject(object, name, text);
}

static void add_number(cJSON *object, const char *name, int64_t number)
{
    cJSON_AddNumberToObject(object, name, (double) number);
}

static void add_events(cJSON *json, const News *news, unsigned kinds)
{
    cJSON *events = cJSON_AddArrayToObject(json, "events");

    for (unsigned kind = 0; kind < NOTICE_KINDS; kind++)
        if (kinds & 1U << kind)
            cJSON_AddItemToArray(events, cJSON_CreateString(notice_kind_word((NoticeKind) kind)));
    if (news->is_test)
        cJSON_AddItemToArray(events, cJSON_CreateString("test"));
}

static void add_state(cJSON *row, const FolderNews *folder)
{
    if (!(folder->kinds & (1U << NOTICE_HELD | 1U << NOTICE_RESUMED)))
        return;
    cJSON_AddStringToObject(row, "state", folder->state);
    add_text(row, "reason", folder->reason, MESSAGE_REASON_MAX);
    add_time(row, "state_since", folder->held_wall_ms);
}

static cJSON *folder_json(const FolderNews *folder)
{
    cJSON *row = cJSON_CreateObject();

    add_text(row, "name", folder->folder, MESSAGE_PATH_MAX);
    add_number(row, "failed", folder->failed);
    add_number(row, "done", folder->done);
    add_state(row, folder);
    if (folder->kinds & 1U << NOTICE_IDLE) {
        cJSON *idle = cJSON_AddObjectToObject(row, "idle");
        add_number(idle, "done", folder->batch_done);
        add_number(idle, "failed", folder->batch_failed);
    }
    return row;
}

static void add_folders(cJSON *json, const News *news, guint most)
{
    cJSON *folders = cJSON_AddArrayToObject(json, "folders");
    guint left = most;

    for (guint i = 0; i < news->folders->len && left; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        if (!*folder->folder)
            continue;
        cJSON_AddItemToArray(folders, folder_json(folder));
        left--;
    }
}

static void add_ledger(cJSON *json, const News *news)
{
    for (guint i = 0; i < news->folders->len; i++) {
        const FolderNews *folder = &g_array_index(news->folders, FolderNews, i);
        if (!*folder->folder)
            add_state(cJSON_AddObjectToObject(json, "ledger"), folder);
    }
}

static cJSON *picture_json(const LedgerEntry *entry)
{
    cJSON *row = cJSON_CreateObject();

    add_number(row, "job", entry->row.id);
    add_text(row, "folder", entry->row.folder, MESSAGE_PATH_MAX);
    add_text(row, "picture", entry->row.source, MESSAGE_PATH_MAX);
    add_time(row, "time", entry->changed_wall_ms);
    if (!entry->why)
        return row;
    cJSON_AddStringToObject(row, "kind", error_kind_word(entry->why->kind));
    add_text(row, "reason", entry->why->what, MESSAGE_REASON_MAX);
    add_text(row, "where", entry->why->where, MESSAGE_PATH_MAX);
    add_text(row, "fix", entry->why->fix, MESSAGE_REASON_MAX);
    return row;
}

static cJSON *card_json(const CardNews *card)
{
    cJSON *row = cJSON_CreateObject();

    add_text(row, "name", card->name, MESSAGE_PATH_MAX);
    cJSON_AddStringToObject(row, "state", card_state_word(card->state));
    add_text(row, "verdict", card->verdict, MESSAGE_REASON_MAX);
    add_text(row, "reason", card->reason, MESSAGE_REASON_MAX);
    add_number(row, "files", card->files);
    add_number(row, "copied", card->done);
    add_time(row, "time", card->ended_ms);
    return row;
}

static void add_named(cJSON *json, const News *news, const MessageSums *sums, guint most)
{
    cJSON *pictures = cJSON_AddArrayToObject(json, "pictures");
    guint named = MIN(most, news->pictures->len);

    for (guint i = 0; i < named; i++)
        cJSON_AddItemToArray(pictures,
                             picture_json(&g_array_index(news->pictures, LedgerEntry, i)));
    add_number(json, "more", MAX(sums->failed - named, 0));
    cJSON *cards = cJSON_AddArrayToObject(json, "cards");
    for (guint i = 0; i < news->cards->len && i < most; i++)
        cJSON_AddItemToArray(cards, card_json(&g_array_index(news->cards, CardNews, i)));
}

char *message_json(const News *news, const char *notice, const char *host, const char *subject,
                   guint most)
{
    cJSON *json = cJSON_CreateObject();
    MessageSums sums = message_sums(news);

    add_text(json, "notice", notice, MESSAGE_PATH_MAX);
    add_text(json, "host", host, MESSAGE_PATH_MAX);
    cJSON_AddStringToObject(json, "version", HOTFOLDER_VERSION);
    cJSON_AddStringToObject(json, "subject", subject);
    add_events(json, news, sums.kinds);
    add_time(json, "since", news->since_wall_ms);
    add_number(json, "failed", sums.failed);
    add_number(json, "done", sums.done);
    add_folders(json, news, most);
    add_ledger(json, news);
    add_named(json, news, &sums, most);
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}
