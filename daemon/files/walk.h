/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* walk.h - walks a tree a few entries at a time, from a queue of directories.
 *
 * A directory's files come first, then its directories, each in the order of the bytes of their
 * names: pictures get their numbers in this order. Of a very large directory ten thousand names are
 * read and sorted at a time.
 *
 * Each directory is shown to `on_directory` before it is listed, so that it can be watched first:
 * what appears between the two is then seen twice instead of never. What vanishes on the way is
 * normal. One directory is open while it is listed, and none while the walk is idle. One thread at
 * a time. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

typedef struct WalkHooks {
    /* A directory, open as fd (O_PATH). False: do not list it. */
    bool (*on_directory)(void *user, const char *path, int fd, const struct stat *st);
    /* Whether to walk into the sub-directory `name` at `path`. */
    bool (*wants_directory)(void *user, const char *path, const char *name);
    /* An entry that is not a directory; `name` is the last part of path. */
    void (*on_entry)(void *user, const char *path, const char *name, const struct stat *st);
    /* A directory that cannot be opened or listed, and the errno. */
    void (*on_unreadable)(void *user, const char *path, int error);
} WalkHooks;

typedef struct Walk Walk;

/* root is copied; hooks must outlive the walk. */
Walk *walk_new(const char *root, const WalkHooks *hooks, void *user);
void walk_free(Walk *walk);

/* Queues a directory, relative to root ("": root itself), before those that are queued already. One
 * that is queued is not added again. */
void walk_push(Walk *walk, const char *path);

/* How many directories are queued. */
unsigned walk_queued(const Walk *walk);

/* Does one small step; false where there is nothing left to do. */
bool walk_step(Walk *walk);
bool walk_is_idle(const Walk *walk);

/* Empties the queue. */
void walk_clear(Walk *walk);
