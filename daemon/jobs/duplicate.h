/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* duplicate.h - whether a picture has the very content of one that is done. */
#pragma once

#include "daemon/jobs/job.h"

/* `earlier`, of the same folder, has the same hash as the job's source, which is open and was read.
 * Compares their bytes where the earlier original still lies in the folder or in done/; where it is
 * gone, the hash decides. An earlier row without keyed hashes gets them. The thread of the job. */
bool duplicate_is_certain(const Job *job, LedgerRow *earlier);
