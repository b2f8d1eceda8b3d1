/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lock.h - keeps two daemons, each with a ledger of its own, from working on one file at a time.
 *
 * A lock is advisory (flock(2)): it holds up no program that does not ask for it. It belongs to the
 * open file, and ends with it. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Locks the file of fd. False: another process has locked it; *holder is its id, or 0 where it is
 * not known. True without a lock where this process has it for another open file, and on a file
 * system of which other hosts or programs decide: a lock there may forbid reading, or never end. */
bool file_lock(int fd, pid_t *holder);

/* Ends the lock at once, whatever other process has a copy of fd. */
void file_unlock(int fd);
