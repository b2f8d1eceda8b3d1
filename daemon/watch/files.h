/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files.h - the files of a watched folder: each is offered to the intake, pending, or ignored.
 *
 * The inside of the watcher; the folder's thread only. */
#pragma once

#include "daemon/watch/folder.h"

/* An event named the file: it is checked in the next turn. */
void files_touched(WatchedFolder *watched, const char *path);

/* The file is not there any more. */
void files_gone(WatchedFolder *watched, const char *path);

/* Checks files that events named, or that are due, for one turn. */
void files_check_touched(WatchedFolder *watched, int64_t now_ms);
void files_check_due(WatchedFolder *watched, int64_t now_ms);

/* A scan has found the file; a poll skips those that the ledger has finished. */
void files_on_entry(WatchedFolder *watched, const char *path, const char *name,
                    const struct stat *st, bool poll, int64_t now_ms);

/* A directory that is not entered for `reason` (static): counted like a file, and `report`ed once.
 */
void files_ignore_directory(WatchedFolder *watched, const char *path, const char *reason,
                            bool report);

/* Has the intake write what was offered; if that fails, flush_ms says when to try again. */
void files_flush(WatchCommon *common, int64_t now_ms);
