/* walk.h - walks a tree a few entries at a time, from a work list.
 *
 * Each directory is shown to `enter` before it is listed, so that it can be watched first: what
 * appears between the two is then seen twice instead of never. What vanishes on the way is normal.
 * One directory is open while it is listed, and none when the walk is idle. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef struct WalkHooks {
    /* A directory, open as fd (O_PATH). False: it is not listed. */
    bool (*enter)(void *user, const char *path, int fd, const struct stat *st);
    /* Whether to go into the sub-directory `name` at `path`. */
    bool (*descend)(void *user, const char *path, const char *name);
    /* Anything that is no directory; `name` is the last part of path. */
    void (*meet)(void *user, const char *path, const char *name, const struct stat *st);
    /* A directory that cannot be opened or listed, and the errno. */
    void (*barred)(void *user, const char *path, int error);
} WalkHooks;

typedef struct Walk Walk;

/* root is copied; hooks must outlive the walk. */
Walk *walk_new(const char *root, const WalkHooks *hooks, void *user);
void walk_free(Walk *walk);

/* Adds a directory, relative to root ("": root itself); it is walked before what was there. One
 * that waits already is not added again. */
void walk_push(Walk *walk, const char *path);

/* How many directories wait to be listed. */
unsigned walk_waiting(const Walk *walk);

/* Does one small step; false when nothing is left to do. */
bool walk_step(Walk *walk);
bool walk_idle(const Walk *walk);

/* Forgets what is left to do. */
void walk_stop(Walk *walk);
