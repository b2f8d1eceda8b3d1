/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls.h - what stands between the daemon's calls and the world: points, faults and hangs.
 *
 * calls.txt lists every name of the C library that is the simulator's: the daemon's object calls
 * call_NAME in place of NAME. pure.txt lists those that touch nothing; lint_sim_calls finds names
 * in neither. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Faults {  /* which kinds are on in this history: a pick of the plan each ("swarm") */
    unsigned disk_full;  /* once in so many calls that may have it; 0: never */
    unsigned disk_error; /* EIO */
    unsigned short_write;
    unsigned no_descriptors; /* EMFILE */
    unsigned ledger_full, ledger_error, ledger_torn;
    int64_t until_us; /* none after this time */
} Faults;
extern Faults faults;

/* In a call on this mount (-1: none): passes a point, waits while it hangs, and may fail. False
 * with errno. `what`: static, the call. Tells each fault. */
bool call_begins(const char *what, int mount);
