/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pending.h - the files of a folder that are not ready yet, and when each is checked again. */
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

/* The pending files of one folder. One thread; the counters: any thread. */
typedef struct PendingFiles PendingFiles;

PendingFiles *pending_new(void);
void pending_free(PendingFiles *pending);

PendingFile *pending_find(PendingFiles *pending, const char *path);

/* Finds the file, or adds it with the reason "new"; NULL when there are PENDING_MAX. */
PendingFile *pending_add(PendingFiles *pending, const char *path, int64_t now_ms);

void pending_schedule(PendingFiles *pending, PendingFile *file, const char *reason, int64_t due_ms);
void pending_drop(PendingFiles *pending, PendingFile *file);

/* Drops all files below the directory; "": every file. */
void pending_drop_below(PendingFiles *pending, const char *directory);

/* The file that is due first, NULL: none is due at now_ms. */
PendingFile *pending_due(PendingFiles *pending, int64_t now_ms);

/* When the next file is due; CLOCK_NEVER. */
int64_t pending_next_ms(PendingFiles *pending);
Counters *pending_counters(PendingFiles *pending);
