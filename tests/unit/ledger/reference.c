/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the reference, what the intake adds to them, and what they answer. */
#include <string.h>

#include "base/clock.h"
#include "daemon/files/filename.h"
#include "tests/unit/ledger/reference_internal.h"

const char *const reference_folders[REFERENCE_FOLDERS] = { "inbox", "second" };

/* ---- rows ---- */

int reference_folder(const char *name)
{
    return strcmp(name, reference_folders[0]) != 0;
}

ReferenceRow *reference_at(const Reference *reference, guint index)
{
    return reference->rows->pdata[index];
}

static void row_free(void *data)
{
    ReferenceRow *row = data;

    ledger_row_clear(&row->row);
    g_clear_pointer(&row->why, error_free);
    g_array_unref(row->outputs);
    g_free(row->dir);
    g_free(row->fix);
    g_free(row->report);
    g_free(row->cancelled_by);
    g_free(row->profile);
    g_free(row);
}

Reference *reference_new(void)
{
    Reference *reference = g_new0(Reference, 1);

    reference->rows = g_ptr_array_new_with_free_func(row_free);
    reference->now_ms = 1; /* 0 is no time */
    return reference;
}

void reference_free(Reference *reference)
{
    g_ptr_array_unref(reference->rows);
    for (guint i = 0; i < G_N_ELEMENTS(reference->paused); i++)
        g_free(reference->paused[i]);
    g_free(reference);
}

ReferenceRow *reference_by_id(const Reference *reference, int64_t id)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (reference_at(reference, i)->row.id == id)
            return reference_at(reference, i);
    return NULL;
}

bool reference_is_in(const ReferenceRow *row, const char *folder)
{
    return !folder || !strcmp(row->row.folder, folder);
}

static bool has_key(const ReferenceRow *row, const char *folder, const char *source)
{
    return reference_is_in(row, folder) && !strcmp(row->row.source, source);
}

ReferenceRow *reference_find(const Reference *reference, const char *folder, const char *source)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (reference_at(reference, i)->present &&
            has_key(reference_at(reference, i), folder, source))
            return reference_at(reference, i);
    return NULL;
}

void reference_set_state(ReferenceRow *row, LedgerState state)
{
    row->row.state = state;
    if (state == LEDGER_QUEUED || state == LEDGER_FAILING || state == LEDGER_FAILED ||
        state == LEDGER_CANCELLED || state == LEDGER_SUPERSEDED)
        row->claims = false;
}

void reference_set_why(ReferenceRow *row, const Error *why)
{
    g_clear_pointer(&row->why, error_free);
    row->why = why ? error_copy(why) : NULL;
}

void reference_queue_first(ReferenceRow *row)
{
    row->retry_ms = 0;
    row->place = row->arrived;
}

void reference_give_back(ReferenceRow *row)
{
    row->present = row->present && !row->put_back;
    row->held = row->put_back = false;
}

void reference_make_history(ReferenceRow *row)
{
    row->present = false;
    row->row.missing = ledger_has_ended(row->row.state);
}

/* ---- the intake ---- */

static GArray *outputs_new(void)
{
    GArray *outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    return outputs;
}

static Sequence draw(Reference *reference, const char *folder)
{
    int which = reference_folder(folder), today = clock_local_day(clock_wall_ms());

    if (reference->days[which] != today)
        reference->numbers_of_day[which] = 0;
    reference->days[which] = today;
    return (Sequence){ ++reference->numbers[which], ++reference->numbers_of_day[which],
                       ++reference->run_numbers, today };
}

ReferenceRow *reference_add_row(Reference *reference, const char *folder, const char *source,
                                const FileId *file, Sequence sequence)
{
    ReferenceRow *row = g_new0(ReferenceRow, 1);

    row->row.folder = g_strdup(folder);
    row->row.source = g_strdup(source);
    row->row.file = *file;
    row->row.sequence = sequence.folder ? sequence : draw(reference, folder);
    row->present = true;
    row->arrived = row->place = ++reference->places;
    row->outputs = outputs_new();
    g_ptr_array_add(reference->rows, row);
    return row;
}

