/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/job.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/lock.h"
#include "daemon/outputs/recover.h"

const JobTimes job_times = {
    .ledger_retry_ms = 2000,
    .crash_window_ms = 5000,
    .cool_down_ms = 10000,
    .slow_job_ms = 10000,
    .unreadable_retry_ms = 10000,
    .locked_retry_ms = 1000,
    .unconfined_retry_ms = 60000,
    .duplicate_retry_ms = 500,
    .unmoved_retry_ms = 60000,
    .close_outputs_ms = 2000,
};

Job *job_new(JobContext *context, Settings *settings, const Folder *folder, LedgerRow *row)
{
    Job *job = g_new0(Job, 1);

    job->context = context;
    job->settings = settings_ref(settings);
    job->folder = folder;
    job->row = *row;
    *row = (LedgerRow){ 0 };
    job->source.fd = job->source.sidecar = job->render.program_file = -1;
    return job;
}

void job_close_files(Job *job)
{
    g_clear_pointer(&job->staging, staging_free);
    if (job->render.program_file >= 0)
        close(job->render.program_file);
    job->render.program_file = -1;
    if (job->source.sidecar >= 0)
        close(job->source.sidecar);
    job->source.sidecar = -1;
    if (job->source.fd < 0)
        return;
    file_unlock(job->source.fd); /* a worker may still have a copy */
    close(job->source.fd);
    job->source.fd = -1;
}

void job_free(Job *job)
{
    if (!job)
        return;
    job_close_files(job);
    g_free(job->source.sidecar_name);
    g_free(job->render.step);
    g_free(job->render.notes);
    g_clear_pointer(&job->render.plan, g_ptr_array_unref);
    error_free(job->render.refusal);
    g_free(job->publish.names);
    g_clear_pointer(&job->parts.list, g_array_unref);
    g_free(job->parts.names);
    if (job->parts.moved)
        g_string_free(job->parts.moved, TRUE);
    error_free(job->parts.unmoved);
    error_free(job->unmoved);
    error_free(job->error);
    ledger_row_clear(&job->row);
    settings_unref(job->settings);
    g_free(job);
}

char *job_notes(const Job *job)
{
    g_autofree char *shown = job->row.new_name ? text_escape(job->row.new_name) : NULL;
    g_autofree char *renamed = shown ? g_strdup_printf("original renamed: %s", shown) : NULL;
    const char *const notes[] = { job->source.note, job->render.notes,
                                  job->staging ? staging_note(job->staging) : NULL, renamed };
    GString *all = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(notes); i++)
        if (notes[i])
            g_string_append_printf(all, "%s%s", all->len ? "; " : "", notes[i]);
    return g_string_free(all, all->len == 0);
}

char *job_hidden_name(const Job *job)
{
    return g_strdup_printf(HIDDEN_PREFIX "%s-%" PRId64 "-original",
                           ledger_tag(job->context->ledger), job->row.id);
}

Original job_original(const Job *job, const char *temp, bool *missing)
{
    return (Original){ .folder = job->folder,
                       .root = job->folder->path,
                       .source = job->row.source,
                       .new_name = job->row.new_name,
                       .file = &job->row.file,
                       .temp = temp,
                       .again = job->resumed,
                       .missing = missing };
}

/* An attempt that was cut off leaves some, and so does a disk that refuses to remove them. The
 * number of the attempt does not show it: an attempt in a broken environment is given back. */
bool job_remove_leftovers(const Job *job, Error **err)
{
    g_autoptr(GArray) outputs = NULL;

    if (!ledger_read_outputs(job->context->ledger, &job->row, &outputs, err))
        return false;
    if (outputs->len)
        recover_remove_hidden(job->folder, outputs);
    return true;
}
