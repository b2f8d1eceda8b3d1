/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the reference that are due, and those that were taken. */
#include <string.h>

#include "tests/unit/ledger/reference_internal.h"

/* ---- what is due ---- */

static bool is_due_state(LedgerState state)
{
    return state == LEDGER_QUEUED || state == LEDGER_PUBLISHING || state == LEDGER_FAILING;
}

static bool is_due(const Reference *reference, const ReferenceRow *row, const LedgerTake *take)
{
    return reference_is_in(row, take->folder) && is_due_state(row->row.state) && !row->held &&
           row->row.alone <= take->alone && (row->retry_ms > 0) == take->retries &&
           row->retry_ms <= reference->now_ms;
}

static int compare_order(const ReferenceRow *a, const ReferenceRow *b, Order order)
{
    bool a_held = a->place != a->arrived, b_held = b->place != b->arrived;

    if (order == ORDER_OLDEST || (a_held && b_held))
        return reference_compare(a->place, b->place);
    if (a_held != b_held)
        return a_held - b_held;
    int by_name = order == ORDER_NAME ? strcmp(a->row.source, b->row.source) : 0;
    int by_arrival = reference_compare(a->arrived, b->arrived);
    return by_name ? by_name : order == ORDER_NEWEST ? -by_arrival : by_arrival;
}

static gint by_turn(gconstpointer one, gconstpointer other, gpointer data)
{
    const ReferenceRow *a = *(ReferenceRow *const *) one, *b = *(ReferenceRow *const *) other;
    const LedgerTake *take = data;
    int by_time = reference_compare(a->retry_ms, b->retry_ms);

    return by_time ? by_time : compare_order(a, b, take->retries ? ORDER_OLDEST : take->order);
}

static GPtrArray *first(GPtrArray *rows, int limit)
{
    if ((int) rows->len > limit)
        g_ptr_array_set_size(rows, limit);
    return rows;
}

GPtrArray *reference_take(const Reference *reference, const LedgerTake *take)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < reference->rows->len; i++)
        if (is_due(reference, reference_at(reference, i), take))
            g_ptr_array_add(rows, reference_at(reference, i));
    g_ptr_array_sort_with_data(rows, by_turn, (gpointer) (guintptr) take);
    return first(rows, take->limit);
}

bool reference_is_unmoved(const ReferenceRow *row, const char *folder)
{
    return row->dir && reference_is_in(row, folder) &&
           (row->row.state == LEDGER_DONE || row->row.state == LEDGER_FAILED);
}

static gint by_move(gconstpointer one, gconstpointer other)
{
    const ReferenceRow *a = *(ReferenceRow *const *) one, *b = *(ReferenceRow *const *) other;
    int by_time = reference_compare(a->move_ms, b->move_ms);

    return by_time ? by_time : reference_compare(a->row.id, b->row.id);
}

GPtrArray *reference_unmoved_take(const Reference *reference, const char *folder, int limit)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (reference_is_unmoved(row, folder) && !row->held && row->move_ms <= reference->now_ms)
            g_ptr_array_add(rows, row);
    }
    g_ptr_array_sort(rows, by_move);
    return first(rows, limit);
}

void reference_hold(ReferenceRow *row, int64_t token)
{
    row->held = true;
    row->row.token = token;
    row->takes++;
}

int64_t reference_next_due(const Reference *reference, const char *folder)
{
    int64_t now_ms = reference->now_ms, next_ms = INT64_MAX;

    for (guint i = 0; i < reference->rows->len; i++) {
        const ReferenceRow *row = reference_at(reference, i);

        if (row->held || !reference_is_in(row, folder))
            continue;
        if (is_due_state(row->row.state) && row->retry_ms > now_ms)
            next_ms = MIN(next_ms, row->retry_ms);
        if (reference_is_unmoved(row, folder) && row->move_ms > now_ms)
            next_ms = MIN(next_ms, row->move_ms);
    }
    return next_ms == INT64_MAX ? INT64_MAX : next_ms - now_ms;
}

