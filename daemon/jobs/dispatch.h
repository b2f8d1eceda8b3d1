/* dispatch.h - from the ledger to the ring: the one giver.
 *
 * Folders take turns, first come first served within each; a folder that is not alive waits. At
 * most twice as many jobs as workers are in flight: one in work and one waiting for each. A picture
 * that is to be alone (ledger.h) waits until nothing else is. When workers die one after the other,
 * nothing is given for a while. */
#pragma once

#include "daemon/jobs/pool.h"

typedef struct Dispatch Dispatch;

Dispatch *dispatch_new(Settings *settings, JobContext *context, Error **err);

/* Starts its pool. */
bool dispatch_start(Dispatch *dispatch, Error **err);

/* Readable when there may be something to do: dispatch_turn() then. */
int dispatch_fd(const Dispatch *dispatch);

/* There is new work in the ledger. Any thread. */
void dispatch_wake(Dispatch *dispatch);

/* Gives what is due and fits. *next_ms is when to call again at the latest (on clock_ms()),
 * INT64_MAX if only dispatch_fd() tells. Main thread only. */
bool dispatch_turn(Dispatch *dispatch, int64_t *next_ms, Error **err);

/* Whether the last turn found that the ledger can't be written: nothing is given until it can. Main
 * thread only. */
bool dispatch_paused(const Dispatch *dispatch);

/* Jobs given from now on use these settings. Main thread only. */
void dispatch_reload(Dispatch *dispatch, Settings *settings);

/* Lets others work in the place of those that hang in what a folder lies on, which is held then.
 * To be called every few seconds. Main thread only. */
void dispatch_relieve(Dispatch *dispatch);

int dispatch_in_flight(Dispatch *dispatch);    /* any thread */
BudgetUse dispatch_memory(Dispatch *dispatch); /* likewise */

/* Stops the pool as pool_stop() does. */
void dispatch_stop(Dispatch *dispatch, int64_t patience_ms);
void dispatch_free(Dispatch *dispatch);
