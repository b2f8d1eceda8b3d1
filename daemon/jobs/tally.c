/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/tally.h"

#include <fnmatch.h>

#include "base/clock.h"
#include "daemon/metrics/metrics.h"
#include "daemon/settings/probe_name.h"

static const char *result_of(JobEnd end)
{
    static const char *const words[] = {
        [JOB_DONE] = "done",
        [JOB_DEFERRED] = "deferred",
        [JOB_HELD] = "held",
        [JOB_BLOCKED] = "blocked",
        [JOB_FAILED] = "failed",
        [JOB_SUPERSEDED] = "superseded",
        [JOB_STOPPED] = "stopped",
        [JOB_NOT_BEGUN] = "not begun",
        [JOB_TAKEN_OVER] = "taken over",
        [JOB_UNRECORDED] = "unrecorded",
    };

    return words[end];
}

static void observe(MetricId id, const Job *job, int64_t ms)
{
    metrics_observe(id, (double) ms / 1000, job->folder->name);
}

/* An attempt that only goes on where an earlier one was cut off knows neither how long the picture
 * waited nor how long the work took. */
static void measure(const Job *job, int64_t now_ms)
{
    if (job->staging && job->row.attempt == 1)
        observe(METRIC_START_SECONDS, job, job->waited_ms);
    if (job->staging)
        observe(METRIC_WORK_SECONDS, job, job->made_ms - job->started_ms);
    observe(METRIC_PUBLISH_SECONDS, job, now_ms - job->made_ms);
}

/* A picture whose original came back has ended before. */
void tally_end(const Job *job, JobEnd end, const Error *error)
{
    const char *folder = job->folder->name, *kind = error ? error_kind_word(error->kind) : NULL;
    bool ended = (end == JOB_DONE || end == JOB_FAILED) && !job->row.missing;

    if (fnmatch(PROBE_GLOB, job->row.source, 0) == 0)
        return; /* a test of the folder */
    metrics_add(METRIC_ATTEMPTS, 1, folder, result_of(end), kind);
    if (ended)
        metrics_add(METRIC_JOBS, 1, folder, result_of(end), kind);
    if (ended && end == JOB_DONE) {
        metrics_add(METRIC_BYTES_READ, (double) job->row.file.size, folder, NULL, NULL);
        metrics_add(METRIC_BYTES_WRITTEN, (double) job->publish.bytes, folder, NULL, NULL);
        measure(job, clock_ms());
    }
}

void tally_folder(const char *folder)
{
    static const ErrorKind kinds[] = { ERROR_TRANSIENT, ERROR_MEMORY, ERROR_PICTURE, ERROR_CONFIG,
                                       ERROR_INTERNAL };

    metrics_add(METRIC_JOBS, 0, folder, result_of(JOB_DONE), NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        metrics_add(METRIC_JOBS, 0, folder, result_of(JOB_FAILED), error_kind_word(kinds[i]));
}
