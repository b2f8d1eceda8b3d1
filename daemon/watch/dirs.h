/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dirs.h - which watch belongs to which directory of a folder. The folder's thread only, except
 * watch_dirs_has().
 *
 * It is right after a move, too. It finds a directory by its watch and by its inode: a directory
 * that was moved, or that a scan finds again, is not watched twice under two names. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "daemon/watch/events.h"

typedef struct WatchDir {
    int wd;
    char *path;        /* relative to the folder; "" is the folder itself */
    atomic_int *count; /* the folder's number of watched directories: kept right here */
    dev_t dev;
    ino_t ino;
} WatchDir;

typedef struct WatchDirs WatchDirs;

/* The watches are those of `port`, which is borrowed. */
WatchDirs *watch_dirs_new(EventPort *port);
void watch_dirs_free(WatchDirs *dirs);

/* Adds a copy of `dir` with a copy of `path`. It replaces entries of the same watch or inode. */
void watch_dirs_put(WatchDirs *dirs, const WatchDir *dir, const char *path);
WatchDir *watch_dirs_by_wd(WatchDirs *dirs, int wd);
WatchDir *watch_dirs_by_inode(WatchDirs *dirs, dev_t dev, ino_t ino);

/* Whether the directory at `path` is watched; it looks at all of them. Any thread. */
bool watch_dirs_has(WatchDirs *dirs, const char *path);

/* Forgets a directory whose watch has ended already. */
void watch_dirs_forget(WatchDirs *dirs, WatchDir *dir);

/* Ends the watches of a directory and of all directories below it. */
void watch_dirs_end(WatchDirs *dirs, const char *path);

/* Forgets all directories: every watch has ended already. */
void watch_dirs_forget_all(WatchDirs *dirs);
