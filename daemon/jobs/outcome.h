/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outcome.h - records what an attempt came to: in the ledger, in the journal, and in failed/. */
#pragma once

#include "daemon/jobs/job.h"

/* Records job->outcome and calls the context's `ended`. `why` is the error that ended the attempt;
 * NULL: there is none. On a pool thread. JOB_UNRECORDED when the ledger could not be written. */
JobEnd outcome_record(Job *job, const Error *why);
