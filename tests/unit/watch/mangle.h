/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mangle.h - events and a clock in the test's hands, instead of events.c and clock.c.
 *
 * The events are the kernel's own, read from an inotify of ours, and then lost, doubled, held back
 * or shuffled as the test wants it. Time stands still but for what the test adds. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Mangle {
    double lost, twice, late, shuffled; /* shares of the events, 0 to 1 */
    double shut;                        /* how often the events can't be opened */
    int limit;                          /* of watches; 0: none */
} Mangle;

/* From now on; `rand` stays the caller's, and so does the order of chances. */
void mangle_set(const Mangle *how, GRand *rand);

/* The queue runs over: what is in it is lost, and every watch has ended. It may be said late. */
void mangle_overflow(void);

/* When the next event is there to be read, now or later; INT64_MAX. */
int64_t mangle_next_ms(void);

/* Lets time pass; with `tick`, each look at the clock takes that time, too. */
void mangle_sleep(int64_t ms);
void mangle_tick(int64_t ms);
