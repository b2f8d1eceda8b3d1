/* counters.h - how many files for each reason; counted by one thread, read by any. One lock. */
#pragma once

#include <glib.h>
#include <pthread.h>

typedef struct ReasonCount {
    const char *reason; /* static: "dot file", "text", "still being written" */
    int files;
} ReasonCount;

enum { COUNTERS_MAX = 64 }; /* more than there are in our tables */

typedef struct Counters {
    pthread_mutex_t lock;
    ReasonCount rows[COUNTERS_MAX];
    int used;
    int total;
} Counters;

void counters_init(Counters *counters);
void counters_clear(Counters *counters);

/* `by` more files (less when negative) for `reason`, a static text. */
void counters_add(Counters *counters, const char *reason, int by);

/* Those above 0, most first, newly allocated; *total may be NULL. */
GArray *counters_rows(Counters *counters, int *total);
