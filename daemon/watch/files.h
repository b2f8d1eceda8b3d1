/* files.h - the files of a watched folder: from "there is something" to an offer, a wait, or left
 * in place. The inside of the watcher; its thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* Events. */
void files_touched(WatchedFolder *watched, const char *path);
void files_gone(WatchedFolder *watched, const char *path);

void files_check_touched(WatchedFolder *watched, int64_t now_ms);
void files_check_due(WatchedFolder *watched, int64_t now_ms);
void files_on_entry(WatchedFolder *watched, const char *path, const char *name,
                    const struct stat *st, bool poll, int64_t now_ms); /* a scan met it */

/* Hands over what was offered; what fails is tried again after flush_ms. */
void files_flush(WatchCommon *common, int64_t now_ms);
