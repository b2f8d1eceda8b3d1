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
    PLACE_TURN = 64,        /* entries of a scan between two looks at the events */
    PLACE_TURN_MS = 20,     /* and its time, where each entry is a picture to be offered */
    PLACE_SOON_MS = 10000,  /* until a scan that makes good what could not be done now */
    PLACE_HINTS_MAX = 8192, /* files, and as many directories, that events named and that wait */
};

/* What the folders share. */
typedef struct WatchCommon {
    Intake *intake;
    Health *health;
    WatchDirs *dirs;
    bool blind;        /* there are no events at the moment: everything is polled */
    bool counted;      /* a full scan has ended: Place.unwatched may be news */
    bool trouble_told; /* of an intake that takes nothing; until it takes something */
    unsigned offered;  /* since the last flush */
    int64_t flush_ms;  /* when to try again what could not be flushed; 0: nothing is left */
    unsigned flush_fails;
    unsigned hints_max; /* PLACE_HINTS_MAX; a test's own */
} WatchCommon;

typedef struct Place {
    WatchCommon *common;
    Settings *settings; /* referenced: it owns folder */
    const Folder *folder;
    bool alive;
    bool told_away;
    WatchRoot *root;
    int64_t root_ms; /* while away: the next look for it */
    Walk *fresh;     /* directories that events named */
    Walk *scan;      /* the whole folder, or what is polled */
    bool scan_full;
    bool shares;         /* some of it may not answer: shares, by the last full scan */
    bool meeting;        /* the same by the running one */
    bool mounts_changed; /* somewhere, since the last turn */
    int64_t scan_ms;     /* when a full scan is due that something has asked for */
    int64_t regular_ms;  /* when the next regular one is */
    int64_t full_ms;     /* when the last full one began */
    int unwatched;       /* directories without a watch for want of one, by the last full scan */
    int counting;        /* the same by the running one */
    WatchPoll *poll;     /* what the other scans are of */
    Seen *seen;          /* what they need not ask the ledger for */
    int64_t looks_ms;    /* what looks at files took of the running step of a scan */
    dev_t asked;         /* the file system that was asked for last by the running scan; 0: none */
    Ground ground;       /* its answer */
    GPtrArray *touched;  /* files that events named since the last turn, each once */
    GHashTable *touched_set;
    Settle *settle;
    Left *left;
    atomic_int directories; /* watched; any thread */
    atomic_int met;         /* files, by the running full scan; any thread */
    atomic_bool scanned;    /* once since it is there; any thread */
    atomic_bool there;      /* alive; any thread */
} Place;

/* Looks whether the root is still, or again, the one that is watched. */
void place_check(Place *place, int64_t now_ms);

/* What the folder lies on does not answer: the folder is away. */
void place_silent(Place *place, int64_t now_ms);

/* The same with the next turn, after a mount came or went somewhere; one below the folder is
 * scanned for. */
void place_mounts_changed(Place *place, int64_t now_ms);

/* A full scan as soon as possible. */
void place_rescan(Place *place, int64_t now_ms);

/* A full scan for what events named and nobody could remember; but not one after the other. */
void place_hints_lost(Place *place, int64_t now_ms);

/* Every watch has ended: begin anew. */
void place_reset(Place *place, int64_t now_ms);
