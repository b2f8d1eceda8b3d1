/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spawn.h - starts worker processes that never have a file of ours open, and outlive the threads
 * that use them.
 *
 * A new process has a copy of every descriptor, and closes the copies when it begins its program.
 * On FUSE each such close waits for the server: while one share does not respond, no worker could
 * start, for any folder. The workers come therefore from a thread that has its own table of
 * descriptors, with no file of a share in it. PR_SET_PDEATHSIG refers to that thread: it lives as
 * long as the daemon, while pool threads come and go, and lend each other their workers (pool.c).
 *
 * One for the process. start and stop: main thread. */
#pragma once

#include <sys/types.h>

/* Starts the thread; call it before any file of a share is open. Where the kernel or a container
 * forbids a table of its own, it has ours. Where no thread can be started, or this was not called,
 * the callers start their workers. */
void spawn_start(void);

/* After the last worker has ended. */
void spawn_stop(void);

typedef struct Spawn {
    const char *program; /* its path */
    char *const *argv, *const *env;
    int input;  /* its standard input */
    int output; /* its standard output; -1: /dev/null. With one, the calling thread starts it */
    int socket; /* its PROTOCOL_SOCKET; not that number here */
} Spawn;

/* Starts it, without signals blocked or ignored, in a process group of its own. Returns 0 or an
 * errno value. Any thread. */
int spawn(const Spawn *what, pid_t *pid);
