/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* poll.h - which directories of a watched folder are polled, and how often.
 *
 * A poll is a scan every few seconds, where events do not show all changes. The inside of the
 * watcher; the folder's thread only, except watch_poll_text() and watch_poll_tell(). */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "daemon/files/walk.h"

enum {
    POLL_MS = 10000, /* between two polls; longer where they take long */
    POLL_SHARE = 50, /* the pause after a poll is at least this many times as long as the poll */
};

typedef struct WatchPoll WatchPoll;

WatchPoll *watch_poll_new(void);
void watch_poll_free(WatchPoll *poll);

/* Polls `path`, relative to the folder, and all below it from now on. `why` (static) is the cause,
 * for people. */
void watch_poll_add(WatchPoll *poll, const char *path, const char *why, int64_t now_ms);

/* The same where events show most changes, and a poll finds the others. */
void watch_poll_add_beside(WatchPoll *poll, const char *path, const char *why, int64_t now_ms);

/* Polls nothing; for the begin of a full scan, which adds the directories again. */
void watch_poll_clear(WatchPoll *poll);
bool watch_poll_any(const WatchPoll *poll);

/* The polled directories: paths relative to the folder, none of them below another. */
const GPtrArray *watch_poll_tops(const WatchPoll *poll);

/* When the next poll is due; CLOCK_NEVER. */
int64_t watch_poll_due(const WatchPoll *poll);

/* How long to wait before the next full scan. It follows the shorter one of the last poll and the
 * last full scan: a server that once did not respond for a while is not slow. 0 where nothing is
 * polled. */
int64_t watch_poll_rest(const WatchPoll *poll);

/* Around a poll. It counts the time of the walk as spent, without the checks of the files found. */
void watch_poll_begin(WatchPoll *poll, Walk *scan, int64_t now_ms);
void watch_poll_spend(WatchPoll *poll, int64_t ms);
void watch_poll_end(WatchPoll *poll, int64_t now_ms);

/* After a full scan: how the folder is watched, in words, newly allocated; NULL where that has not
 * changed. */
char *watch_poll_news(WatchPoll *poll);

/* The same, whether or not it has changed: "events", "polling every 10 s", "events and polling
 * every 10 s", "events; polling below 'x' and 2 other directories every 10 s". NULL: not known yet.
 * Newly allocated; any thread. */
char *watch_poll_text(WatchPoll *poll);

/* How a directory is polled, as the last full scan or poll found it. */
typedef struct PollTale {
    int every_s;
    const char *why; /* static */
    int64_t due_ms;  /* the next poll, or the one that is running, by clock_ms() */
} PollTale;

/* False where `path` is not polled. Any thread. */
bool watch_poll_tell(WatchPoll *poll, const char *path, PollTale *tale);

/* The folder is unavailable: nothing is known. */
void watch_poll_forget(WatchPoll *poll);
