/* turn.h - a watched folder's life, one turn at a time. The inside of the watcher; its thread only.
 */
#pragma once

#include "daemon/watch/folder.h"

enum { TURN_ASK_MS = 50 }; /* that a turn waits for a share to answer, and all others with it */

WatchedFolder *watched_new(WatchCommon *common, Settings *settings, const Folder *folder);
void watched_free(WatchedFolder *watched); /* ends its watches */

/* Takes over a new snapshot of the same folder; false when it changed so much that it must be made
 * anew (another path, other files). */
bool watched_reload(WatchedFolder *watched, Settings *settings, const Folder *folder);

/* The first look for the root, if what it lies on answers in so long; else its turns go on. */
void watched_begin(WatchedFolder *watched, int64_t now_ms, int64_t patience_ms);

/* One turn of work: what events named, what is due, a part of a scan. True: there is more. */
bool watched_turn(WatchedFolder *watched, int64_t now_ms);

/* When the next turn is due if nothing happens; CLOCK_NEVER. */
int64_t watched_next_ms(const WatchedFolder *watched);
