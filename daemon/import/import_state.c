/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the steps of an import share: its files and shots, how far it is, and whether it is over. */
#include <time.h>

#include "base/clock.h"
#include "daemon/import/import_internal.h"

enum { TELL_MS = 1000, NAP_MS = 100 };

static void free_plan(void *data)
{
    Plan *plan = data;

    g_free(plan->stem);
    g_free(plan);
}

static void add_plans(ImportWork *work)
{
    work->plan_of = g_hash_table_new_full(NULL, NULL, NULL, free_plan);
    work->plans = g_array_sized_new(FALSE, FALSE, sizeof(Plan *), work->card->shots->len);
    for (guint i = 0; i < work->card->shots->len; i++) {
        Plan *plan = g_new0(Plan, 1);
        plan->shot = work->card->shots->pdata[i];
        g_array_append_val(work->plans, plan);
        g_hash_table_insert(work->plan_of, plan->shot, plan);
    }
}

void work_set_card(ImportWork *work, Card *card)
{
    guint files = card->files->len;

    work->card = card;
    work->ends = g_array_sized_new(FALSE, TRUE, sizeof(FileEnd), files);
    work->copies = g_new0(FileCopy, (gsize) files * work->count + 1);
    work->files = g_new0(FileWork, files + 1);
    work->indices = g_hash_table_new(NULL, NULL);
    work->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    work->heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    add_plans(work);
    for (guint i = 0; i < files; i++) {
        CardFile *file = card->files->pdata[i];
        FileEnd end = { .file = file, .copies = &work->copies[(gsize) i * work->count] };
        g_array_append_val(work->ends, end);
        g_hash_table_insert(work->indices, file, GUINT_TO_POINTER(i));
        work->files[i].plan = file->shot ? work_plan(work, file->shot) : NULL;
    }
}

void work_set_copy(FileEnd *end, unsigned to, FileCopy copy)
{
    g_free(end->copies[to].name);
    error_free(end->copies[to].error);
    end->copies[to] = copy;
}

void work_forget_copies(const ImportWork *work, FileEnd *end)
{
    for (unsigned to = 0; to < work->count; to++)
        work_set_copy(end, to, (FileCopy){ 0 });
    end->is_trusted = false;
}

static void clear_files(ImportWork *work)
{
    for (guint i = 0; i < work->card->files->len; i++) {
        error_free(work_end(work, i)->error);
        work_forget_copies(work, work_end(work, i));
    }
    g_array_unref(work->ends);
    g_free(work->copies);
    g_free(work->files);
    g_hash_table_unref(work->indices);
    g_hash_table_unref(work->names);
    g_hash_table_unref(work->heads);
    g_array_unref(work->plans);
    g_hash_table_unref(work->plan_of);
}

void work_clear(ImportWork *work)
{
    copier_free(work->copier);
    prover_free(work->prover);
    namer_free(work->namer);
    if (work->card)
        clear_files(work);
    card_free(work->card);
    for (unsigned i = 0; i < work->count; i++)
        medium_free(work->media[i]);
    card_record_free(work->record);
    catalog_close(work->catalog);
    if (work->handing)
        g_ptr_array_unref(work->handing);
    g_free(work->assignment);
    g_free(work->interrupted);
    g_free(work->held);
}

guint work_index(const ImportWork *work, const CardFile *file)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(work->indices, file));
}

FileEnd *work_end(const ImportWork *work, guint index)
{
    return &g_array_index(work->ends, FileEnd, index);
}

Plan *work_plan(const ImportWork *work, const CardShot *shot)
{
    return g_hash_table_lookup(work->plan_of, shot);
}

void work_interrupt(ImportWork *work, const char *why)
{
    if (!work->interrupted)
        work->interrupted = g_strdup(why);
    if (work->copier)
        copier_cancel(work->copier);
}

bool work_is_over(ImportWork *work)
{
    if (!work->interrupted && work->run->stop && *work->run->stop)
        work_interrupt(work, "it was stopped");
    return work->interrupted;
}

void work_catalog_failed(ImportWork *work, Error *error)
{
    g_autofree char *text = error_text(error);

    work_interrupt(work, text);
    error_free(error);
}

/* ---- how far it is ---- */

static bool stands_everywhere(const ImportWork *work, const FileEnd *end)
{
    for (unsigned to = 0; to < work->count; to++)
        if (!end->copies[to].name)
            return false;
    return true;
}

static void count(ImportWork *work)
{
    CardRecord *record = work->record;

    record->files = record->done = record->bytes = 0;
    for (guint i = 0; i < work->card->files->len; i++) {
        const FileEnd *end = work_end(work, i);
        if (end->file->is_left)
            continue;
        record->files++;
        record->bytes += end->file->size;
        record->done += stands_everywhere(work, end);
    }
    record->read = work->read_before + (work->copier ? copier_bytes(work->copier) : 0);
}

static void keep(ImportWork *work, bool now)
{
    Error *error = NULL;

    if (!catalog_keep(work->catalog, work->record, !now, &error) ||
        !catalog_flush(work->catalog, &error))
        work_catalog_failed(work, error);
}

void work_tell(ImportWork *work, bool now)
{
    int64_t ms = clock_ms();

    if (!work->record || (!now && ms < work->told_ms + TELL_MS))
        return;
    work->told_ms = ms;
    count(work);
    if (work->catalog && !work->run->dry)
        keep(work, now);
    if (work->reporter && work->reporter->progress)
        work->reporter->progress(work->reporter->user, work->record);
}

void work_trouble(ImportWork *work, const CardFile *file, const char *destination,
                  const Error *error)
{
    if (work->reporter && work->reporter->trouble)
        work->reporter->trouble(work->reporter->user, file, destination, error);
}

bool work_sleep(ImportWork *work, int64_t ms)
{
    const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };

    for (int64_t until = clock_ms() + ms; clock_ms() < until && !work_is_over(work);) {
        nanosleep(&nap, NULL);
        work_tell(work, false);
    }
    return !work_is_over(work);
}
