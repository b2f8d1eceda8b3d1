/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts_read.h - which other files of its shot a job has. On the pool thread that has the
 * job. */
#pragma once

#include "daemon/jobs/job.h"

/* Reads the parts into the job, also those that have come since an earlier call. */
bool parts_read(Job *job, Error **err);

/* Opens the very file of a part at its place; -1 where it is not there. */
int parts_open(const Job *job, const LedgerPart *part);

/* "IMG_1.NEF, IMG_1.xmp", newly allocated; NULL: there are none. */
char *parts_names(const GArray *parts);
