/* engine.h - the watcher without its thread: events, and a turn for each folder.
 *
 * The inside of the watcher; watch.h is for other rooms. One thread at a time calls it, except
 * engine_unresponsive(). It never waits for events: the caller sleeps until engine_next_ms(), or
 * until `events` is readable. */
#pragma once

#include <pthread.h>

#include "daemon/watch/folder.h"
#include "daemon/watch/report.h"

typedef struct Engine {
    GPtrArray *folders; /* of WatchedFolder */
    WatchCommon common;
    int events;          /* the library's descriptor; -1: no events now */
    int64_t reopen_ms;   /* when the library is restarted; CLOCK_NEVER */
    int64_t overflow_ms; /* when the last overflow brings its restart */
    bool limit_reported; /* it is reported that the limit of watches is too low */

    pthread_mutex_t lock;  /* of the fields below */
    char *turn_folder;     /* the folder that has its turn; NULL: none */
    int64_t turn_began_ms; /* on clock_ms() */
} Engine;

/* Opens the events first, then checks the root of every folder of settings, of which it takes a
 * reference. NULL: no events are to be had. */
Engine *engine_new(Settings *settings, Intake *intake, Health *health, Error **err);
void engine_free(Engine *engine);

/* Handles events and gives each folder a turn. True: there is more to do at once. */
bool engine_turn(Engine *engine);

/* When the next turn is due if no event comes; CLOCK_NEVER. */
int64_t engine_next_ms(const Engine *engine);

/* Takes a new snapshot. Folders that did not change go on; the others end before new ones watch the
 * same directories. */
void engine_reload(Engine *engine, Settings *settings, int64_t now_ms);

/* As watch.h describes them. */
bool engine_initial_scan_done(const Engine *engine);
char *engine_scanning(const Engine *engine, int *files);
WatchReport engine_report(const Engine *engine, const char *folder);

/* The folder whose turn has taken longer than longer_ms, newly allocated: its file system does not
 * respond. NULL: there is none. Any thread. */
char *engine_unresponsive(Engine *engine, int64_t longer_ms);

/* A mount was added or removed somewhere on this machine. */
void engine_mounts_changed(Engine *engine, int64_t now_ms);

/* Has the intake write what was offered and is not written yet. */
void engine_flush(Engine *engine, int64_t now_ms);
