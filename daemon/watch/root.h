/* root.h - the directory that a folder watches: whether it answers, is there, and is the one
 * that it was. The inside of the watcher; its thread only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct WatchRoot WatchRoot;

/* `path` is borrowed with each call, since a new snapshot has one of its own. */
WatchRoot *watch_root_new(void);
void watch_root_free(WatchRoot *root);

typedef enum RootAnswer {
    ROOT_ANSWERS,
    ROOT_ASKED,  /* it may yet */
    ROOT_SILENT, /* asked ten seconds ago: the share that it lies on does not answer */
} RootAnswer;

/* Whether `path` and the directories `below` it (of relative paths) answer, or did so not longer
 * than age_ms ago: what is looked at next is unlikely to hang. Waits at most patience_ms for that;
 * ask again at watch_root_ask_ms(). */
RootAnswer watch_root_ask(WatchRoot *root, const char *path, const GPtrArray *below, int64_t age_ms,
                          int64_t patience_ms);

/* When to ask again while it is asked; 0: it is not. */
int64_t watch_root_ask_ms(const WatchRoot *root);

typedef enum RootState {
    ROOT_SAME,
    ROOT_NEW,  /* another directory than before, or the first one */
    ROOT_AWAY, /* *reason is newly allocated */
} RootState;

/* What is at `path`. The bare directory of what was mounted there is not the folder. */
RootState watch_root_check(WatchRoot *root, const char *path, char **reason);

/* Whether this is the directory that was found last. */
bool watch_root_is(const WatchRoot *root, dev_t dev, ino_t ino);

/* Why ROOT_SILENT keeps the folder away, newly allocated. */
char *watch_root_silence(const char *path);

/* Whether what is mounted below the directory that was found changed since then, or since the last
 * call. */
bool watch_root_mounts_changed(WatchRoot *root);

/* The directory is right as it is, without what was mounted there. */
void watch_root_accept(WatchRoot *root);
