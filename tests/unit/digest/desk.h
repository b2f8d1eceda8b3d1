/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desk.h - one notice by one way, with a ledger in a file, a folder "inbox", and another end that
 * takes what is delivered. The clock stands still, but for what a test lets pass. */
#pragma once

#include "daemon/digest/courier.h"
#include "tests/unit/ledger/bench.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

typedef struct OtherEnd {
    bool refuses;
    int calls, taken;
    int64_t failed, done; /* sums of what was taken */
    char *subject, *json; /* of the last one that was taken */
} OtherEnd;

extern OtherEnd other_end;

typedef struct Desk {
    Bench *bench;
    Health *health;
    Settings *settings;
    Notice notice; /* about what failed, every 10 minutes, by mail */
    Courier *courier;
    int pictures;
    char *ledger_reason;
} Desk;

int set_up_desk(void **state);
int tear_down_desk(void **state);

CourierParts courier_parts(const Desk *desk);

/* Another one, as after a restart. */
void start_courier(Desk *desk);

void add_folder(Settings *settings, const char *name);

/* Pictures arrive; some that are queued end; both, in "inbox". */
void offer_some(Desk *desk, int number, const char *folder);
void end_some(Desk *desk, int number, const char *folder, bool fails);
void fail_some(Desk *desk, int number);
void finish_some(Desk *desk, int number);

/* Lets time pass, with turns as the thread of a sender makes them. */
void run_for(Desk *desk, int64_t ms);