int reference_recover(Reference *reference)
{
    int recovered = 0;

    reference->run_numbers = 0;
    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        reference_give_back(row);
        row->move_ms = 0;
        if (row->row.state != LEDGER_PROCESSING)
            continue;
        recovered++;
        reference_set_state(row, LEDGER_QUEUED);
        row->row.alone = true;
        reference_queue_first(row);
    }
    return recovered;
}

/* ---- a row that was taken ---- */

static void set_content(ReferenceRow *row, const FileId *file)
{
    memcpy(row->row.file.hash, file->hash, sizeof(file->hash));
    memcpy(row->row.file.keyed, file->keyed, sizeof(file->keyed));
}

/* NULL: it is another one's, or gone. */
static ReferenceRow *ours(const Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    return is && is->held && is->row.token == row->token ? is : NULL;
}

static ReferenceRow *ours_in(const Reference *reference, const LedgerRow *row, LedgerState state,
                             LedgerState or_state)
{
    ReferenceRow *is = ours(reference, row);

    return is && (is->row.state == state || is->row.state == or_state) ? is : NULL;
}

static ReferenceRow *find_claim(const Reference *reference, const LedgerRow *row)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (reference_at(reference, i)->claims &&
            reference_is_in(reference_at(reference, i), row->folder) &&
            !memcmp(reference_at(reference, i)->claimed, row->file.keyed, sizeof(row->file.keyed)))
            return reference_at(reference, i);
    return NULL;
}

/* Of several rows in this state any will do. */
static ReferenceRow *find_made(const Reference *reference, const LedgerRow *row, LedgerState state,
                               bool keyed, int64_t named)
{
    ReferenceRow *found = NULL;

    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *other = reference_at(reference, i);

        if (other->row.state == state && reference_is_in(other, row->folder) &&
            other->row.id != row->id && fileid_same_content(&other->row.file, &row->file) &&
            (other->row.file.keyed[0] != 0) == keyed && (!found || other->row.id == named))
            found = other;
    }
    return found;
}

/* Those with a key come first, and of them those that are done. */
static ReferenceRow *find_without_claim(const Reference *reference, const LedgerRow *row,
                                        int64_t named)
{
    static const LedgerState states[] = { LEDGER_DONE, LEDGER_PROCESSING, LEDGER_PUBLISHING };
    ReferenceRow *found = NULL;

    for (guint i = 0; i < 2 * G_N_ELEMENTS(states) && !found; i++) {
        bool keyed = i < G_N_ELEMENTS(states);
        LedgerState state = states[i % G_N_ELEMENTS(states)];

        found = find_made(reference, row, state, keyed, named);
    }
    return found;
}

void reference_find_duplicate(const Reference *reference, const LedgerRow *row, int64_t named,
                              DuplicateState *state, ReferenceRow **other)
{
    *other = find_claim(reference, row);
    if (!*other)
        *other = find_without_claim(reference, row, named);
    *state = DUPLICATE_NONE;
    if (*other)
        *state = (*other)->row.state == LEDGER_DONE ? DUPLICATE_DONE : DUPLICATE_IN_PROGRESS;
}

bool reference_begin(Reference *reference, const LedgerRow *row, bool asks, DuplicateState state,
                     ReferenceRow *other)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_QUEUED, LEDGER_QUEUED), *claims = other;

    if (!is || (asks && state == DUPLICATE_IN_PROGRESS))
        return is;
    reference_set_state(is, LEDGER_PROCESSING);
    is->row.attempt = row->attempt;
    set_content(is, &row->file);
    if (!asks)
        return true;
    if (!claims)
        claims = is;
    claims->claims = true;
    memcpy(claims->claimed, row->file.keyed, sizeof(claims->claimed));
    return true;
}

bool reference_ask(const Reference *reference, LedgerRow *row)
{
    const ReferenceRow *is = ours(reference, row);

    if (is)
        row->state = is->row.state;
    return is;
}

