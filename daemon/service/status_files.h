/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status_files.h - keeps the status file of each folder that has `status_file = yes`, and removes
 * those of others.
 *
 * A share may hang: each file is written and removed by a thread of its own, one for a folder at a
 * time, and at most every 10 s. What cannot be written is logged once, and tried again. Main thread
 * only. */
#pragma once

#include "daemon/control/view.h"

typedef struct StatusFiles StatusFiles;

StatusFiles *status_files_new(void);

/* Writes the files whose text has changed, of folders that are not unavailable. Returns in how many
 * milliseconds the next call is due; CLOCK_NEVER: none is, until the settings change. */
int64_t status_files_turn(StatusFiles *files, const ControlView *view);

/* Has the files say that the daemon is stopped, for at most a second, and frees. */
void status_files_stop(StatusFiles *files, const ControlView *view);
