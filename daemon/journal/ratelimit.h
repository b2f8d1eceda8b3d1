/* ratelimit.h - keeps many messages of one kind from drowning the others.
 *
 * Of each kind of message about a folder, if its row says TOLD_LIMITED, the first FLOOD_FIRST are
 * told; the others that come within FLOOD_MS of the first are counted, and their count is told when
 * that time is over. Then it begins anew. The caller gives the time, and has the lock. */
#pragma once

#include <stdint.h>

#include "daemon/journal/events.h"

enum { FLOOD_FIRST = 20, FLOOD_MS = 60 * 1000 };

#define FLOOD_NEVER INT64_MAX

typedef struct Flood Flood;

Flood *flood_new(void);
void flood_free(Flood *flood);

/* Whether to tell it; folder may be NULL. Times are in ms on one clock. */
bool flood_passes(Flood *flood, EventId id, const char *folder, int64_t now_ms);

/* Takes one count out that is to be told by now, FLOOD_NEVER for whatever there is: the event, the
 * folder (newly allocated, or NULL) and how many were not told. */
bool flood_due(Flood *flood, int64_t now_ms, EventId *id, char **folder, int64_t *count);

/* When to call flood_due() next; FLOOD_NEVER. */
int64_t flood_next_ms(const Flood *flood);
