/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dispatch.h - gives jobs from the ledger to the pool of workers.
 *
 * turns.h says whose turn it is: a backlog delays no retry, and retries hold up no new picture. A
 * folder that is unavailable or held waits, and one whose pictures crash worker after worker
 * pauses. At most twice as many jobs as workers are in flight, beside those that stand still
 * (pool.h): one in progress and one queued for each. Where an arrival may come first, none is
 * queued: one more is chosen, and chosen again at each arrival, until a worker is free for it. A
 * picture that has to be alone (ledger.h) is given when no job is in flight but those that hang. */
#pragma once

#include "daemon/jobs/pool.h"

typedef struct Dispatch Dispatch;

/* A reference of settings is taken; context is borrowed, and gets its budget, and the default times
 * where it has none. */
Dispatch *dispatch_new(Settings *settings, JobContext *context, Error **err);

/* Starts the pool. */
bool dispatch_start(Dispatch *dispatch, Error **err);

/* Readable when there may be something to do: call dispatch_turn() then. */
int dispatch_fd(const Dispatch *dispatch);

/* Makes dispatch_fd() readable: the ledger has new work. Any thread. */
void dispatch_wake(Dispatch *dispatch);

/* Gives all jobs that are due and fit. *next_ms is when to call again at the latest (on
 * clock_ms()), INT64_MAX if only dispatch_fd() shows when. False when the ledger failed. Main
 * thread only. */
bool dispatch_turn(Dispatch *dispatch, int64_t *next_ms, Error **err);

/* Whether the last turn failed: nothing is given until the ledger can be written again. Main thread
 * only. */
bool dispatch_paused(const Dispatch *dispatch);

/* Jobs given and workers started from now on use these settings. Main thread only. */
void dispatch_reload(Dispatch *dispatch, Settings *settings);

/* Has other threads take the place of those whose job stands still, and holds the folder if its
 * output directory does not respond. True: jobs are in flight that do not hang, so that it is to be
 * called again after DISPATCH_LOOK_MS. Main thread only; never waits. */
enum { DISPATCH_LOOK_MS = 50 };
bool dispatch_look(Dispatch *dispatch);

/* Ends worker processes that compute without a job. To be called every few seconds. Main thread
 * only. */
void dispatch_end_busy(Dispatch *dispatch);

int dispatch_in_flight(Dispatch *dispatch); /* any thread */

/* pool_for_each_job(). */
void dispatch_for_each_job(Dispatch *dispatch, void (*call)(void *user, const PoolJob *job),
                           void *user);

/* pool_resident_bytes(). */
int64_t dispatch_resident_bytes(Dispatch *dispatch);

/* pool_cancel(). */
void dispatch_cancel(Dispatch *dispatch, const LedgerRow *row);

/* How many pictures a second were done or failed in the last minute; folder NULL: of all. Any
 * thread. */
double dispatch_rate(Dispatch *dispatch, const char *folder, bool *steady);

BudgetUse dispatch_memory(Dispatch *dispatch); /* any thread */

/* Stops the pool as pool_stop() does. */
void dispatch_stop(Dispatch *dispatch, int64_t timeout_ms);
void dispatch_free(Dispatch *dispatch);
