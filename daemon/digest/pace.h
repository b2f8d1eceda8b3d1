/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pace.h - when a sender delivers: some seconds after the first news, so that what happens together
 * comes together; at most once each `every`; and where it cannot be delivered, after 10 s, twice as
 * long after each try, up to an hour. Pure functions; times on clock_ms(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Pace {
    int64_t news_ms;  /* since when there are news; CLOCK_NEVER: there are none */
    bool was_sent;    /* a digest was delivered, */
    int64_t sent_ms;  /* then */
    int failures;     /* since the last that was delivered */
    int64_t retry_ms; /* after a failure, when it is tried again */
} Pace;

Pace pace_new(void);

/* The last digest was delivered `sent_ago_ms` (of wall time) before this sender began. */
void pace_begin(Pace *pace, int64_t sent_ago_ms, int64_t every_ms, int64_t now_ms);

/* There are news, or none. */
void pace_news(Pace *pace, bool any, int64_t now_ms);

/* When to deliver; CLOCK_NEVER: there are no news. */
int64_t pace_due(const Pace *pace, int64_t every_ms);

void pace_sent(Pace *pace, int64_t now_ms);
void pace_failed(Pace *pace, int64_t now_ms);
