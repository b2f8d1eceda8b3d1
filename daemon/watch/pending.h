/* pending.h - the files of a folder that are not ready yet, and when each is looked at again. */
#pragma once

#include <glib.h>

#include "daemon/watch/counters.h"
#include "daemon/watch/readiness.h"

enum { SETTLE_MAX = 20000 }; /* files waiting in one folder; a later scan finds the others */

typedef struct Candidate {
    char *path;
    Past past;
    const char *reason; /* static */
    int64_t due_ms;
    bool told;
    unsigned refused; /* how often the intake could not take it */
    GSequenceIter *place;
} Candidate;

/* The files of one folder that are not ready. One thread; the tally any. */
typedef struct Settle Settle;

Settle *settle_new(void);
void settle_free(Settle *settle);

Candidate *settle_find(Settle *settle, const char *path);

/* Adds it when it isn't there; NULL when SETTLE_MAX are. */
Candidate *settle_add(Settle *settle, const char *path, int64_t now_ms);

void settle_wait(Settle *settle, Candidate *candidate, const char *reason, int64_t due_ms);
void settle_drop(Settle *settle, Candidate *candidate);

/* Drops everything below the directory. */
void settle_drop_below(Settle *settle, const char *directory);

/* The first that is due, NULL: none yet. */
Candidate *settle_due(Settle *settle, int64_t now_ms);

/* When the next one is due; CLOCK_NEVER. */
int64_t settle_next_ms(Settle *settle);
Tally *settle_tally(Settle *settle);
