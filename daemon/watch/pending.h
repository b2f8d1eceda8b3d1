/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pending.h - the files of a folder that are not ready yet, and when each is checked again.
 *
 * One thread, the folder's, except the functions that say otherwise. That thread reads a
 * PendingFile as it likes, and writes only `reported` and `refusals` itself. */
#pragma once

#include <glib.h>

#include "daemon/watch/counters.h"
#include "daemon/watch/readiness.h"

enum { PENDING_MAX = 20000 }; /* in one folder; a later scan finds the files that did not fit */

typedef struct PendingFile {
    char *path;
    FileHistory history;
    const char *reason; /* static */
    int64_t due_ms;
    bool reported;
    unsigned refusals; /* how often the intake refused it */
    GSequenceIter *position;
} PendingFile;

typedef struct PendingFiles PendingFiles;

PendingFiles *pending_new(void);
void pending_free(PendingFiles *pending);

PendingFile *pending_find(PendingFiles *pending, const char *path);

/* Finds the file, or adds it with the reason "new"; NULL when there are PENDING_MAX. */
PendingFile *pending_add(PendingFiles *pending, const char *path, int64_t now_ms);

void pending_schedule(PendingFiles *pending, PendingFile *file, const char *reason, int64_t due_ms);

/* What a check has found out, and an event at now_ms. */
void pending_note(PendingFiles *pending, PendingFile *file, const FileHistory *history);
void pending_on_event(PendingFiles *pending, PendingFile *file, int64_t now_ms);
void pending_drop(PendingFiles *pending, PendingFile *file);

/* Drops all files below the directory; "": every file. */
void pending_drop_below(PendingFiles *pending, const char *directory);

/* The file that is due first, NULL: none is due at now_ms. */
PendingFile *pending_due(PendingFiles *pending, int64_t now_ms);

/* When the next file is due; CLOCK_NEVER. */
int64_t pending_next_ms(PendingFiles *pending);

/* What is known of a pending file, for people. Times on clock_ms(). */
typedef struct PendingTale {
    const char *reason; /* static */
    int64_t since_ms;   /* the first observation */
    int64_t changed_ms; /* that of its present state; 0: none yet */
    int64_t due_ms;     /* the next check; CLOCK_NEVER: when an event comes */
} PendingTale;

/* False where the file is not pending. Any thread. */
bool pending_tell(PendingFiles *pending, const char *path, PendingTale *tale);

/* How many are below a directory; "": all. Any thread. */
int pending_count_below(PendingFiles *pending, const char *directory);

/* Whether there are PENDING_MAX. Any thread. */
bool pending_is_full(PendingFiles *pending);
Counters *pending_counters(PendingFiles *pending); /* any thread */
