/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts_copy.h - copies of the other files of a shot beside its outputs. On the pool thread that
 * has the job. */
#pragma once

#include "daemon/jobs/job.h"

/* Where the folder says `companions = copy`: stages a copy of each part that is at its place, to be
 * published with the outputs. What is gone or another file by now is left out; an error is of kind
 * TRANSIENT where one changes while it is copied. */
bool parts_copy(Job *job, Error **err);

/* The same for a part that came when its picture was done, before it is moved: its copy is whole
 * and on disk when this succeeds. It is no output of the picture: an undo leaves it where it is. */
bool parts_copy_late(const Job *job, const LedgerPart *part, Error **err);
