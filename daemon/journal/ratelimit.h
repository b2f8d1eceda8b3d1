/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ratelimit.h - keeps many messages of one kind from hiding the others.
 *
 * Of each kind of message about a folder, if its row says RATE_LIMITED, the first RATELIMIT_BURST
 * are logged. More within RATELIMIT_INTERVAL_MS of the first are suppressed and counted; the count
 * is due when the interval is over, and the next message begins a new interval. The caller gives
 * the time, and holds a lock around each call. */
#pragma once

#include <stdint.h>

#include "daemon/journal/events.h"

enum { RATELIMIT_BURST = 20, RATELIMIT_INTERVAL_MS = 60 * 1000 };

#define RATELIMIT_NEVER INT64_MAX

typedef struct RateLimiter RateLimiter;

RateLimiter *ratelimit_new(void);
void ratelimit_free(RateLimiter *limiter);

/* Whether to log this message; folder may be NULL. Times are in ms on one clock. */
bool ratelimit_allows(RateLimiter *limiter, EventId id, const char *folder, int64_t now_ms);

/* Takes out one count that is due by now, RATELIMIT_NEVER for every count: the event, the folder
 * (newly allocated, or NULL) and how many messages were suppressed. False where none is due. */
bool ratelimit_take_suppressed(RateLimiter *limiter, int64_t now_ms, EventId *id, char **folder,
                               int64_t *count);

/* When to call ratelimit_take_suppressed() next; RATELIMIT_NEVER: after the next suppressed
 * message. */
int64_t ratelimit_next_ms(const RateLimiter *limiter);
