/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* courier.h - one notice by one way: looks, gathers, delivers, and remembers how far it went. It
 * has no thread: sender.h gives it one. One thread at a time. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/ledger.h"
#include "daemon/process/notice.h"

/* As notice_send(). */
typedef bool NoticeSend(const NoticeCall *call, int stop, Error **err);

/* What all senders share; borrowed. */
typedef struct CourierParts {
    Ledger *ledger;
    Health *health;
    const char *state_dir; /* where import.db may be */
    NoticeSend *send;
    int stop; /* an eventfd that becomes readable when it is to end; -1: none */
} CourierParts;

typedef struct Courier Courier;

/* Takes a reference of the settings, which have this notice. */
Courier *courier_new(const CourierParts *parts, Settings *settings, const Notice *notice,
                     NoticeWay way);
void courier_free(Courier *courier);

/* "mail:desk": by what the ledger keeps the marks; newly allocated. */
char *courier_name(const Notice *notice, NoticeWay way);

/* Reads its marks, where it has not: of a new notice, they are set now, and what ends from now on
 * is news. False: the ledger cannot be read; the next turn tries again. */
bool courier_begin(Courier *courier);

/* Other settings, with the notice as it is now; what is new in it begins at the end last_end. What
 * could not be delivered is tried at once. */
void courier_reload(Courier *courier, Settings *settings, const Notice *notice, int64_t last_end);
void courier_try_now(Courier *courier);

/* One turn: looks, and delivers what is due, which may take a minute. ledger_reason: why the ledger
 * cannot be written; NULL: it can. Returns when the next turn is due, on clock_ms(). */
int64_t courier_turn(Courier *courier, const char *ledger_reason);

/* What can be said of it. */
typedef struct CourierState {
    const char *reason;      /* why it could not be delivered; NULL: nothing failed. Borrowed */
    const char *fix;         /* what a person can do; may be NULL */
    int64_t failing_wall_ms; /* since when */
    int64_t retry_ms;        /* when it is tried again, on clock_ms() */
    int64_t sent_wall_ms;    /* the last that was delivered; 0: none */
} CourierState;

CourierState courier_state(const Courier *courier);

/* Delivers a notice that says that it is a test, and waits for the answer: 15 s at most. */
bool courier_test(const CourierParts *parts, const Notice *notice, NoticeWay way, Error **err);
