/* turn.h - what a watched folder does in a turn. The inside of the watcher; its thread only. */
#pragma once

#include "daemon/watch/folder.h"

enum { TURN_ASK_MS = 50 }; /* that a turn, and all folders, wait for a share */

/* A new folder; it takes a reference of settings, which has `folder`. */
WatchedFolder *watched_new(WatchCommon *common, Settings *settings, const Folder *folder);
void watched_free(WatchedFolder *watched); /* ends its watches */

/* Takes a new snapshot of the same folder. False: it has another path or takes other files, so that
 * a new WatchedFolder must replace this one. */
bool watched_reload(WatchedFolder *watched, Settings *settings, const Folder *folder);

/* Checks the root for the first time, if its file system responds within timeout_ms; later turns
 * do it otherwise. */
void watched_begin(WatchedFolder *watched, int64_t now_ms, int64_t timeout_ms);

/* Checks files that events named or that are due, and continues a scan. True: there is more. */
bool watched_turn(WatchedFolder *watched, int64_t now_ms);

/* When the next turn is due if no event comes; CLOCK_NEVER. */
int64_t watched_next_ms(const WatchedFolder *watched);
