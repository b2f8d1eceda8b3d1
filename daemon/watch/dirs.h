/* dirs.h - which watch belongs to which directory. The watcher's thread only.
 *
 * Our own table: the library keeps the path of the day a watch was made, for ever. A directory is
 * known by its watch and by its inode, so that one that was moved, or is found again by a scan, is
 * never watched twice under two names. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct WatchDir {
    int wd;
    void *owner;       /* the watched folder that it belongs to */
    char *path;        /* relative to the folder; "" is the folder itself */
    atomic_int *count; /* of the folder's watched directories */
    dev_t dev;
    ino_t ino;
} WatchDir;

typedef struct WatchDirs WatchDirs;

WatchDirs *watch_dirs_new(void);
void watch_dirs_free(WatchDirs *dirs);

/* `dir` with its path, which is copied. What is known by its descriptor or its inode is replaced.
 */
void watch_dirs_put(WatchDirs *dirs, const WatchDir *dir, const char *path);
WatchDir *watch_dirs_by_wd(WatchDirs *dirs, int wd);
WatchDir *watch_dirs_by_inode(WatchDirs *dirs, dev_t dev, ino_t ino);

/* Forgets a directory whose watch has ended by itself. */
void watch_dirs_forget(WatchDirs *dirs, WatchDir *dir);

/* Ends the watches of a directory and everything below it. */
void watch_dirs_end(WatchDirs *dirs, const void *owner, const char *path);

/* Ends every watch. */
void watch_dirs_end_all(WatchDirs *dirs);
