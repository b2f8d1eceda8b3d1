/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder.h - one watched folder: its state, and the check of its root.
 *
 * The inside of the watcher. All of it belongs to the folder's thread, except FolderStatus. */
#pragma once

#include <stdatomic.h>

#include "daemon/files/walk.h"
#include "daemon/folders/health.h"
#include "daemon/ledger/intake.h"
#include "daemon/watch/dirs.h"
#include "daemon/watch/gather.h"
#include "daemon/watch/known.h"
#include "daemon/watch/observation.h"
#include "daemon/watch/pending.h"
#include "daemon/watch/poll.h"
#include "daemon/watch/report.h"
#include "daemon/watch/root.h"

enum {
    TURN_ENTRIES = 64,      /* entries of a scan, or files, in one turn */
    TURN_MS = 20,           /* the time of a turn, where each entry may be a picture to be read */
    RESCAN_SOON_MS = 10000, /* the time to a scan that finds what could not be remembered */
    HINTS_MAX = 8192, /* files that events named and that wait for a check; as many directories */
};

/* What surrounds the folder. */
typedef struct WatchCommon {
    Intake *intake; /* of its thread */
    Health *health;
    EventPort *port;
    WatchDirs *dirs;
    atomic_bool ending;    /* the folder has this state no more: it sets no health. Any thread */
    bool counters_changed; /* a full scan has ended: FolderStatus.unwatched may have changed */
    bool refusal_reported; /* it is reported that the intake fails; until it takes a file */
    unsigned offered;      /* files, since the last flush */
    GHashTable *twins;     /* shot keys of JPEG and HEIF among them, which may be of one shot */
    int64_t flush_ms;      /* when a failed flush is tried again; 0: none failed */
    unsigned flush_fails;
    unsigned hints_max; /* HINTS_MAX; a test sets less */
} WatchCommon;

/* The root, as folder.c last found it. */
typedef struct FolderRoot {
    WatchRoot *dir;
    bool available;
    bool reported_unavailable;
    bool was_silent;     /* a scan has to go through all of it before it is available again */
    bool mounts_changed; /* somewhere on this machine, since the last turn */
    int64_t check_ms;    /* while it is unavailable: when it is checked next */
} FolderRoot;

/* What a full scan finds out about the folder. */
typedef struct ScanCounters {
    int unwatched; /* directories that got no watch because the limit is reached */
    bool shares;   /* parts of it lie on shares, which may not respond */
} ScanCounters;

/* The scans; scan.c. */
typedef struct FolderScan {
    Walk *named;                /* walks directories that events named */
    Walk *walk;                 /* walks the whole folder, or what is polled */
    bool full;                  /* `walk` is a running scan of the whole folder */
    ScanCounters running, last; /* full scans */
    int64_t wanted_ms;          /* when a full scan is due that something asked for */
    int64_t regular_ms;         /* when the next regular full scan is due */
    int64_t began_ms;           /* when the last full scan began */
    int64_t observing_ms;       /* how much of the running step observations of files took */
    dev_t fs_dev;               /* the file system that fs_kind is of; 0: none yet in this scan */
    FsKind fs_kind;
    int64_t pulse_ms; /* when the shares are asked next whether they respond */
} FolderScan;

/* The files; files.c. */
typedef struct FolderFiles {
    GPtrArray *touched;      /* paths that events named and that wait for their check, each once */
    GHashTable *touched_set; /* the same -> int64_t, when the event was read */
    int64_t event_ms; /* of the event that the running check is about; 0: a scan, or a due time */
    PendingFiles *pending;
    KnownFiles *known; /* ignored ones, and those for which a poll does not ask the ledger */
    Gather *gather;    /* those that wait for another one of their shot */
} FolderFiles;

/* What other threads read. */
typedef struct FolderStatus {
    atomic_int directories;       /* that are watched */
    atomic_int unwatched;         /* as ScanCounters says of the last full scan */
    atomic_int files;             /* that the running full scan, or the last one, has found */
    _Atomic int64_t next_scan_ms; /* when the next full scan is due at the latest; 0: not known */
    atomic_bool scanned;          /* a full scan has ended since the folder became available */
    atomic_bool available;
} FolderStatus;

typedef struct WatchedFolder {
    WatchCommon *common;
    Settings *settings; /* referenced: it owns folder */
    const Folder *folder;
    FolderRoot root;
    FolderScan scan;
    WatchPoll *poll; /* what is polled, and when */
    FolderFiles files;
    FolderStatus status;
} WatchedFolder;

/* Checks whether the root is there and is the directory that is watched. Sets health and, for
 * another directory, begins a full scan. */
void watched_check(WatchedFolder *watched, int64_t now_ms);

/* The file system did not respond for long: the folder is unavailable until a scan has gone through
 * all of it, as a share in it may still be silent. */
void watched_unresponsive(WatchedFolder *watched, int64_t now_ms);

/* A mount was added or removed somewhere: the next turn checks the root. If the mount is below it,
 * a full scan begins. */
void watched_mounts_changed(WatchedFolder *watched, int64_t now_ms);

/* Sets health after an outage; at the end of a scan. */
void watched_scanned(WatchedFolder *watched);

/* Asks for a full scan at now_ms. */
void watched_rescan(WatchedFolder *watched, int64_t now_ms);

/* Asks for a full scan because events named more than fits; not sooner than RESCAN_SOON_MS after
 * the last one began. */
void watched_hints_lost(WatchedFolder *watched, int64_t now_ms);

/* What is known of the folder, newly allocated. Any thread. */
WatchReport watched_report(const WatchedFolder *watched);

/* As watch_why(); `folder` is a snapshot of its settings. Any thread. */
PathReport watched_why(const WatchedFolder *watched, const Folder *folder, const char *path);

/* Every watch has ended: stops the scans and asks for a full one. */
void watched_reset(WatchedFolder *watched, int64_t now_ms);
