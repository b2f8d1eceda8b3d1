/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attempt.h - one attempt at a job: claim && render && publish && retire.
 *
 * A crash at any line leaves a row that another attempt finishes: it begins again, or goes on with
 * publishing or failing where the earlier attempt was cut off. */
#pragma once

#include "daemon/jobs/job.h"

/* Claims and renders, on the pool thread that has `process`; a picture whose outputs are made, or
 * that has ended, needs neither. Whether attempt_end() will publish outputs. */
bool attempt_make(Job *job, Process *process);

/* Publishes and retires, on the same thread, and records what the attempt came to. It needs no
 * worker process, and waits for disks. Of a picture that has ended, it only moves the original
 * (unmoved.h). */
JobEnd attempt_end(Job *job);
