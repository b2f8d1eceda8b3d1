/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/news.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/ledger/answers.h"

/* ---- a folder's state ---- */

void news_see_state(FolderMemory *folder, bool is_held, int64_t now_ms)
{
    if (folder->is_held == is_held && folder->held_ms)
        return;
    folder->is_held = is_held;
    folder->held_ms = now_ms;
}

/* It is another one than was sent last, and stays. */
static bool has_other_state(const FolderMemory *folder, int64_t now_ms)
{
    return folder->held != MEMORY_NONE && folder->held_ms && folder->is_held != folder->held &&
           now_ms - folder->held_ms >= NEWS_SETTLE_MS;
}

static unsigned kind_of_state(const FolderMemory *folder)
{
    return 1U << (folder->is_held ? NOTICE_HELD : NOTICE_RESUMED);
}

bool news_skip_state(FolderMemory *folder, unsigned on, int64_t now_ms)
{
    if (!has_other_state(folder, now_ms) || on & kind_of_state(folder))
        return false;
    folder->held = folder->is_held;
    return true;
}

/* ---- batches ---- */

static int64_t newest_end(const FolderMemory *folder)
{
    return MAX(folder->newest_failed, folder->newest_done);
}

bool news_is_batch(const FolderMemory *folder)
{
    return folder->idle != MEMORY_NONE && newest_end(folder) > MAX(folder->idle, folder->batch);
}

/* A sender that begins does not know for how long it is quiet, but when the last picture ended; no
 * clock that was set since can make that longer than a notice waits for. */
static int64_t quiet_since(const FolderMemory *folder, const FolderEnds *ends, int64_t idle_ms,
                           int64_t now_ms)
{
    int64_t ended_ms = MAX(ends->failed.wall_ms, ends->done.wall_ms);

    if (folder->quiet_end)
        return now_ms;
    return now_ms - CLAMP(ends->wall_ms - ended_ms, 0, idle_ms);
}

bool news_see_ends(FolderMemory *folder, const FolderEnds *ends, int64_t idle_ms, int64_t now_ms)
{
    folder->newest_failed = ends->failed.number;
    folder->newest_done = ends->done.number;
    int64_t newest = newest_end(folder);
    if (newest != folder->quiet_end || ends->unfinished) {
        folder->quiet_ms = ends->unfinished ? now_ms : quiet_since(folder, ends, idle_ms, now_ms);
        folder->quiet_end = newest;
    }
    if (!news_is_batch(folder) || ends->unfinished || now_ms - folder->quiet_ms < idle_ms)
        return false;
    folder->batch = newest;
    return true;
}

unsigned news_of_folder(const FolderMemory *folder, unsigned on, int64_t now_ms)
{
    unsigned kinds = has_other_state(folder, now_ms) ? kind_of_state(folder) : 0;

    if (!folder->here)
        return 0;
    if (folder->failed != MEMORY_NONE && folder->newest_failed > folder->failed)
        kinds |= 1U << NOTICE_FAILED;
    if (folder->done != MEMORY_NONE && folder->newest_done > folder->done)
        kinds |= 1U << NOTICE_DONE;
    if (folder->batch)
        kinds |= 1U << NOTICE_IDLE;
    return kinds & on;
}

/* ---- cards ---- */

bool news_is_card(const Memory *memory, const CardRecord *record)
{
    const CardMemory *card = memory_find_card(memory, record->id);

    if (!memory->knows_cards || record->state == CARD_READING)
        return false;
    return !card || card->ended_ms != record->ended_ms ||
           strcmp(card->state, card_state_word(record->state)) != 0;
}

void news_see_cards(Memory *memory, const GPtrArray *records)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

    for (guint i = 0; i < records->len; i++) {
        const CardRecord *record = records->pdata[i];
        const CardMemory *known = memory_find_card(memory, record->id);
        const char *state = card_state_word(record->state);
        bool is_read = record->state == CARD_READING && known && strcmp(known->state, state) != 0;
        if (!memory->knows_cards || is_read)
            memory_keep_card(memory, record->id, record->ended_ms, state);
        g_array_append_val(ids, record->id);
    }
    memory->changed |= !memory->knows_cards;
    memory->knows_cards = true;
    memory_retain_cards(memory, ids);
}

/* ---- what is sent ---- */

static void folder_news_clear(FolderNews *folder)
{
    g_clear_pointer(&folder->folder, g_free);
    g_clear_pointer(&folder->reason, g_free);
}

static void card_news_clear(CardNews *card)
{
    g_clear_pointer(&card->name, g_free);
    g_clear_pointer(&card->verdict, g_free);
    g_clear_pointer(&card->reason, g_free);
}

void news_init(News *news)
{
    *news = (News){ .folders = g_array_new(FALSE, FALSE, sizeof(FolderNews)),
                    .pictures = ledger_entries_new(),
                    .cards = g_array_new(FALSE, FALSE, sizeof(CardNews)),
                    .since_wall_ms = CLOCK_NEVER };
    g_array_set_clear_func(news->folders, (GDestroyNotify) folder_news_clear);
    g_array_set_clear_func(news->cards, (GDestroyNotify) card_news_clear);
}

void news_clear(News *news)
{
    g_clear_pointer(&news->folders, g_array_unref);
    g_clear_pointer(&news->pictures, g_array_unref);
    g_clear_pointer(&news->cards, g_array_unref);
}

bool news_is_empty(const News *news)
{
    return !news->folders->len && !news->cards->len && !news->is_test;
}

void news_add_card(News *news, const CardRecord *record)
{
    CardNews card = { .id = record->id,
                      .ended_ms = record->ended_ms,
                      .state = record->state,
                      .name = g_strdup(record->name ? record->name : ""),
                      .verdict = g_strdup(record->verdict),
                      .reason = g_strdup(record->reason),
                      .files = record->files,
                      .done = record->done };

    g_array_append_val(news->cards, card);
    news->since_wall_ms =
        MIN(news->since_wall_ms, record->ended_ms ? record->ended_ms : record->began_ms);
}

static void folder_sent(FolderMemory *folder, const FolderNews *news)
{
    if (news->kinds & 1U << NOTICE_FAILED)
        folder->failed = news->until;
    if (news->kinds & 1U << NOTICE_DONE)
        folder->done = news->until;
    if (news->kinds & (1U << NOTICE_HELD | 1U << NOTICE_RESUMED))
        folder->held = news->is_held;
    if (!(news->kinds & 1U << NOTICE_IDLE))
        return;
    folder->idle = news->batch;
    if (folder->batch == news->batch)
        folder->batch = 0;
}

void news_sent(Memory *memory, const News *news, int64_t wall_ms)
{
    for (guint i = 0; i < news->folders->len; i++) {
        const FolderNews *sent = &g_array_index(news->folders, FolderNews, i);
        FolderMemory *folder = memory_find(memory, sent->folder);
        if (folder)
            folder_sent(folder, sent);
    }
    for (guint i = 0; i < news->cards->len; i++) {
        const CardNews *card = &g_array_index(news->cards, CardNews, i);
        memory_keep_card(memory, card->id, card->ended_ms, card_state_word(card->state));
    }
    memory->sent_wall_ms = wall_ms;
    memory->changed = true;
}
