/* pending.h - the files of a folder that are not ready yet, and when each is looked at again. */
#pragma once

#include <glib.h>

#include "daemon/watch/counters.h"
#include "daemon/watch/readiness.h"

enum { PENDING_MAX = 20000 }; /* files waiting in one folder; a later scan finds the others */

typedef struct PendingFile {
    char *path;
    FileHistory history;
    const char *reason; /* static */
    int64_t due_ms;
    bool reported;
    unsigned refusals; /* how often the intake could not take it */
    GSequenceIter *position;
} PendingFile;

/* The files of one folder that are not ready. One thread; the tally any. */
typedef struct PendingFiles PendingFiles;

PendingFiles *pending_new(void);
void pending_free(PendingFiles *pending);

PendingFile *pending_find(PendingFiles *pending, const char *path);

/* Adds it when it isn't there; NULL when PENDING_MAX are. */
PendingFile *pending_add(PendingFiles *pending, const char *path, int64_t now_ms);

void pending_schedule(PendingFiles *pending, PendingFile *file, const char *reason, int64_t due_ms);
void pending_drop(PendingFiles *pending, PendingFile *file);

/* Drops everything below the directory. */
void pending_drop_below(PendingFiles *pending, const char *directory);

/* The first that is due, NULL: none yet. */
PendingFile *pending_due(PendingFiles *pending, int64_t now_ms);

/* When the next one is due; CLOCK_NEVER. */
int64_t pending_next_ms(PendingFiles *pending);
Counters *pending_counters(PendingFiles *pending);
