/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* async.h - runs work that may hang as long as a share does not respond, for a thread that must not
 * hang.
 *
 * Each call has a thread of its own. Any thread may start one; one thread at a time uses it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct AsyncCall AsyncCall;

/* Starts work(data) in a new thread; where none can be started, work is done before this returns.
 * `data` is freed when the work has ended and the call was abandoned. */
AsyncCall *async_start(void (*work)(void *data), void *data, GDestroyNotify free_data);

/* mounts_ask_server() for each of these directories (char *). Takes a reference. */
AsyncCall *async_ask_servers(GPtrArray *directories);

/* Waits for the end of the work, for `timeout_ms` at most; whether it has ended. From then on the
 * caller may read `data`, until it calls async_abandon(). */
bool async_wait(AsyncCall *call, int64_t timeout_ms);

/* Whether mounts came or went since the start, true once: what the work hangs on may be gone, and
 * another call may get an answer. Always false while 64 abandoned calls still hang. */
bool async_mounts_changed(const AsyncCall *call);

/* The caller is done with the call; work that has not ended goes on alone. NULL is ignored. */
void async_abandon(AsyncCall *call);
