/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* engine.h - a watched folder without its thread: its events, and its turns.
 *
 * The inside of the watcher; lane.h has the thread. One thread at a time calls it. It never waits
 * for events: the caller sleeps until engine_next_ms(), or until the port has an event. */
#pragma once

#include "daemon/watch/folder.h"

typedef struct Engine {
    WatchCommon common;
    WatchedFolder *watched;
} Engine;

/* A folder of settings, of which it takes a reference. The port is borrowed, and so is the intake,
 * which no other thread may use meanwhile. Nothing is looked at before the first turn. */
Engine *engine_new(Settings *settings, const Folder *folder, EventPort *port, Intake *intake,
                   Health *health);
void engine_free(Engine *engine); /* does not end its watches */

/* Handles events, and gives the folder a turn. True: there is more to do at once. */
bool engine_turn(Engine *engine);

/* When the next turn is due if no event comes; CLOCK_NEVER. */
int64_t engine_next_ms(const Engine *engine);

/* Has the intake write what was offered and is not written yet. */
void engine_flush(Engine *engine, int64_t now_ms);
