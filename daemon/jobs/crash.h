/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crash.h - what is known of a worker that did not end its picture, and what to do about it.
 *
 * On the pool thread that owns the worker. */
#pragma once

#include "daemon/jobs/job.h"

/* Ends a worker that crashed, hung or broke the protocol over this picture; job->render.crash says
 * which. `why` broke the conversation (ERROR_INTERNAL: the worker broke the protocol or a limit);
 * `overdue`: it gave no result until the deadline. A worker that the daemon killed in order to stop
 * is not reported. Always false, with the evidence and advice in *err. */
bool crash_end(Job *job, Process *process, bool overdue, const Error *why, Error **err);

/* The error of a picture that needed more memory than its worker may have, which the worker itself
 * does not know; `what` is its word for it, or the evidence. Always false. */
bool crash_out_of_memory(const Job *job, const Process *process, const char *what, Error **err);
