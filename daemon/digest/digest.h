/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* digest.h - sends what happened to those who want to know (settings/notices.h).
 *
 * Each way of each notice is a sender, with a thread of its own: one that hangs delays no other
 * one, and no picture. A sender looks at the ledger, at the health of folders and at import.db from
 * its mark (ledger/marks.h) on. What it finds it gathers for some seconds, and delivers as one
 * digest, at most one each `every`: "12 failed in desk since 14:00". One that is not delivered is
 * tried again after 10 s, and twice as long each time, up to an hour, with what has happened since.
 * A notice never touches a picture. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/ledger/ledger.h"

typedef struct Digest Digest;

/* Starts a sender for each way of each notice of settings, of which it takes a reference. ledger
 * and health are borrowed; state_dir is where import.db may be. Never fails: without notices there
 * is no thread. Main thread, as for all below. */
Digest *digest_start(Settings *settings, Ledger *ledger, Health *health, const char *state_dir);

/* A new snapshot: senders whose notice is the same go on, others end or begin. Does not wait. */
void digest_reload(Digest *digest, Settings *settings);

/* The ledger can or cannot be written (NULL: it can): that too is news. */
void digest_set_ledger(Digest *digest, const char *reason);

/* Ends the senders, and what they deliver; waits for that. NULL is allowed. */
void digest_stop(Digest *digest);
