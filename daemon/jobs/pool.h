/* pool.h - threads that take jobs from the queue, each with a worker process of its own. */
#pragma once

#include "daemon/jobs/job.h"
#include "daemon/jobs/queue.h"

typedef struct Pool Pool;

/* Starts `workers` threads, which take jobs from the queue until it is closed. Their worker
 * processes are started at once with the profiles of `settings`: the first picture need not wait.
 * ended(user, job, end) is called on the thread before it frees the job. */
Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*ended)(void *user, const Job *job, JobEnd end), void *user, Error **err);

/* Whether a directory of this folder does not respond. */
typedef bool PoolHungTest(void *user, const Folder *folder);

/* Starts another thread for each that has been at its job for longer than longer_ms and hangs, as
 * `is_hung` says of the job's folder; as many at most as there are workers. A thread that hangs
 * ends after its job. True when one was found to hang. Also ends worker processes that compute
 * without a job. Main thread only. */
bool pool_replace_hung(Pool *pool, int64_t longer_ms, PoolHungTest *is_hung, void *user);

/* How many threads hang in a job. Any thread. */
int pool_hanging(Pool *pool);

/* Ends and frees the pool, after the queue was closed: waits up to `timeout_ms` for the jobs in
 * progress, then kills the worker processes. Jobs that were cut off, and jobs still in the queue,
 * wait in the ledger. */
void pool_stop(Pool *pool, int64_t timeout_ms);
