/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/digest/pace.h"

#include <glib.h>

#include "base/clock.h"

enum {
    GATHER_MS = 5 * 1000,
    FIRST_RETRY_MS = 10 * 1000,
    LONGEST_RETRY_MS = 60 * 60 * 1000,
    DOUBLINGS = 9, /* after which it is longer than that */
};

Pace pace_new(void)
{
    return (Pace){ .news_ms = CLOCK_NEVER };
}

/* A clock that was set back since makes the sender wait for the whole time. */
void pace_begin(Pace *pace, int64_t sent_ago_ms, int64_t every_ms, int64_t now_ms)
{
    pace->was_sent = true;
    pace->sent_ms = now_ms - CLAMP(sent_ago_ms, 0, every_ms);
}

void pace_news(Pace *pace, bool any, int64_t now_ms)
{
    if (!any)
        pace->news_ms = CLOCK_NEVER;
    else if (pace->news_ms == CLOCK_NEVER)
        pace->news_ms = now_ms;
}

int64_t pace_due(const Pace *pace, int64_t every_ms)
{
    if (pace->news_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    if (pace->failures)
        return pace->retry_ms;
    int64_t gathered_ms = pace->news_ms + MIN(GATHER_MS, every_ms);
    return pace->was_sent ? MAX(gathered_ms, pace->sent_ms + every_ms) : gathered_ms;
}

void pace_sent(Pace *pace, int64_t now_ms)
{
    pace->news_ms = CLOCK_NEVER;
    pace->failures = 0;
    pace->was_sent = true;
    pace->sent_ms = now_ms;
}

void pace_failed(Pace *pace, int64_t now_ms)
{
    int64_t delay_ms = (int64_t) FIRST_RETRY_MS << MIN(pace->failures, DOUBLINGS);

    pace->failures++;
    pace->retry_ms = now_ms + MIN(delay_ms, LONGEST_RETRY_MS);
}
