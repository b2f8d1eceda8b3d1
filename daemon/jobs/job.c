#include "daemon/jobs/job.h"

#include <unistd.h>

#include "daemon/outputs/recover.h"

Job *job_new(JobContext *context, Settings *settings, const Folder *folder, LedgerRow *row)
{
    Job *job = g_new0(Job, 1);

    job->context = context;
    job->settings = settings_ref(settings);
    job->folder = folder;
    job->row = *row;
    *row = (LedgerRow){ 0 };
    job->fd = -1;
    return job;
}

void job_free(Job *job)
{
    if (!job)
        return;
    stage_free(job->stage);
    if (job->fd >= 0)
        close(job->fd);
    g_free(job->step);
    g_free(job->names);
    error_free(job->refusal);
    ledger_row_clear(&job->row);
    settings_unref(job->settings);
    g_free(job);
}
