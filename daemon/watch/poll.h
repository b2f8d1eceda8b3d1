/* poll.h - what of a watched folder is scanned every few seconds, because no event tells of
 * it, and how often. The inside of the watcher; its thread only, but for watch_poll_text(). */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "daemon/files/walk.h"

enum {
    POLL_MS = 10000, /* between two scans of what can't be watched; longer where they take long */
    POLL_SHARE = 50, /* times that a scan itself took, at least, before the next one */
};

typedef struct WatchPoll WatchPoll;

WatchPoll *watch_poll_new(void);
void watch_poll_free(WatchPoll *poll);

/* From now on `path`, relative to the folder, and all below it is polled. */
void watch_poll_add(WatchPoll *poll, const char *path, int64_t now_ms);

/* The same where events tell of most that happens there, and a poll only of the rest. */
void watch_poll_add_beside(WatchPoll *poll, const char *path, int64_t now_ms);

/* Nothing is polled: before a scan of the whole folder, which adds it anew. */
void watch_poll_clear(WatchPoll *poll);
bool watch_poll_any(const WatchPoll *poll);

/* What is polled: paths relative to the folder, none of them below another one. */
const GPtrArray *watch_poll_tops(const WatchPoll *poll);

/* When the next scan is due; CLOCK_NEVER. */
int64_t watch_poll_due(const WatchPoll *poll);

/* How long the whole folder should not be scanned after a scan, by the shorter one of the last two,
 * of what is polled and of all: a server that once did not answer for a while is not slow. 0 where
 * nothing is polled. */
int64_t watch_poll_rest(const WatchPoll *poll);

/* Around a scan; what it takes itself, without the looks at files that it leads to, is spent. */
void watch_poll_begin(WatchPoll *poll, Walk *scan, int64_t now_ms);
void watch_poll_spend(WatchPoll *poll, int64_t ms);
void watch_poll_end(WatchPoll *poll, int64_t now_ms);

/* After a scan of the whole folder: how the folder is watched, in words, newly allocated, where
 * that is news; else NULL. */
char *watch_poll_news(WatchPoll *poll);

/* The same, with the present interval: "events", "polling every 10 s", "events and polling every 10
 * s", "events; polling below 'x' and 2 other directories every 10 s". NULL: not known yet. Newly
 * allocated; any thread. */
char *watch_poll_text(WatchPoll *poll);

/* Nothing is known: the folder is away. */
void watch_poll_forget(WatchPoll *poll);
