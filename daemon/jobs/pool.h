/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool.h - threads that take jobs from the queue, each with a worker process, which it lends to
 * another thread while its own job only waits for disks. */
#pragma once

#include "daemon/jobs/job.h"
#include "daemon/jobs/queue.h"

typedef struct Pool Pool;

/* Starts a thread that takes jobs from the queue until it is closed, and up to `workers` as jobs
 * come. The first worker process is started at once with the profiles of `settings`, unless the
 * context has one: the first picture need not wait. ended(user, job, end) is called on the thread
 * before it frees the job; room(user) when another job may begin before that, since only disks are
 * waited for. */
Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*ended)(void *user, const Job *job, JobEnd end), void (*room)(void *user),
                 void *user, Error **err);

/* After a job was given to the queue: starts a thread where none waits for it. Main thread only. */
void pool_job_given(Pool *pool);

/* Starts threads for jobs that wait, where room() was called for them. Main thread only. */
void pool_start_missing(Pool *pool);

/* Threads that start from now on start their worker processes with these settings, of which a
 * reference is taken. */
void pool_reload(Pool *pool, Settings *settings);

/* ---- jobs that stand still: neither their thread nor its worker uses the processor, as when a
 * file system does not respond ---- */

/* Finds such jobs. Other threads take their place, with worker processes of their own. To be called
 * several times a second while jobs are in flight; `others`: there is more than one folder. Where
 * there is only one, a job stands still after slow_job_ms. True when a job stands still now, or
 * goes on. Main thread only. */
bool pool_look(Pool *pool, bool others);

/* Whether both have the same directories: a job may have the settings of before a reload. */
bool pool_same_place(const Folder *one, const Folder *other);

/* Whether jobs of this folder have stood still for a second, or are as many as there are workers:
 * it must not take more threads. Any thread. */
bool pool_is_silent(Pool *pool, const Folder *folder);

/* How many jobs stand still or only wait for disks, so that others may begin; and how many have
 * stood still for slow_job_ms: these hang, their folder is asked whether it responds, and jobs that
 * have to be alone need not wait for them. Any thread. */
int pool_aside(Pool *pool);
int pool_hanging(Pool *pool);

int pool_max_threads(const Pool *pool);

/* Calls `call` with the folder of each job that hangs. Main thread only. */
void pool_for_each_hanging(Pool *pool, void (*call)(void *user, const Folder *folder), void *user);

/* A job in progress; its texts are borrowed during the call. */
typedef struct PoolJob {
    const char *folder, *source;
    int64_t begun_ms; /* on clock_ms() */
    bool waits;       /* for memory, which others have */
    bool still;       /* it stands still */
} PoolJob;

/* The resident memory of all worker processes. Any thread. */
int64_t pool_resident_bytes(Pool *pool);

/* Calls `call` for each job in progress, under the pool's lock: it must not wait. Any thread. */
void pool_for_each_job(Pool *pool, void (*call)(void *user, const PoolJob *job), void *user);

/* Ends the worker of a job whose row a person has cancelled: the row as it was read before that.
 * The worker may go on for a moment; a job without one that works notices it by its row. Any
 * thread. */
void pool_cancel(Pool *pool, const LedgerRow *row);

/* Ends worker processes that compute without a job. Main thread only. */
void pool_end_busy(Pool *pool);

/* Ends and frees the pool, after the queue was closed: waits up to `timeout_ms` for the jobs in
 * progress, then kills the worker processes. Jobs that were cut off, and jobs still in the queue,
 * wait in the ledger. */
void pool_stop(Pool *pool, int64_t timeout_ms);