/* It has another file, and its place in the queue. */
static void replace_queued(ReferenceRow *row, const FileId *file)
{
    row->row.file = *file;
    row->row.attempt = row->row.crashes = 0;
    row->row.alone = row->row.remake = row->held = false;
    row->row.token = 0;
    reference_queue_first(row);
    reference_set_why(row, NULL);
}

bool reference_add(Reference *reference, LedgerOffer *offer)
{
    ReferenceRow *row = reference_find(reference, offer->folder, offer->source);
    bool same = row && fileid_same(&row->row.file, &offer->file);

    offer->postponed = row && !same && ledger_is_in_progress(row->row.state);
    if (same || offer->postponed)
        return false;
    if (row && row->row.state == LEDGER_QUEUED) {
        replace_queued(row, &offer->file);
        return true;
    }
    if (row)
        reference_make_history(row);
    reference_add_row(reference, offer->folder, offer->source, &offer->file, offer->sequence);
    return true;
}

/* An ended row may be about the file that lies in the folder, or was missing. */
static bool may_be_about(const ReferenceRow *row, const FileId *file)
{
    if (ledger_is_in_progress(row->row.state))
        return row->present && row->row.file.ino == file->ino;
    if (!ledger_has_ended(row->row.state) || !fileid_same(&row->row.file, file))
        return false;
    return row->row.missing || (row->present && (row->row.state != LEDGER_FAILED || row->dir));
}

GPtrArray *reference_find_elsewhere(const Reference *reference, const char *folder,
                                    const char *source, const FileId *file, bool later)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = reference->rows->len; i > 0 && !later; i--) {
        ReferenceRow *row = reference_at(reference, i - 1);
        bool came_back = row->row.missing && !row->present;

        if (reference_is_in(row, folder) && may_be_about(row, file) &&
            (strcmp(row->row.source, source) != 0 || came_back))
            g_ptr_array_add(rows, row);
    }
    return rows;
}

/* A queued row whose outputs may lie about: its next job removes them, and finds no such file. */
static void abandon(ReferenceRow *row)
{
    row->present = row->held = false;
    row->row.file.ino = 0;
    row->row.token = 0;
    reference_queue_first(row);
}

/* What had the name before: a queued row is forgotten, an ended one becomes history. */
static void free_name(const Reference *reference, const ReferenceRow *row, const char *source)
{
    ReferenceRow *other = reference_find(reference, row->row.folder, source);

    if (!other || other == row)
        return;
    if (other->row.state == LEDGER_QUEUED && other->outputs->len)
        abandon(other);
    else if (other->row.state == LEDGER_QUEUED)
        g_ptr_array_remove(reference->rows, other);
    else
        reference_make_history(other);
}

bool reference_rename(Reference *reference, const LedgerRow *row, const char *source)
{
    ReferenceRow *is = reference_by_id(reference, row->id);
    g_autofree char *name = NULL, *dir = NULL;

    if (!is || !ledger_has_ended(is->row.state))
        return false;
    free_name(reference, is, source);
    filename_split(source, &dir, &name);
    g_free(is->row.source);
    is->row.source = g_strdup(source);
    is->present = true;
    is->held = is->put_back = false;
    is->row.token = 0;
    reference_queue_first(is);
    if (is->row.state == LEDGER_CANCELLED)
        is->row.missing = false;
    if (is->row.missing)
        reference_set_state(is,
                            is->row.state == LEDGER_FAILED ? LEDGER_FAILING : LEDGER_PUBLISHING);
    if (is->dir) {
        g_free(is->dir);
        is->dir = g_steal_pointer(&dir);
        is->move_ms = 0;
    }
    return true;
}

bool reference_update_file(const Reference *reference, const LedgerRow *row, const FileId *file)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || is->row.token != row->token)
        return false;
    is->row.file = *file;
    return true;
}

void reference_record_crash(Reference *reference, const LedgerCrash *crash, const Error *why)
{
    ReferenceRow *row = crash->id ? reference_by_id(reference, crash->id)
                                  : reference_find(reference, crash->folder, crash->source);

    if (!crash->id && !row && crash->file)
        row = reference_add_row(reference, crash->folder, crash->source, crash->file,
                                (Sequence){ 0 });
    if (!row || (crash->id && row->row.token != crash->token))
        return;
    row->row.crashes++;
    row->row.alone = true;
    reference_set_why(row, why);
}

