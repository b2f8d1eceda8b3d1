/* engine.h - everything of the watcher but its thread: one turn at a time.
 *
 * The inside of the watcher. One thread at a time calls it; what another one may ask for, watch.h
 * has. It waits for nothing: the caller sleeps until watcher_next_ms(), or until the descriptor of
 * events is readable. */
#pragma once

#include <pthread.h>

#include "daemon/watch/folder.h"
#include "daemon/watch/report.h"

typedef struct Watcher {
    GPtrArray *places; /* of Place */
    WatchCommon common;
    int events;          /* the library's descriptor; -1: none at the moment */
    int64_t anew_ms;     /* when a new generation is due; CLOCK_NEVER */
    int64_t overflow_ms; /* when the last overflow was answered */
    bool limit_told;     /* that watches are too few; until they are enough */

    pthread_mutex_t lock; /* around what follows */
    char *at;             /* the folder whose turn it is; NULL: nobody's */
    int64_t at_ms;        /* since when */
} Watcher;

/* Opens the events before anything else, and looks for every folder of settings, of which a
 * reference is taken. NULL where there can be no events. */
Watcher *watcher_new(Settings *settings, Intake *intake, Health *health, Error **err);
void watcher_free(Watcher *watcher);

/* One turn of everybody; true when there is more to do at once. */
bool watcher_turn(Watcher *watcher);

/* When the next turn is due if nothing happens; CLOCK_NEVER. */
int64_t watcher_next_ms(const Watcher *watcher);

/* A new snapshot: folders that stay go on as they are; the others end before new ones take their
 * directories. */
void watcher_renew(Watcher *watcher, Settings *settings, int64_t now_ms);

/* What watch.h says of these. */
void watcher_rescan(Watcher *watcher, const char *folder, int64_t now_ms);
bool watcher_settled(const Watcher *watcher);
char *watcher_looking(const Watcher *watcher, int *files);
WatchReport watcher_report(const Watcher *watcher, const char *folder);

/* The folder whose turn has lasted for longer than that, newly allocated: what it lies on does not
 * answer. NULL: there is none. Any thread. */
char *watcher_stuck(Watcher *watcher, int64_t longer_ms);

/* A mount came or went somewhere. */
void watcher_mounts_changed(Watcher *watcher, int64_t now_ms);

/* Hands over what is still left to be. */
void watcher_flush(Watcher *watcher, int64_t now_ms);
