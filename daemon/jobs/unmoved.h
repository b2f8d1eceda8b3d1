/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unmoved.h - originals that cannot be moved: what is recorded when their pictures end, and the
 * later tries. On the pool thread that has the job. */
#pragma once

#include "daemon/jobs/job.h"

/* As originals_move_failed(). Removes the report of an earlier try, which says that the original is
 * still in its place, where that is not true any more. */
bool unmoved_move_failed(const Job *job, Original original, const Error *why, bool *gone,
                         Error **err);

/* Records that the original of a picture, which is about to end, stays because of job->unmoved.
 * Call it before the end is recorded. */
bool unmoved_record(const Job *job, Error **err);

/* Logs it, where there is job->unmoved. Call it after the message of the end. */
void unmoved_report(const Job *job);

/* A job whose picture has ended, so that only its original is to be moved: tries that again. */
JobEnd unmoved_run(Job *job);
