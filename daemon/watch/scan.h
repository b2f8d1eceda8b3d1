/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan.h - the directories of a watched folder: watches, and scans of the files in them.
 *
 * Scans find everything; an event only says which file to check first. Both lead to files.h. The
 * inside of the watcher; the folder's thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* For a new folder, and for one that ends. */
void scan_init(WatchedFolder *watched);
void scan_clear(WatchedFolder *watched);

/* Begins a scan of the whole folder, or else of what is polled. */
void scan_begin(WatchedFolder *watched, bool full, int64_t now_ms);

/* Makes as many steps as a turn allows, first in directories that events named. True: there is
 * more. */
bool scan_continue(WatchedFolder *watched);

/* An event named this directory: it was made, moved here, or its mode has changed. */
void scan_directory_appeared(WatchedFolder *watched, const char *path, const char *name);

/* The watch of this directory has ended: it was removed or unmounted. */
void scan_watch_ended(WatchedFolder *watched, const char *path);

/* The directory was moved out: ends its watches and forgets its files. */
void scan_directory_gone(WatchedFolder *watched, const char *path);
