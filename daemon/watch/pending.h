/* pending.h - when a file is ready: the rule, and the files that are waiting for it.
 *
 * Level-triggered: every look judges what is there now, and no verdict is final but an offer.
 * Proof beats waiting: nobody writes it (lease) and its format is whole means ready at once. Where
 * neither speaks, it must lie unchanged for a while, measured between our own looks on the boot
 * clock; a file's times are only ever compared with themselves. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "daemon/watch/counters.h"
#include "daemon/watch/observation.h"

typedef enum Verdict {
    VERDICT_GONE,
    VERDICT_WAIT,
    VERDICT_READY,
    VERDICT_INCOMPLETE, /* nobody is going to complete it: offer it, to be failed with its reason */
    VERDICT_LEAVE,      /* not ours, until it changes */
} Verdict;

typedef struct Ruling {
    Verdict verdict;
    const char *reason; /* static; of WAIT, INCOMPLETE and LEAVE */
    int64_t again_ms;   /* WAIT: look again by then, sooner when an event comes; SETTLE_NEVER */
} Ruling;

#define SETTLE_NEVER INT64_MAX /* only an event or a scan brings it back */

/* What is known of a file from earlier looks; times on clock_ms(). */
typedef struct Past {
    FileId id;
    int64_t ctime_ns;
    int64_t first_ms;   /* the first look */
    int64_t changed_ms; /* the first look that saw it as it is now */
    int64_t news_ms;    /* the first look, or the last one that an event called for */
} Past;

/* Takes a look into account; the first one begins a past that is all zero. */
void settle_note(Past *past, const Look *look, int64_t now_ms);

/* Why a picture that hotfolder made is left where no chain is wanted; static. */
extern const char settle_ours[];

/* The rule. `past` includes this look; of folder only quiet_ms, incomplete_ms, chain and limits
 * count. */
Ruling settle_rule(const Look *look, const Past *past, const Folder *folder, int64_t now_ms);

enum {
    SETTLE_TELL_MS = 2000, /* a file that waits longer than this is told of */
    SETTLE_MAX = 20000,    /* files waiting in one folder; a later scan finds the others */
};

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

/* When the next one is due; SETTLE_NEVER. */
int64_t settle_next_ms(Settle *settle);
Tally *settle_tally(Settle *settle);
