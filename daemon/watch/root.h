/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* root.h - the directory that a folder watches: whether it responds, exists, and is still the same.
 *
 * The inside of the watcher; the folder's thread only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct WatchRoot WatchRoot;

/* The functions below get the root's `path` from the caller, as a new snapshot has its own copy. */
WatchRoot *watch_root_new(void);
void watch_root_free(WatchRoot *root);

/* Asks the servers of `path` and of the directories `below` it (relative paths) for them. Hangs as
 * long as one of them does not respond. */
void watch_root_await(const char *path, const GPtrArray *below);

typedef enum RootState {
    ROOT_SAME,
    ROOT_NEW,         /* another directory than before, or the first one found */
    ROOT_UNAVAILABLE, /* *reason is newly allocated */
} RootState;

/* What is at `path` now. After an unmount the directory that was mounted over is not the folder. */
RootState watch_root_check(WatchRoot *root, const char *path, char **reason);

/* Whether this is the directory that watch_root_check() found last. */
bool watch_root_is(const WatchRoot *root, dev_t dev, ino_t ino);

/* The reason of the folder's outage where its share does not respond, newly allocated. */
char *watch_root_hang_text(const char *path);

/* Whether the mounts below the directory have changed since the last call, or the first check. */
bool watch_root_mounts_changed(WatchRoot *root);

/* Takes the directory that is there from now on, although what was mounted there is missing. */
void watch_root_accept(WatchRoot *root);
