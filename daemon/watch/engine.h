/* engine.h - everything of the watcher but its thread: one turn at a time.
 *
 * The inside of the watcher. One thread at a time calls it; what another one may ask for, watch.h
 * has. It waits for nothing: the caller sleeps until engine_next_ms(), or until the descriptor of
 * events is readable. */
#pragma once

#include <pthread.h>

#include "daemon/watch/folder.h"
#include "daemon/watch/report.h"

typedef struct Engine {
    GPtrArray *folders; /* of Place */
    WatchCommon common;
    int events;          /* the library's descriptor; -1: none at the moment */
    int64_t reopen_ms;   /* when a new generation is due; CLOCK_NEVER */
    int64_t overflow_ms; /* when the last overflow was answered */
    bool limit_reported; /* that watches are too few; until they are enough */

    pthread_mutex_t lock;  /* around what follows */
    char *turn_folder;     /* the folder whose turn it is; NULL: nobody's */
    int64_t turn_began_ms; /* since when */
} Engine;

/* Opens the events before anything else, and looks for every folder of settings, of which a
 * reference is taken. NULL where there can be no events. */
Engine *engine_new(Settings *settings, Intake *intake, Health *health, Error **err);
void engine_free(Engine *engine);

/* One turn of everybody; true when there is more to do at once. */
bool engine_turn(Engine *engine);

/* When the next turn is due if nothing happens; CLOCK_NEVER. */
int64_t engine_next_ms(const Engine *engine);

/* A new snapshot: folders that stay go on as they are; the others end before new ones take their
 * directories. */
void engine_reload(Engine *engine, Settings *settings, int64_t now_ms);

/* What watch.h says of these. */
bool engine_initial_scan_done(const Engine *engine);
char *engine_scanning(const Engine *engine, int *files);
WatchReport engine_report(const Engine *engine, const char *folder);

/* The folder whose turn has lasted for longer than that, newly allocated: what it lies on does not
 * answer. NULL: there is none. Any thread. */
char *engine_unresponsive(Engine *engine, int64_t longer_ms);

/* A mount came or went somewhere. */
void engine_mounts_changed(Engine *engine, int64_t now_ms);

/* Hands over what is still left to be. */
void engine_flush(Engine *engine, int64_t now_ms);
