/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* counters.h - how many files there are for each reason. One thread counts, any thread reads: each
 * table has a lock. */
#pragma once

#include <glib.h>
#include <pthread.h>

typedef struct ReasonCount {
    const char *reason; /* static: "dot file", "text", "still being written" */
    int files;
} ReasonCount;

enum { COUNTERS_MAX = 64 }; /* more than our tables have reasons */

typedef struct Counters {
    pthread_mutex_t lock;
    ReasonCount rows[COUNTERS_MAX];
    int used;
    int total;
} Counters;

void counters_init(Counters *counters);
void counters_clear(Counters *counters);

/* Adds `by` files, which may be negative, to `reason`, a static text. */
void counters_add(Counters *counters, const char *reason, int by);

/* The reasons that have files, most files first: of ReasonCount, newly allocated. total may be
 * NULL. */
GArray *counters_rows(Counters *counters, int *total);
