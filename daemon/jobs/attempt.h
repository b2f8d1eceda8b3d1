/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attempt.h - one attempt at a job: claim && render && publish && retire.
 *
 * A crash at any line leaves a row that another attempt finishes: it begins again, or goes on with
 * publishing or failing where the earlier attempt was cut off. */
#pragma once

#include "daemon/jobs/job.h"

/* Makes one attempt and records what it came to; for a picture that has ended, only moves its
 * original (unmoved.h). On the pool thread that owns `process`. */
JobEnd attempt_run(Job *job, Process *process);