/* ---- questions ---- */

LedgerCounts reference_count(const Reference *reference, const char *folder)
{
    LedgerCounts counts = { 0 };
    int64_t *const fields[] = {
        [LEDGER_QUEUED] = &counts.queued,
        [LEDGER_PROCESSING] = &counts.processing,
        [LEDGER_PUBLISHING] = &counts.publishing,
        [LEDGER_FAILING] = &counts.failing,
        [LEDGER_DONE] = &counts.done,
        [LEDGER_FAILED] = &counts.failed,
        [LEDGER_CANCELLED] = &counts.cancelled,
        [LEDGER_SUPERSEDED] = &counts.superseded,
    };

    for (guint i = 0; i < reference->rows->len; i++)
        if (reference_is_in(reference_at(reference, i), folder))
            ++*fields[reference_at(reference, i)->row.state];
    for (int i = 0; i < REFERENCE_FOLDERS; i++)
        if (!folder || !strcmp(folder, reference_folders[i]))
            counts.duplicates += reference->duplicates[i];
    return counts;
}

int64_t reference_count_unfinished(const Reference *reference, const char *folder)
{
    LedgerCounts counts = reference_count(reference, folder);

    return counts.queued + ledger_in_progress(&counts);
}

static bool made(const ReferenceRow *row, const char *path, const FileId *file)
{
    for (guint i = 0; i < row->outputs->len; i++) {
        const LedgerOutput *output = &g_array_index(row->outputs, LedgerOutput, i);

        if ((!path || !strcmp(path, output->path)) && fileid_same(&output->file, file))
            return true;
    }
    return false;
}

bool reference_is_output(const Reference *reference, const FileId *file)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (made(reference_at(reference, i), NULL, file))
            return true;
    return false;
}

bool reference_was_source(const Reference *reference, const FileId *file)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (fileid_same(&reference_at(reference, i)->row.file, file))
            return true;
    return false;
}

bool reference_has_made(const Reference *reference, const char *folder, const char *source,
                        const char *path, const FileId *there)
{
    for (guint i = 0; i < reference->rows->len; i++)
        if (has_key(reference_at(reference, i), folder, source) &&
            made(reference_at(reference, i), path, there))
            return true;
    return false;
}

/* ---- history ---- */

int reference_compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool is_old(const Reference *reference, const ReferenceRow *row, int64_t age_ms)
{
    return ledger_has_ended(row->row.state) && row->ended_ms <= reference->now_ms - age_ms;
}

static gint by_end(gconstpointer one, gconstpointer other)
{
    const ReferenceRow *a = *(ReferenceRow *const *) one, *b = *(ReferenceRow *const *) other;
    int by_time = reference_compare(a->ended_ms, b->ended_ms);

    return by_time ? by_time : reference_compare(a->row.id, b->row.id);
}

GPtrArray *reference_list_old(const Reference *reference, const char *folder, int64_t age_ms)
{
    GPtrArray *rows = g_ptr_array_new();

    for (guint i = 0; i < reference->rows->len; i++) {
        ReferenceRow *row = reference_at(reference, i);

        if (row->present && reference_is_in(row, folder) && is_old(reference, row, age_ms))
            g_ptr_array_add(rows, row);
    }
    g_ptr_array_sort(rows, by_end);
    return rows;
}

void reference_mark_absent(const Reference *reference, const LedgerRow *row)
{
    ReferenceRow *is = reference_by_id(reference, row->id);

    if (!is || is->held || is->row.token != row->token || !ledger_has_ended(is->row.state))
        return;
    is->present = false;
    is->row.missing = true;
}

int reference_prune(Reference *reference, int64_t age_ms)
{
    int pruned = 0;

    for (guint i = reference->rows->len; i > 0; i--) {
        const ReferenceRow *row = reference_at(reference, i - 1);

        if (row->present || !is_old(reference, row, age_ms))
            continue;
        g_ptr_array_remove_index(reference->rows, i - 1);
        pruned++;
    }
    return pruned;
}
