/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/look.h"

#include "daemon/ledger/answers.h"

enum { PICTURES_MAX = 20 }; /* that a digest names */

/* ---- looking ---- */

static bool is_out_of_order(HealthState state)
{
    return state == HEALTH_HELD || state == HEALTH_UNAVAILABLE;
}

static bool is_held(const Look *look, const FolderMemory *folder)
{
    if (!*folder->folder)
        return look->ledger_reason;
    return is_out_of_order(health_get(look->health, folder->folder, NULL));
}

static bool ask_newest(const Look *look, const char *folder, FolderEnds *ends)
{
    g_autoptr(Error) later = NULL;

    return ledger_newest_end(look->ledger, folder, LEDGER_FAILED, &ends->failed, &later) &&
           ledger_newest_end(look->ledger, folder, LEDGER_DONE, &ends->done, &later);
}

static bool ask_unfinished(const Look *look, const char *folder, bool *unfinished)
{
    g_autoptr(Error) later = NULL;
    LedgerCounts counts = { 0 };

    if (!ledger_count(look->ledger, folder, &counts, &later))
        return false;
    *unfinished = counts.queued || ledger_in_progress(&counts);
    return true;
}

/* False where the ledger did not answer. */
static bool see_ends(const Look *look, Memory *memory, FolderMemory *folder, bool ended)
{
    FolderEnds ends = {
        { folder->newest_failed, 0 }, { folder->newest_done, 0 }, false, look->wall_ms
    };

    if (ended && !ask_newest(look, folder->folder, &ends))
        return false;
    folder->newest_failed = ends.failed.number;
    folder->newest_done = ends.done.number;
    if (news_is_batch(folder) && !ask_unfinished(look, folder->folder, &ends.unfinished))
        return false;
    memory->changed |= news_see_ends(folder, &ends, look->notice->idle_ms, look->now_ms);
    return true;
}

bool look_around(const Look *look, Memory *memory, int64_t *asked_end)
{
    int64_t last_end = ledger_last_end(look->ledger);
    bool ended = last_end != *asked_end, all = true, any = false;

    for (guint i = 0; i < memory->folders->len; i++) {
        FolderMemory *folder = &g_array_index(memory->folders, FolderMemory, i);
        if (!folder->here)
            continue;
        news_see_state(folder, is_held(look, folder), look->now_ms);
        memory->changed |= news_skip_state(folder, look->notice->on, look->now_ms);
        if (*folder->folder && (ended || news_is_batch(folder)))
            all &= see_ends(look, memory, folder, ended);
        any |= news_of_folder(folder, look->notice->on, look->now_ms) != 0;
    }
    if (all)
        *asked_end = last_end;
    return any;
}

/* ---- collecting ---- */

static void begin_at(News *news, int64_t wall_ms)
{
    if (wall_ms > 0)
        news->since_wall_ms = MIN(news->since_wall_ms, wall_ms);
}

static void collect_state(const Look *look, const FolderMemory *folder, FolderNews *found,
                          News *news)
{
    int64_t since_ms = folder->held_ms;

    found->is_held = folder->is_held;
    found->state = health_word(folder->is_held ? HEALTH_HELD : HEALTH_AVAILABLE);
    if (!*folder->folder) {
        found->reason = g_strdup(look->ledger_reason);
    } else if (folder->is_held) {
        HealthState state = health_get(look->health, folder->folder, &found->reason);
        if (is_out_of_order(state))
            found->state = health_word(state);
        since_ms = MIN(since_ms, health_since(look->health, folder->folder));
    }
    found->held_wall_ms = look->wall_ms - (look->now_ms - (since_ms ? since_ms : look->now_ms));
    begin_at(news, found->held_wall_ms);
}

/* How many ended in this state; -1: the ledger does not answer. */
static int64_t count(const Look *look, const LedgerEnds *ends, int64_t *first_wall_ms)
{
    g_autoptr(Error) later = NULL;
    int64_t pictures = 0;

    return ledger_count_ends(look->ledger, ends, &pictures, first_wall_ms, &later) ? pictures : -1;
}

static void collect_failed(const Look *look, const FolderMemory *folder, FolderNews *found,
                           News *news)
{
    const LedgerEnds ends = { folder->folder, LEDGER_FAILED, folder->failed, found->until };
    g_autoptr(Error) later = NULL;

    found->failed = count(look, &ends, &found->failed_wall_ms);
    if (found->failed <= 0) {
        found->failed = 0;
        found->kinds &= ~(1U << NOTICE_FAILED);
        return;
    }
    begin_at(news, found->failed_wall_ms);
    if (news->pictures->len < PICTURES_MAX)
        ledger_list_ends(look->ledger, &ends, PICTURES_MAX - (int) news->pictures->len,
                         news->pictures, &later);
}

static void collect_done(const Look *look, const FolderMemory *folder, FolderNews *found,
                         News *news)
{
    const LedgerEnds ends = { folder->folder, LEDGER_DONE, folder->done, found->until };

    found->done = count(look, &ends, &found->done_wall_ms);
    if (found->done <= 0) {
        found->done = 0;
        found->kinds &= ~(1U << NOTICE_DONE);
        return;
    }
    begin_at(news, found->done_wall_ms);
}

/* One whose pictures are all being tried again is none. */
static void collect_batch(const Look *look, FolderMemory *folder, FolderNews *found, News *news)
{
    const LedgerEnds done = { folder->folder, LEDGER_DONE, folder->idle, folder->batch };
    const LedgerEnds failed = { folder->folder, LEDGER_FAILED, folder->idle, folder->batch };
    int64_t done_ms = 0, failed_ms = 0;

    found->batch = folder->batch;
    found->batch_done = count(look, &done, &done_ms);
    found->batch_failed = count(look, &failed, &failed_ms);
    bool is_known = found->batch_done >= 0 && found->batch_failed >= 0;
    if (!is_known || (!found->batch_done && !found->batch_failed)) {
        found->kinds &= ~(1U << NOTICE_IDLE);
        folder->batch = is_known ? 0 : folder->batch;
        return;
    }
    begin_at(news, done_ms);
    begin_at(news, failed_ms);
}

static void collect_folder(const Look *look, FolderMemory *folder, FolderNews *found, News *news)
{
    if (found->kinds & (1U << NOTICE_HELD | 1U << NOTICE_RESUMED))
        collect_state(look, folder, found, news);
    if (found->kinds & 1U << NOTICE_FAILED)
        collect_failed(look, folder, found, news);
    if (found->kinds & 1U << NOTICE_DONE)
        collect_done(look, folder, found, news);
    if (found->kinds & 1U << NOTICE_IDLE)
        collect_batch(look, folder, found, news);
}

bool look_collect(const Look *look, Memory *memory, News *news)
{
    int64_t until = ledger_last_end(look->ledger);
    bool all = true;

    for (guint i = 0; i < memory->folders->len; i++) {
        FolderMemory *folder = &g_array_index(memory->folders, FolderMemory, i);
        unsigned kinds = news_of_folder(folder, look->notice->on, look->now_ms);
        FolderNews found = { .folder = g_strdup(folder->folder), .kinds = kinds, .until = until };
        collect_folder(look, folder, &found, news);
        all &= found.kinds == kinds;
        if (found.kinds)
            g_array_append_val(news->folders, found);
        else
            g_free(found.folder);
    }
    return all;
}
