/* folder.h - one watched folder: its root, its scans, and the files in it.
 *
 * The inside of the watcher; only watch*.c include it. Everything here belongs to the watcher's
 * thread, except what is said to be for any. */
#pragma once

#include "daemon/files/walk.h"
#include "daemon/watch/dirs.h"
#include "daemon/watch/finished.h"
#include "daemon/watch/ignored.h"
#include "daemon/watch/observation.h"
#include "daemon/watch/pending.h"
#include "daemon/watch/poll.h"
#include "daemon/watch/root.h"
#include "daemon/watch/watch.h"

enum {
    PLACE_TURN = 64,         /* entries of a scan between two looks at the events */
    PLACE_TURN_MS = 20,      /* and its time, where each entry is a picture to be offered */
    PLACE_AWAY_MS = 1000,    /* between two looks for a root that is away */
    PLACE_ASK_MS = 50,       /* that a turn waits for a share to answer, and all others with it */
    PLACE_SOON_MS = 10000,   /* until a scan that makes good what could not be done now */
    PLACE_EVENTS_MAX = 4096, /* that are heard before what they named is looked at */
    PLACE_HINTS_MAX = 8192,  /* files, and as many directories, that events named and that wait */
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

Place *place_new(WatchCommon *common, Settings *settings, const Folder *folder);
void place_free(Place *place); /* ends its watches */

/* Takes over a new snapshot of the same folder; false when it changed so much that it must be made
 * anew (another path, other files). */
bool place_renew(Place *place, Settings *settings, const Folder *folder);

/* The first look for the root, if what it lies on answers in so long; else its turns go on. */
void place_begin(Place *place, int64_t now_ms, int64_t patience_ms);

/* Looks whether the root is still, or again, the one that is watched. */
void place_check(Place *place, int64_t now_ms);

/* The same with the next turn, after a mount came or went somewhere; one below the folder is
 * scanned for. */
void place_mounts_changed(Place *place, int64_t now_ms);

/* A full scan as soon as possible. */
void place_rescan(Place *place, int64_t now_ms);

/* A full scan for what events named and nobody could remember; but not one after the other. */
void place_hints_lost(Place *place, int64_t now_ms);

/* Every watch has ended: begin anew. */
void place_reset(Place *place, int64_t now_ms);

/* Events. A directory's event says its path, a file's too. */
void place_directory_came(Place *place, const char *path, const char *name);
/* Its watch ended. */
void place_directory_lost(Place *place, const char *path);
void place_directory_went(Place *place, const char *path);
void place_file_touched(Place *place, const char *path);
void place_file_went(Place *place, const char *path);

/* One turn of work: what events named, what is due, a part of a scan. True: there is more. */
bool place_turn(Place *place, int64_t now_ms);

/* When the next turn is due if nothing happens; SETTLE_NEVER. */
int64_t place_next_ms(const Place *place);

/* files.c: the files. A poll trusts `seen`. */
void place_look_at_touched(Place *place, int64_t now_ms);
void place_look_at_due(Place *place, int64_t now_ms);
void place_meet(Place *place, const char *path, const char *name, const struct stat *st, bool poll,
                int64_t now_ms); /* a scan met it */

/* Hands over what was offered; what fails is tried again after flush_ms. */
void place_flush(WatchCommon *common, int64_t now_ms);
