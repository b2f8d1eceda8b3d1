/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* processes.h - processes: their start, their end, and waiting for it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "tests/sim/schedule.h"

void processes_reset(void);

/* A child of PROCESS_DAEMON, which runs `main` in a fiber of its own. */
pid_t process_begin(void (*run)(void *user), void *user);

/* Its end: its fibers and descriptors go, and who waits for it wakes. status as waitpid(2) has it.
 * A fiber may end its own process; it does not come back then. */
void process_finish(pid_t pid, int status);

/* The daemon is killed: with it all children die, whose parent-death signal it is, each after a
 * pick of ACTOR_SCHEDULE of time. */
void processes_daemon_gone(void);
