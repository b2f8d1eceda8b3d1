/* folder.h - one watched folder: what is known of it, and whether its root is there.
 *
 * The inside of the watcher. Everything here belongs to the watcher's
 * thread, except what is said to be for any. */
#pragma once

#include <stdatomic.h>

#include "daemon/files/walk.h"
#include "daemon/folders/health.h"
#include "daemon/ledger/intake.h"
#include "daemon/watch/dirs.h"
#include "daemon/watch/finished.h"
#include "daemon/watch/ignored.h"
#include "daemon/watch/observation.h"
#include "daemon/watch/pending.h"
#include "daemon/watch/poll.h"
#include "daemon/watch/root.h"

enum {
    TURN_ENTRIES = 64,      /* entries of a scan between two looks at the events */
    TURN_MS = 20,           /* and its time, where each entry is a picture to be offered */
    RESCAN_SOON_MS = 10000, /* until a scan that makes good what could not be done now */
    HINTS_MAX = 8192,       /* files, and as many directories, that events named and that wait */
};

/* What the folders share. */
typedef struct WatchCommon {
    Intake *intake;
    Health *health;
    WatchDirs *dirs;
    bool without_events;   /* there are no events at the moment: everything is polled */
    bool counters_changed; /* a full scan has ended: Place.unwatched may be news */
    bool trouble_reported; /* of an intake that takes nothing; until it takes something */
    unsigned offered;      /* since the last flush */
    int64_t flush_ms;      /* when to try again what could not be flushed; 0: nothing is left */
    unsigned flush_fails;
    unsigned hints_max; /* HINTS_MAX; a test's own */
} WatchCommon;

/* The root, as folder.c last found it. */
typedef struct FolderRoot {
    WatchRoot *dir;
    bool available;
    bool reported_unavailable;
    bool mounts_changed; /* somewhere on this machine, since the last turn */
    int64_t check_ms;    /* while it is unavailable: when it is checked next */
} FolderRoot;

/* What a full scan finds out about the folder. */
typedef struct ScanCounters {
    int unwatched; /* directories that got no watch because the limit is reached */
    bool shares;   /* parts of it lie on shares, which may not answer */
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
    dev_t ground_dev;           /* the file system that `ground` is of; 0: none yet in this scan */
    Ground ground;
} FolderScan;

/* The files; files.c. */
typedef struct FolderFiles {
    GPtrArray *touched; /* paths that events named and that wait for their check, each once */
    GHashTable *touched_set;
    PendingFiles *pending;
    IgnoredFiles *ignored;
    FinishedFiles *finished; /* which a poll does not ask the ledger for */
} FolderFiles;

/* What other threads read. */
typedef struct FolderStatus {
    atomic_int directories; /* that are watched */
    atomic_int files;       /* that the running full scan, or the last one, has found */
    atomic_bool scanned;    /* a full scan has ended since the folder became available */
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

/* Looks whether the root is still, or again, the one that is watched. */
void watched_check(WatchedFolder *watched, int64_t now_ms);

/* What the folder lies on does not answer: the folder is away. */
void watched_unresponsive(WatchedFolder *watched, int64_t now_ms);

/* The same with the next turn, after a mount came or went somewhere; one below the folder is
 * scanned for. */
void watched_mounts_changed(WatchedFolder *watched, int64_t now_ms);

/* A full scan as soon as possible. */
void watched_rescan(WatchedFolder *watched, int64_t now_ms);

/* A full scan for what events named and nobody could remember; but not one after the other. */
void watched_hints_lost(WatchedFolder *watched, int64_t now_ms);

/* Every watch has ended: begin anew. */
void watched_reset(WatchedFolder *watched, int64_t now_ms);
