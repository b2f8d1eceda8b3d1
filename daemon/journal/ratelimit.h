/* ratelimit.h - keeps many messages of one kind from hiding the others.
 *
 * Of each kind of message about a folder, if its row says RATE_LIMITED, the first FLOOD_FIRST are
 * logged. More within FLOOD_MS of the first are suppressed and counted; the count is due when the
 * interval is over, and the next message begins a new interval. The caller gives the time, and
 * holds a lock around each call. */
#pragma once

#include <stdint.h>

#include "daemon/journal/events.h"

enum { FLOOD_FIRST = 20, FLOOD_MS = 60 * 1000 };

#define FLOOD_NEVER INT64_MAX

typedef struct Flood Flood;

Flood *flood_new(void);
void flood_free(Flood *limiter);

/* Whether to log this message; folder may be NULL. Times are in ms on one clock. */
bool flood_passes(Flood *limiter, EventId id, const char *folder, int64_t now_ms);

/* Takes out one count that is due by now, FLOOD_NEVER for every count: the event, the folder (newly
 * allocated, or NULL) and how many messages were suppressed. False where none is due. */
bool flood_due(Flood *limiter, int64_t now_ms, EventId *id, char **folder, int64_t *count);

/* When to call flood_due() next; FLOOD_NEVER: after the next suppressed message. */
int64_t flood_next_ms(const Flood *limiter);
