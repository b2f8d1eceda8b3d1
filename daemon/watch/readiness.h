/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* readiness.h - the rule that says when a file is ready.
 *
 * Each check judges what is true now; no verdict but an offer is final. With proof a file is ready
 * at once: the lease shows that no process has it open for writing, and its format is complete.
 * Without proof it must stay unchanged for a while, which is measured between our observations on
 * the boot clock; the file's own times are compared only with each other. */
#pragma once

#include "daemon/settings/snapshot.h"
#include "daemon/watch/observation.h"

enum { READINESS_REPORT_MS = 2000 }; /* a file that is pending longer than this is reported */

typedef enum VerdictKind {
    VERDICT_GONE,
    VERDICT_PENDING,
    VERDICT_READY,
    VERDICT_INCOMPLETE, /* it stays incomplete or becomes no picture: offer it, and it fails */
    VERDICT_IGNORE,     /* not a picture for this folder, until it changes */
} VerdictKind;

typedef struct Verdict {
    VerdictKind kind;
    const char *reason; /* static; of PENDING, INCOMPLETE and IGNORE */
    int64_t again_ms;   /* of PENDING: check it again then, or when an event comes; CLOCK_NEVER */
} Verdict;

/* What earlier observations of a file say; times on clock_ms(). It begins all zero. */
typedef struct FileHistory {
    FileId id;
    int64_t ctime_ns;
    int64_t first_ms;   /* the first observation */
    int64_t changed_ms; /* the first observation of its present state */
    int64_t event_ms;   /* the first observation, or the last event */
} FileHistory;

/* Adds an observation to the history. */
void readiness_add(FileHistory *history, const Observation *observation, int64_t now_ms);

/* Why a picture that hotfolder made is ignored where the folder does not have chain = yes. */
extern const char readiness_made_by_us[];

/* The rule. `history` includes this observation; of folder it uses quiet_ms, incomplete_ms, chain
 * and limits. */
Verdict readiness_verdict(const Observation *observation, const FileHistory *history,
                          const Folder *folder, int64_t now_ms);

/* The rule of a companion, which is no picture: it is ready when it is all there, and when nothing
 * more of it comes. Of folder it uses quiet_ms, incomplete_ms and chain. */
Verdict readiness_companion(const Observation *observation, const FileHistory *history,
                            const Folder *folder, int64_t now_ms);

/* The verdict on a file that is ready, but that another program has locked. The end of a lock has
 * no event: the file is checked every second. */
Verdict readiness_locked(const FileHistory *history, int64_t now_ms);