bool reference_release(Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = ours(reference, row);

    if (!is || is->row.state == LEDGER_PROCESSING)
        return false;
    reference_give_back(is);
    return true;
}

static void wait_for(Reference *reference, ReferenceRow *row, int64_t delay_ms)
{
    reference_queue_first(row);
    if (delay_ms == LEDGER_BEHIND)
        row->place = ++reference->places;
    else if (delay_ms > 0)
        row->retry_ms = reference->now_ms + delay_ms;
}

bool reference_defer(Reference *reference, const LedgerRow *row, int64_t delay_ms, bool spend,
                     CrashCause crash, const Error *why)
{
    bool goes_on = row->state == LEDGER_PUBLISHING || row->state == LEDGER_FAILING;
    ReferenceRow *is = goes_on ? ours_in(reference, row, LEDGER_PUBLISHING, LEDGER_FAILING)
                               : ours_in(reference, row, LEDGER_QUEUED, LEDGER_PROCESSING);

    if (!is)
        return false;
    is->held = false;
    wait_for(reference, is, delay_ms);
    reference_set_why(is, why);
    if (goes_on)
        return true;
    reference_set_state(is, LEDGER_QUEUED);
    is->row.attempt = row->attempt - (spend ? 0 : 1);
    is->row.crashes += crash != CRASH_NONE;
    is->row.alone = crash == CRASH_UNKNOWN;
    return true;
}

static void set_outputs(ReferenceRow *row, const GArray *outputs)
{
    g_array_set_size(row->outputs, 0);
    for (guint i = 0; i < outputs->len; i++) {
        LedgerOutput output = g_array_index(outputs, LedgerOutput, i);

        output.path = g_strdup(output.path);
        output.hidden = g_strdup(output.hidden);
        g_array_append_val(row->outputs, output);
    }
}

bool reference_stage(Reference *reference, const LedgerRow *row, const GArray *outputs)
{
    ReferenceRow *is = ours(reference, row);

    if (!is || !ledger_is_in_progress(is->row.state))
        return false;
    set_outputs(is, outputs);
    return true;
}

bool reference_publish(Reference *reference, const LedgerRow *row, const GArray *outputs,
                       const ProfileText *profile)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_PROCESSING, LEDGER_PUBLISHING);

    if (!is)
        return false;
    reference_set_state(is, LEDGER_PUBLISHING);
    g_free(is->profile);
    is->profile = g_strdup(profile ? profile->name : NULL);
    set_outputs(is, outputs);
    return true;
}

static void end(const Reference *reference, ReferenceRow *row, LedgerState state,
                LedgerOriginal original, const Error *why)
{
    reference_set_state(row, state);
    row->present = original == ORIGINAL_STAYS;
    row->row.missing = original == ORIGINAL_MISSING;
    row->held = false;
    row->ended_ms = reference->now_ms;
    reference_set_why(row, why);
}

/* Those of its content that were done before under its name. */
static void supersede(const Reference *reference, const ReferenceRow *by)
{
    for (guint i = 0; by->row.remake && i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (row == by || row->row.state != LEDGER_DONE || row->present || row->held ||
            strcmp(row->row.folder, by->row.folder) != 0 ||
            strcmp(row->row.source, by->row.source) != 0 ||
            !fileid_same_content(&row->row.file, &by->row.file))
            continue;
        reference_set_state(row, LEDGER_SUPERSEDED);
        row->row.missing = false;
    }
}

bool reference_done(Reference *reference, const LedgerRow *row, LedgerOriginal original,
                    bool duplicate)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_PROCESSING, LEDGER_PUBLISHING);

    if (!is)
        return false;
    end(reference, is, LEDGER_DONE, original, NULL);
    supersede(reference, is);
    is->duplicate = duplicate;
    reference->duplicates[reference_folder(is->row.folder)] += duplicate;
    return true;
}

static ReferenceRow *ours_unfinished(const Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = ours(reference, row);

    return is && !ledger_has_ended(is->row.state) ? is : NULL;
}

