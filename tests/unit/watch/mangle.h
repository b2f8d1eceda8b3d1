/* mangle.h - events, a clock and the answers of shares in the test's hands, instead of
 * inotify.c, clock.c and async.c.
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
    double slow;                        /* how often an answer takes its time */
    int limit;                          /* of watches; 0: none */
} Mangle;

/* From now on; `rand` stays the caller's, and so does the order of chances. */
void mangle_set(const Mangle *how, GRand *rand);

/* The queue runs over: what is in it is lost, and said to be. */
void mangle_overflow(void);

/* The library remembers too many ended watches. */
void mangle_grow_stale(void);

/* When the next event is there to be read, now or later; INT64_MAX. */
int64_t mangle_next_ms(void);

/* Lets time pass; with `tick`, each look at the clock takes that time, too. */
void mangle_sleep(int64_t ms);
void mangle_tick(int64_t ms);
