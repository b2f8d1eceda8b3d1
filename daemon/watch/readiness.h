/* readiness.h - the rule that says when a file is ready.
 *
 * Level-triggered: every look judges what is there now, and no verdict is final but an offer.
 * Proof beats waiting: nobody writes it (lease) and its format is whole means ready at once. Where
 * neither speaks, it must lie unchanged for a while, measured between our own looks on the boot
 * clock; a file's times are only ever compared with themselves. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "daemon/watch/observation.h"

enum { READINESS_REPORT_MS = 2000 }; /* a file that waits longer than this is told of */

typedef enum VerdictKind {
    VERDICT_GONE,
    VERDICT_PENDING,
    VERDICT_READY,
    VERDICT_INCOMPLETE, /* nobody is going to complete it: offer it, to be failed with its reason */
    VERDICT_IGNORE,     /* not ours, until it changes */
} VerdictKind;

typedef struct Verdict {
    VerdictKind kind;
    const char *reason; /* static; of WAIT, INCOMPLETE and LEAVE */
    int64_t again_ms;   /* WAIT: look again by then, sooner when an event comes; CLOCK_NEVER */
} Verdict;

/* What is known of a file from earlier looks; times on clock_ms(). */
typedef struct FileHistory {
    FileId id;
    int64_t ctime_ns;
    int64_t first_ms;   /* the first look */
    int64_t changed_ms; /* the first look that saw it as it is now */
    int64_t event_ms;   /* the first look, or the last one that an event called for */
} FileHistory;

/* Takes a look into account; the first one begins a past that is all zero. */
void readiness_note(FileHistory *history, const Observation *observation, int64_t now_ms);

/* Why a picture that hotfolder made is left where no chain is wanted; static. */
extern const char readiness_made_by_us[];

/* The rule. `past` includes this look; of folder only quiet_ms, incomplete_ms, chain and limits
 * count. */
Verdict readiness_verdict(const Observation *observation, const FileHistory *history,
                          const Folder *folder, int64_t now_ms);
