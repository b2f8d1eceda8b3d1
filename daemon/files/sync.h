/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sync.h - fsync(2) of a directory, once for all threads that wait for it. */
#pragma once

#include <stdint.h>

/* As fsync(2): when it returns 0, all that the thread has done in the directory is on disk. While
 * the disk works for one thread, others come; the first of these then syncs for all of them.
 * Returns 0, or an errno value. */
int sync_together(int dir_fd);

/* Where several threads sync a directory, each waits until so much time has passed since the last
 * sync, for others to come; 0 at first. Before there are other threads. */
void sync_set_pause(int64_t ms);
