/* scan.h - the directories of a watched folder: which are watched, and the scans of them.
 *
 * A scan is the truth and an event only a hint of where to look first; both end in files.h. The
 * inside of the watcher; its thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* Around the life of a folder. */
void scan_init(WatchedFolder *watched);
void scan_clear(WatchedFolder *watched);

/* Begins a scan of the whole folder, or of what is polled. */
void scan_begin(WatchedFolder *watched, bool full, int64_t now_ms);

/* As many steps as a turn allows; what events named comes first. True: there is more. */
bool scan_continue(WatchedFolder *watched);

/* Events. A directory's event says its path, a file's too. */
void scan_directory_appeared(WatchedFolder *watched, const char *path, const char *name);
/* Its watch ended. */
void scan_watch_ended(WatchedFolder *watched, const char *path);
void scan_directory_gone(WatchedFolder *watched, const char *path);
