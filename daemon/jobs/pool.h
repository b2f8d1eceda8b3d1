/* pool.h - N threads, each with a child of its own, taking jobs from the ring. */
#pragma once

#include "daemon/jobs/job.h"
#include "daemon/jobs/queue.h"

typedef struct Pool Pool;

/* Starts `workers` threads, which take jobs from queue until it is closed. Their children are
 * started at once with the profiles of `settings`, so that the first picture need not wait.
 * finished(user, job, end) is called on the thread before the job is freed. */
Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*finished)(void *user, const Job *job, JobEnd end), void *user, Error **err);

/* Whether what this folder lies on does not answer. */
typedef bool PoolHangs(void *user, const Folder *folder);

/* Lets another thread take jobs in the place of each that has been at its job for longer than
 * longer_ms and hangs; of as many at most as there are workers. A thread whose place was taken ends
 * after that job. Whether any was. And ends workers that compute without a job. Main thread only.
 */
bool pool_relieve(Pool *pool, int64_t longer_ms, PoolHangs *hangs, void *user);

/* How many jobs hang in such threads. Any thread. */
int pool_hanging(Pool *pool);

/* Ends after the queue was closed: waits up to `patience_ms` for what is in hand, then kills the
 * children, whose jobs wait in the ledger. Jobs still in the ring are dropped: they wait there too.
 */
void pool_stop(Pool *pool, int64_t patience_ms);
