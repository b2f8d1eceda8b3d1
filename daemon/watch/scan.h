/* scan.h - the directories of a watched folder: which are watched, and the scans of them.
 *
 * A scan is the truth and an event only a hint of where to look first; both end in files.h. The
 * inside of the watcher; its thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* Around the life of a folder. */
void scan_init(Place *place);
void scan_clear(Place *place);

/* Begins a scan of the whole folder, or of what is polled. */
void scan_begin(Place *place, bool full, int64_t now_ms);

/* As many steps as a turn allows; what events named comes first. True: there is more. */
bool scan_steps(Place *place);

/* Events. A directory's event says its path, a file's too. */
void place_directory_came(Place *place, const char *path, const char *name);
/* Its watch ended. */
void place_directory_lost(Place *place, const char *path);
void place_directory_went(Place *place, const char *path);
