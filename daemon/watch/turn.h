/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turn.h - what a watched folder does in a turn. The inside of the watcher; the folder's thread
 * only. */
#pragma once

#include "daemon/watch/folder.h"

/* A new folder; it takes a reference of settings, which has `folder`. */
WatchedFolder *watched_new(WatchCommon *common, Settings *settings, const Folder *folder);
void watched_free(WatchedFolder *watched); /* ends its watches */

/* Whether a new snapshot of the folder has the same path and takes the same files; otherwise a new
 * WatchedFolder must replace this one. Any thread. */
bool watched_takes(const Folder *now, const Folder *next);

/* Takes a new snapshot of the folder. */
void watched_reload(WatchedFolder *watched, Settings *settings, const Folder *folder);

/* Checks files that events named or that are due, and continues a scan. True: there is more. */
bool watched_turn(WatchedFolder *watched, int64_t now_ms);

/* When the next turn is due if no event comes; CLOCK_NEVER. */
int64_t watched_next_ms(const WatchedFolder *watched);
