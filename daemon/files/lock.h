/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lock.h - keeps two daemons, each with a ledger of its own, from working on one file at a time,
 * and tells them from other programs that lock a file.
 *
 * A lock is advisory (flock(2)): it holds up no program that does not ask for it. It belongs to the
 * open file, and ends with it. Any thread. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

typedef enum LockHolder {
    LOCK_NONE,      /* no other one */
    LOCK_HOTFOLDER, /* another hotfolder, which works on the file */
    LOCK_PROGRAM,   /* any other program */
} LockHolder;

/* Locks the file of fd, which is open for reading. LOCK_NONE: it may be worked on. Else another
 * process has locked it; *pid is its id, or 0 where it is not known. LOCK_NONE without a lock where
 * this process has it for another open file, and on a file system of which other hosts or programs
 * decide: a lock there may forbid reading, or never end. Waits a moment for locks that are about to
 * end. */
LockHolder file_lock(int fd, pid_t *pid);

/* Ends the lock at once, whatever other process has a copy of fd. */
void file_unlock(int fd);

/* Whether a program that is no hotfolder has locked the file. Does not wait: now and then it says
 * so of the lock of a hotfolder that begins or ends at this moment. */
bool file_is_locked(int fd, pid_t *pid);

/* "locked by another program (process 7)", newly allocated; the id as above. */
char *lock_reason(pid_t pid);

/* The same as an error, with its remedy. Always false. */
bool lock_error(pid_t pid, Error **err);

/* The process that has the flock(2) of the file `inode` on `device`, from the text of /proc/locks;
 * else 0. */
pid_t lock_holder_in(const char *locks, dev_t device, ino_t inode);