bool reference_begin_failing(Reference *reference, const LedgerRow *row, const Error *why)
{
    ReferenceRow *is = ours_unfinished(reference, row);

    if (!is)
        return false;
    reference_set_state(is, LEDGER_FAILING);
    reference_queue_first(is);
    is->row.attempt = row->attempt;
    set_content(is, &row->file);
    reference_set_why(is, why);
    return true;
}

bool reference_fail(Reference *reference, const LedgerRow *row, LedgerOriginal original,
                    const Error *why)
{
    ReferenceRow *is = ours_unfinished(reference, row);

    if (!is)
        return false;
    end(reference, is, LEDGER_FAILED, original, why);
    return true;
}

bool reference_requeue(Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_PUBLISHING, LEDGER_PUBLISHING);

    if (!is)
        return false;
    reference_set_state(is, LEDGER_QUEUED);
    reference_queue_first(is);
    return true;
}

bool reference_forget(Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_QUEUED, LEDGER_PROCESSING);

    return is && g_ptr_array_remove(reference->rows, is);
}

/* ---- originals that could not be moved ---- */

/* The first try of one postpones no other that is due. */
static void postpone(const Reference *reference, const ReferenceRow *by, bool first,
                     int64_t next_ms)
{
    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (reference_is_in(row, by->row.folder) && !g_strcmp0(row->dir, by->dir) &&
            row->move_ms >= 0 && !(first && row->move_ms <= reference->now_ms))
            row->move_ms = MAX(row->move_ms, next_ms);
    }
}

bool reference_unmoved_keep(const Reference *reference, const LedgerRow *row, const char *dir,
                            bool shut, const char *fix, int64_t delay_ms)
{
    ReferenceRow *is = ours(reference, row);
    int64_t next_ms = reference->now_ms + delay_ms;

    if (!is)
        return false;
    bool first = !is->dir, stays_due = is->dir && is->move_ms < 0;
    g_free(is->dir);
    g_free(is->fix);
    is->dir = g_strdup(dir);
    is->fix = g_strdup(fix);
    is->move_ms = stays_due ? 0 : next_ms;
    if (shut && !stays_due)
        postpone(reference, is, first, next_ms);
    return true;
}

bool reference_unmoved_forget(Reference *reference, const LedgerRow *row, LedgerOriginal original)
{
    ReferenceRow *is = ours_in(reference, row, LEDGER_DONE, LEDGER_FAILED);

    if (!is)
        return false;
    is->held = is->put_back = false;
    g_clear_pointer(&is->dir, g_free);
    g_clear_pointer(&is->fix, g_free);
    if (original != ORIGINAL_STAYS) {
        is->present = false;
        is->row.missing = original == ORIGINAL_MISSING;
    }
    return true;
}

/* It replaces that of a picture that had the same name before. */
bool reference_unmoved_set_report(const Reference *reference, const LedgerRow *row,
                                  const char *report)
{
    ReferenceRow *is = ours(reference, row);

    if (!is)
        return false;
    g_clear_pointer(&is->report, g_free);
    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *other = reference_at(reference, i);

        if (reference_is_in(other, is->row.folder) && !g_strcmp0(other->report, report))
            g_clear_pointer(&other->report, g_free);
    }
    is->report = g_strdup(report);
    return true;
}

static bool is_below(const char *dir, const char *top)
{
    size_t length = strlen(top);

    return !length || (!strncmp(dir, top, length) && (!dir[length] || dir[length] == '/'));
}

void reference_unmoved_make_due(Reference *reference, const char *folder, const char *dir,
                                bool *must, bool *may)
{
    *must = *may = false;
    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (!row->dir || !reference_is_in(row, folder) || !is_below(row->dir, dir))
            continue;
        *must |= row->move_ms > reference->now_ms && ledger_has_ended(row->row.state);
        *may |= row->move_ms > 0 || row->held;
        row->move_ms = row->held ? -1 : MIN(row->move_ms, 0);
    }
}
