/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lane.h - the thread of one watched folder.
 *
 * A call that hangs in a share holds up this thread, and no other one. The watcher's thread sees
 * that the turn takes long, and calls the folder unavailable for it. */
#pragma once

#include "daemon/watch/engine.h"

/* How long a turn takes before it hangs: a disk that has to spin up needs most of it. */
enum { LANE_HANG_MS = 10000 };

typedef struct Lane Lane;

/* What a lane tells the watcher, on its own thread. */
typedef struct LaneHooks {
    void (*began)(void *user);   /* a turn begins: lane_hang_ms() says when it takes too long */
    void (*scanned)(void *user); /* a full scan has ended */
    void (*ended)(void *user);   /* the lane was asked to end, and has */
    void *user;
} LaneHooks;

/* Watches a folder of settings, of which it takes a reference. It has an intake of its own, as
 * `intake`. Where the thread cannot start, the folder is unavailable. hooks is borrowed. */
Lane *lane_start(Events *events, Settings *settings, const Folder *folder, const Intake *intake,
                 Health *health, const LaneHooks *hooks);

/* Gives it a new snapshot of its folder. False: another lane has to take the place of this one.
 * One thread at a time, as lane_again(). */
bool lane_reload(Lane *lane, Settings *settings, const Folder *folder);

/* A new lane in the place of this one, which hangs, and is asked to end. */
Lane *lane_again(Lane *lane);

/* Asks it to end, and takes its watches from it. Any thread, as all that follows. */
void lane_end(Lane *lane);
bool lane_has_ended(Lane *lane);

/* Waits for the end of its thread, after lane_end(). */
void lane_free(Lane *lane);

/* A mount was added or removed somewhere on this machine. */
void lane_mounts_changed(Lane *lane);

/* Asks for a full scan. */
void lane_scan(Lane *lane);

/* Waits until the first turn has ended, or until_ms. */
void lane_await_first_turn(Lane *lane, int64_t until_ms);

/* When the running turn has taken LANE_HANG_MS: then the folder's file system does not respond.
 * CLOCK_NEVER: the lane sleeps, or the folder is called unavailable already. */
int64_t lane_hang_ms(Lane *lane);

/* The folder is unavailable until the turn has ended. */
void lane_call_unavailable(Lane *lane);

/* Whether it hangs, and mounts have changed since: what it hangs in may be gone. */
bool lane_is_lost(Lane *lane);

const char *lane_name(const Lane *lane);
const FolderStatus *lane_status(const Lane *lane);

/* How many directories without a watch wait for the next full scan. */
int lane_unscanned(const Lane *lane);
WatchReport lane_report(const Lane *lane);
PathReport lane_why(const Lane *lane, const char *path);
