/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tally.h - what metrics say of jobs (daemon/metrics/). Any thread. */
#pragma once

#include "daemon/jobs/job.h"

/* An attempt has ended, and the ledger knows it. error: NULL where there is none. */
void tally_end(const Job *job, JobEnd end, const Error *error);

/* From now on a text has the folder's counters of pictures, though they may be 0: who reads it sees
 * the first failure as an increase. */
void tally_folder(const char *folder);
