/* counters.h - how many files for each reason; counted by one thread, read by any. One lock. */
#pragma once

#include <glib.h>
#include <pthread.h>

typedef struct WatchCount {
    const char *reason; /* static: "dot file", "text", "still being written" */
    int files;
} WatchCount;

enum { TALLY_REASONS = 64 }; /* more than there are in our tables */

typedef struct Tally {
    pthread_mutex_t lock;
    WatchCount rows[TALLY_REASONS];
    int used;
    int total;
} Tally;

void tally_init(Tally *tally);
void tally_clear(Tally *tally);

/* `by` more files (less when negative) for `reason`, a static text. */
void tally_add(Tally *tally, const char *reason, int by);

/* Those above 0, most first, newly allocated; *total may be NULL. */
GArray *tally_rows(Tally *tally, int *total);
