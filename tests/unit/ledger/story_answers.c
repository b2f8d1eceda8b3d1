/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what the ledger tells people with the reference. */
#include <string.h>

#include "tests/unit/ledger/story.h"

enum { LIMIT = 1000, PAGE = 3 };

static ReferenceRow *reference_row(Story *story, int64_t id)
{
    ReferenceRow *row = reference_by_id(story->reference, id);

    if (!row)
        differs(story, "the ledger has row %" G_GINT64_FORMAT " still", id);
    return row;
}

static bool has_made(const ReferenceRow *row)
{
    return row->row.state == LEDGER_PUBLISHING || row->row.state == LEDGER_DONE;
}

static void check_end(Story *story, const LedgerEntry *is, const ReferenceRow *should)
{
    LedgerOriginal original = should->present       ? ORIGINAL_STAYS
                              : should->row.missing ? ORIGINAL_MISSING
                                                    : ORIGINAL_MOVED;

    check_number(story, "original", is->original, original);
    check_number(story, "unmoved", is->unmoved, should->dir != NULL);
    check_text(story, "report", is->report, should->report);
    check_number(story, "duplicate", is->duplicate, should->duplicate);
    check_text(story, "cancelled by", is->cancelled_by, should->cancelled_by);
    if (should->cancelled_by)
        check_number(story, "cancelled as", is->cancelled_why, should->cancelled_why);
}

static void check_entry(Story *story, const LedgerEntry *is)
{
    const ReferenceRow *should = reference_row(story, is->row.id);
    bool waits = !ledger_has_ended(should->row.state) && should->retry_ms;

    check_row(story, &is->row, should);
    check_number(story, "present", is->present, should->present);
    check_number(story, "held", is->held, should->held);
    check_time(story, "retry", is->retry_ms,
               waits ? MAX(should->retry_ms - story->reference->now_ms, 0) : 0);
    check_text(story, "reason", is->why ? is->why->what : NULL,
               should->why ? should->why->what : NULL);
    check_text(story, "profile", is->profile, should->profile);
    check_number(story, "hash of the profile", is->profile_hash == UINT64_MAX,
                 should->profile != NULL);
    check_number(story, "outputs", is->outputs, has_made(should) ? should->outputs->len : 0);
    check_end(story, is, should);
}

static bool is_of(const ReferenceRow *row, const char *folder, const char *source)
{
    return (!folder || !strcmp(row->row.folder, folder)) &&
           (!source || !strcmp(row->row.source, source));
}

static void check_history(Story *story, const char *folder, const char *source)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const GPtrArray *rows = story->reference->rows;
    g_autoptr(Error) error = NULL;
    int64_t should = 0;

    check_done(story, ledger_history(story->ledger, folder, source, LIMIT, entries, &error), error);
    for (guint i = 0; i < rows->len; i++)
        should += is_of(rows->pdata[i], folder, source);
    check_number(story, "history of a name", entries->len, should);
    for (guint i = 0; i < entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i);

        check_entry(story, entry);
        check_text(story, "source", entry->row.source, source);
        if (i && entry->row.id > (entry - 1)->row.id)
            differs(story, "the history does not begin with the newest");
    }
}

/* ---- the list ---- */

static bool fits(const ReferenceRow *row, const LedgerQuery *query)
{
    if (!is_of(row, query->folder, NULL) ||
        (query->states && !(query->states & 1U << row->row.state)))
        return false;
    return !query->reason ||
           (row->why && (!strcmp(error_kind_word(row->why->kind), query->reason) ||
                         strstr(row->why->what, query->reason)));
}

static void check_order(Story *story, const GArray *entries)
{
    for (guint i = 1; i < entries->len; i++) {
        const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, i), *before = entry - 1;

        if (entry->changed_wall_ms > before->changed_wall_ms ||
            (entry->changed_wall_ms == before->changed_wall_ms && entry->row.id >= before->row.id))
            differs(story, "the list does not begin with the newest, or names a row twice");
    }
}

/* Page by page. */
static void list_all(Story *story, LedgerQuery *query, GArray *entries)
{
    g_autoptr(Error) error = NULL;
    guint before = 0;

    do {
        before = entries->len;
        if (before) {
            const LedgerEntry *last = &g_array_index(entries, LedgerEntry, before - 1);

            query->before_wall_ms = last->changed_wall_ms;
            query->before_id = last->row.id;
        }
        check_done(story, ledger_list(story->ledger, query, entries, &error), error);
    } while (entries->len > before);
}

