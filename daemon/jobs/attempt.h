/* attempt.h - one attempt at a job: claim, render, publish, retire. */
#pragma once

#include "daemon/jobs/job.h"

/* Makes one attempt at the job and records how it ended. Called on a pool thread, whose worker
 * process `child` is. */
JobEnd attempt_run(Job *job, Child *child);
