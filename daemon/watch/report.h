/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.h - what the watcher knows of a folder, for `status`, and of one path, for `why`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/watch/counters.h"

typedef struct WatchReport {
    char *method;              /* "events", "polling every 10 s"; NULL: not known yet */
    int directories;           /* watched */
    int pending;               /* files that are not ready yet */
    GArray *pending_by_reason; /* of ReasonCount, most files first */
    GArray *ignored_by_reason; /* the same of ignored files */
} WatchReport;

void watch_report_clear(WatchReport *report);

typedef enum PathState {
    PATH_UNKNOWN, /* it has not been seen, or was offered to the ledger */
    PATH_PENDING,
    PATH_IGNORED, /* itself, or a directory that it is in */
} PathState;

/* What is known of a path in a folder. Times on clock_ms(). */
typedef struct PathReport {
    bool watched;   /* there is a folder of that name */
    bool available; /* the folder is */
    bool scanned;   /* a full scan of the folder has ended since it became available */
    int files;      /* that the running full scan, or the last one, has found */
    PathState state;
    const char *reason; /* of the last two states; static */
    char *ignored_dir;  /* the directory, relative to the folder, that `reason` is about; NULL: it
                           is about the path itself */

    /* of a pending one */
    int64_t since_ms;   /* the first observation; 0: just now */
    int64_t changed_ms; /* that of its present state; 0: just now */
    int64_t due_ms;     /* the next check; CLOCK_NEVER: when its permissions change */

    int pending_below; /* pending files in a directory */

    /* how new files beside it are found, or in it, where it is a directory */
    bool too_many;        /* so many are pending that others wait for room */
    bool unwatched;       /* only by full scans: the limit of watches is reached */
    int poll_s;           /* how often they are polled; 0: they are not */
    const char *poll_why; /* static */
    int64_t poll_ms;      /* the next poll, or the one that is running */
    int64_t next_scan_ms; /* the next full scan, at the latest; 0: not known */
} PathReport;

void path_report_clear(PathReport *report);