static void check_list(Story *story)
{
    static const char *const reasons[] = { NULL, NULL, "picture", "REASON 1", "reason" };
    LedgerQuery query = { .folder = pick(story, 2) ? some_folder(story) : NULL,
                          .states = pick(story, 2) ? (unsigned) pick(story, 1 << LEDGER_STATES) : 0,
                          .reason = reasons[pick(story, G_N_ELEMENTS(reasons))],
                          .limit = PAGE };
    const GPtrArray *rows = story->reference->rows;
    g_autofree char *lower = query.reason ? g_ascii_strdown(query.reason, -1) : NULL;
    g_autoptr(GArray) entries = ledger_entries_new();
    int64_t should = 0;

    list_all(story, &query, entries);
    check_order(story, entries);
    query.reason = lower;
    for (guint i = 0; i < rows->len; i++)
        should += fits(rows->pdata[i], &query);
    check_number(story, "entries of the list", entries->len, should);
    for (guint i = 0; i < entries->len; i++)
        if (!fits(reference_row(story, g_array_index(entries, LedgerEntry, i).row.id), &query))
            differs(story, "an entry does not fit the query");
}

/* ---- outputs, directories, the oldest ---- */

static bool makes(const ReferenceRow *row, const char *path)
{
    for (guint i = 0; i < row->outputs->len; i++)
        if (!strcmp(g_array_index(row->outputs, LedgerOutput, i).path, path))
            return has_made(row) || row->row.state == LEDGER_CANCELLED ||
                   row->row.state == LEDGER_SUPERSEDED;
    return false;
}

static void check_made(Story *story, const char *folder)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    const GPtrArray *rows = story->reference->rows;
    g_autoptr(Error) error = NULL;
    int64_t should = 0;

    check_done(story, ledger_made(story->ledger, folder, "x.jpg", LIMIT, entries, &error), error);
    for (guint i = 0; i < rows->len; i++)
        should += is_of(rows->pdata[i], folder, NULL) && makes(rows->pdata[i], "x.jpg");
    check_number(story, "makers of x.jpg", entries->len, should);
    for (guint i = 0; i < entries->len; i++)
        check_entry(story, &g_array_index(entries, LedgerEntry, i));
}

static void check_summary(Story *story, const char *folder)
{
    const GPtrArray *rows = story->reference->rows;
    LedgerCounts is = { 0 };
    g_autoptr(Error) error = NULL;
    int64_t all = 0, failed = 0;

    check_done(story, ledger_summary(story->ledger, folder, "w", &is, &error), error);
    for (guint i = 0; i < rows->len; i++) {
        const ReferenceRow *row = rows->pdata[i];
        bool below = is_of(row, folder, NULL) && g_str_has_prefix(row->row.source, "w/");

        all += below;
        failed += below && row->row.state == LEDGER_FAILED;
    }
    check_number(story, "rows below w/",
                 is.queued + ledger_in_progress(&is) + is.done + is.failed + is.cancelled +
                     is.superseded,
                 all);
    check_number(story, "failed below w/", is.failed, failed);
}

static void check_oldest(Story *story, const char *folder)
{
    const GPtrArray *rows = story->reference->rows;
    const ReferenceRow *oldest = NULL;
    g_autofree char *is = NULL;
    g_autoptr(Error) error = NULL;
    int64_t since = 0;

    for (guint i = 0; i < rows->len; i++) {
        const ReferenceRow *row = rows->pdata[i];

        if (is_of(row, folder, NULL) && !row->held && !ledger_has_ended(row->row.state) &&
            (!oldest || row->row.id < oldest->row.id))
            oldest = row;
    }
    check_done(story, ledger_oldest_queued(story->ledger, folder, &is, &since, &error), error);
    check_text(story, "the oldest", is, oldest ? oldest->row.source : NULL);
    check_number(story, "its arrival is known", since != 0, oldest != NULL);
}

static void check_pauses(Story *story)
{
    g_autoptr(GArray) pauses = g_array_new(FALSE, FALSE, sizeof(LedgerPause));
    g_autoptr(Error) error = NULL;
    guint at = 0;

    g_array_set_clear_func(pauses, (GDestroyNotify) ledger_pause_clear);
    check_done(story, ledger_paused(story->ledger, pauses, &error), error);
    for (guint i = 0; i <= REFERENCE_FOLDERS; i++) {
        guint which = i ? i - 1 : REFERENCE_FOLDERS; /* "" comes first */

        if (!story->reference->paused[which])
            continue;
        if (at == pauses->len)
            differs(story, "the ledger has forgotten a pause");
        const LedgerPause *pause = &g_array_index(pauses, LedgerPause, at++);
        check_text(story, "paused", pause->folder,
                   which < REFERENCE_FOLDERS ? reference_folders[which] : "");
        check_text(story, "paused by", pause->who, story->reference->paused[which]);
    }
    check_number(story, "pauses", pauses->len, at);
}

void check_answers(Story *story)
{
    const char *folder = some_folder(story);

    check_history(story, folder, some_source(story));
    check_list(story);
    check_made(story, folder);
    check_summary(story, folder);
    check_oldest(story, folder);
    check_pauses(story);
}
