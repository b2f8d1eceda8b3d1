/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crash_loops.h - folders that pause, as their pictures have crashed too many workers in a short
 * time: starting workers costs more than most pictures do. Other folders go on. Any thread. */
#pragma once

#include "daemon/jobs/job.h"

typedef struct CrashLoops CrashLoops;

CrashLoops *crash_loops_new(void);
void crash_loops_free(CrashLoops *loops);

/* A worker has crashed over a picture of the folder. */
void crash_loops_count(CrashLoops *loops, const char *folder, const JobTimes *times);

/* When a folder that pauses goes on, by clock_ms(); 0: it does not pause. The pause begins here,
 * and is reported, where there were too many crashes. */
int64_t crash_loops_pause(CrashLoops *loops, const char *folder, const JobTimes *times);
