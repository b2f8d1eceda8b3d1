/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stream.h - server-sent events: what the daemon does, to all who look at it.
 *
 * While there is a stream, the daemon is asked once a second for all of them. A client that reads
 * slowly gets the newest state when it has read the one before, and never an old one: a stream
 * holds one event. One thread. Events:
 *
 *   page     {"steer": true} or {"steer": false}: whether the page may change something
 *   daemon   {"alive": true} or {"alive": false}
 *   status   what /v1/status answers, when it has changed
 *   changed  {}, when /v1/list or /v1/cards answers something new
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page/forward.h"

enum { STREAMS_MAX = 64 };

typedef struct Hub Hub;
typedef struct Stream Stream;

/* There is something to read; called once for each time that there was nothing. */
typedef void (*StreamWake)(void *user);

Hub *hub_new(Forward *forward, bool steers);

/* Without streams. */
void hub_free(Hub *hub);

/* NULL: there are STREAMS_MAX. The state comes first. */
Stream *hub_add(Hub *hub, StreamWake wake, void *user, int64_t now_ms);
void hub_remove(Hub *hub, Stream *stream);

/* Asks the daemon where it is time. */
void hub_turn(Hub *hub, int64_t now_ms);

/* When hub_turn() has to be called; CLOCK_NEVER without streams. */
int64_t hub_until(const Hub *hub);

/* How many bytes were put into `to`; 0: there is nothing, and `wake` will be called. */
size_t stream_read(Hub *hub, Stream *stream, char *to, size_t most, int64_t now_ms);

/* Whether the client has not read an event for a minute. */
bool stream_is_stuck(const Stream *stream, int64_t now_ms);
