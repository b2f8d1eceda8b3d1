/* files.h - the files of a watched folder: from "there is something" to an offer, a wait, or left
 * in place. The inside of the watcher; its thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* Events. */
void place_file_touched(Place *place, const char *path);
void place_file_went(Place *place, const char *path);

void place_look_at_touched(Place *place, int64_t now_ms);
void place_look_at_due(Place *place, int64_t now_ms);
void place_meet(Place *place, const char *path, const char *name, const struct stat *st, bool poll,
                int64_t now_ms); /* a scan met it */

/* Hands over what was offered; what fails is tried again after flush_ms. */
void place_flush(WatchCommon *common, int64_t now_ms);
