/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* digest.h - sends what happened to those who want to know (settings/notices.h).
 *
 * Each way of each notice is a sender, with a thread of its own: one that hangs delays no other
 * one, and no picture. A sender looks at the ledger, at the health of folders and at import.db from
 * its marks (ledger/marks.h) on. What it finds it gathers for some seconds, and delivers as one
 * digest, at most one each `every`: "12 failed in desk since 14:00". One that is not delivered is
 * tried again after 10 s, and twice as long each time, up to an hour, with what has happened since.
 * A notice never touches a picture. */
#pragma once

#include "daemon/digest/courier.h"

typedef struct Digest Digest;

/* Starts a sender for each way of each notice of settings, of which it takes a reference. The parts
 * are borrowed; `stop` of parts is not used. Begin before any picture is processed: what ends from
 * now on is news of a new notice. Without notices there is no thread. Main thread, as for all
 * below. */
Digest *digest_start(const CourierParts *parts, Settings *settings);

/* A new snapshot: senders whose notice is still there go on, others end or begin. Call it before
 * other parts use the new one. Does not wait for deliveries. */
void digest_reload(Digest *digest, Settings *settings);

/* The ledger can or cannot be written (NULL: it can): that too is news. NULL is ignored. */
void digest_set_ledger(Digest *digest, const char *reason);

/* What can be said of one sender. Borrowed. */
typedef struct DigestState {
    const char *notice, *way;
    CourierState courier;
} DigestState;

void digest_for_each(Digest *digest, void (*each)(void *user, const DigestState *state),
                     void *user);

/* Delivers a notice that says that it is a test, and waits for the answer; what this sender could
 * not deliver is tried then. Any thread, until digest_stop(). */
bool digest_test(Digest *digest, const Notice *notice, NoticeWay way, Error **err);

/* Whether the notice goes by this way. */
bool digest_has_way(const Notice *notice, NoticeWay way);

/* Ends what is being delivered, tests too, without waiting; then waits for all senders, and frees.
 * NULL is allowed. */
void digest_halt(Digest *digest);
void digest_stop(Digest *digest);
