/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/pool.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/jobs/pool_slots.h"
#include "daemon/journal/journal.h"

enum {
    SPARE_MS = 60 * 1000, /* that a thread waits which no job needs */
    STARTS_MS = 5000,     /* that a worker starts, until its thread counts for none */
    MORE_SLOTS = 16,      /* than twice the number of workers, */
    FINISHING_MOST = 16,  /* and for jobs that need their worker no more */
};

/* ---- a thread ---- */

/* As many threads as there are workers pass the gate, and one more for each whose job is aside.
 * False when the thread must end: the pool stops, or it was a spare one for long. */
static bool enter(Pool *pool)
{
    struct timespec limit = clock_after(SPARE_MS);
    int code = 0;

    pthread_mutex_lock(&pool->lock);
    while (!pool->closed && pool->active - pool->aside >= pool->workers && code != ETIMEDOUT)
        code = pthread_cond_clockwait(&pool->gate, &pool->lock, CLOCK_MONOTONIC, &limit);
    bool passed = !pool->closed && pool->active - pool->aside < pool->workers;
    pool->active += passed;
    pthread_mutex_unlock(&pool->lock);
    return passed;
}

static void leave(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->active--;
    pthread_cond_signal(&pool->gate);
    pthread_mutex_unlock(&pool->lock);
}

/* Under the lock. A process that runs and that no thread needs; NULL: there is none. */
static Slot *find_spare(Pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        if (pool->slots[i].spare && process_socket(pool->slots[i].process) >= 0)
            return &pool->slots[i];
    return NULL;
}

/* Under the lock. Its own process is the first choice. */
static void take_process(Slot *slot)
{
    Slot *spare = process_socket(slot->process) < 0 ? find_spare(slot->pool) : NULL;

    slot->spare = false;
    if (!spare) {
        slot->started = true; /* by the job, at the latest */
        return;
    }
    Process *runs = spare->process;
    spare->process = slot->process;
    spare->started = slot->started;
    slot->process = runs;
    slot->started = true;
}

static void begin_job(Slot *slot, Job *job)
{
    pthread_mutex_lock(&slot->pool->lock);
    take_process(slot);
    slot->job = job;
    slot->pool->busy++;
    slot->pool->queued--;
    slot->cpu_ms = 0;
    slot->begun_ms = slot->moved_ms = clock_ms();
    pthread_mutex_unlock(&slot->pool->lock);
}

/* The outputs of its job are made. Its worker goes to the thread that comes next. */
static void give_process_away(Slot *slot)
{
    Pool *pool = slot->pool;

    pthread_mutex_lock(&pool->lock);
    if (!pool->closed && pool->finishing < FINISHING_MOST) {
        process_set_idle(slot->process);
        slot->spare = true;
        slot_set_aside(slot, slot->still, true);
        pthread_cond_signal(&pool->gate);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void end_job(Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    slot->pool->busy--;
    if (!slot->finishing)
        process_set_idle(slot->process);
    slot->spare = !slot->job->folder->isolate; /* else another one is started now */
    slot->job = NULL;
    slot_set_aside(slot, false, false);
    pthread_mutex_unlock(&slot->pool->lock);
}

/* Whether other jobs may begin while its own ends. A batch, which commits nothing, has less to wait
 * for than more threads and workers cost. */
static bool may_end_apart(const Job *job)
{
    return !job_is_batch(job) && !job->folder->isolate && !job->row.alone;
}

static JobEnd run(Slot *slot, Job *job)
{
    if (attempt_make(job, slot->process) && may_end_apart(job)) {
        give_process_away(slot);
        slot->pool->room(slot->pool->user);
    }
    return attempt_end(job);
}

static SlotState state_of(const Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    SlotState state = slot->state;
    pthread_mutex_unlock(&slot->pool->lock);
    return state;
}

static bool may_begin(Pool *pool, const Job *job)
{
    return !atomic_load(&pool->dropping) && !pool_is_silent(pool, job->folder);
}

/* Under the lock. Whether its thread takes no job soon, since its worker does not come to its
 * start. */
static bool is_late(const Slot *slot)
{
    return slot->starts_ms && clock_ms() - slot->starts_ms > STARTS_MS;
}

/* Under the lock. Whether its process is there for jobs that go on. */
static bool is_ready(const Slot *slot)
{
    return slot->started && !slot->still && !is_late(slot);
}

/* Before there is a picture, which then need not wait for it. */
static void start_process(Slot *slot)
{
    Pool *pool = slot->pool;
    g_autoptr(Error) error = NULL;

    pthread_mutex_lock(&pool->lock);
    g_autoptr(Settings) settings = settings_ref(pool->settings);
    bool needs_none = pool_count_slots(pool, is_ready) >= pool->workers;
    slot->started = !needs_none;
    slot->starts_ms = needs_none ? 0 : clock_ms();
    pthread_mutex_unlock(&pool->lock);
    bool started = needs_none || process_ensure_ready(slot->process, settings, false, &error);
    pthread_mutex_lock(&pool->lock);
    slot->starts_ms = 0;
    slot->spare = true;
    pthread_mutex_unlock(&pool->lock);
    if (!started && !atomic_load(&pool->dropping)) /* else pool_stop() has killed it */
        journal_event(EVENT_ERROR, .error = error);
}

/* From now on no other thread takes its process. */
static void keep_process(Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    slot->spare = slot->started = false;
    pthread_mutex_unlock(&slot->pool->lock);
}

/* A slot's thread. Its worker process would die with it, and is ended in order. */
static void *work(void *data)
{
    Slot *slot = data;
    Pool *pool = slot->pool;
    Job *job = NULL;

    start_process(slot);
    while (enter(pool) && (job = queue_take(pool->queue))) {
        bool may = may_begin(pool, job);
        begin_job(slot, job);
        JobEnd end = may ? run(slot, job) : JOB_NOT_BEGUN;
        end_job(slot);
        pool->job_ended(pool->user, job, end);
        if (job->folder->isolate)
            process_start_early(slot->process, job->settings);
        job_free(job);
        leave(pool);
    }
    keep_process(slot);
    process_end(slot->process, NULL);
    pthread_mutex_lock(&pool->lock);
    slot->state = SLOT_ENDED;
    pool->running--;
    pthread_cond_signal(&pool->thread_ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool start_thread(Pool *pool, Slot *slot, Error **err)
{
    pthread_mutex_lock(&pool->lock);
    int code = thread_start(&slot->thread, work, slot);
    if (!code) {
        slot->state = SLOT_RUNS;
        pool->running++;
    }
    pthread_mutex_unlock(&pool->lock);
    return !code || error_set(err, ERROR_CONFIG, "raise the limit of tasks (TasksMax=)",
                              "cannot start a thread: %s", g_strerror(code));
}

static void pool_free(Pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        process_free(pool->slots[i].process);
    pthread_cond_destroy(&pool->gate);
    pthread_cond_destroy(&pool->thread_ended);
    pthread_mutex_destroy(&pool->lock);
    settings_unref(pool->settings);
    g_free(pool->slots);
    g_free(pool);
}

Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*ended)(void *user, const Job *job, JobEnd end), void (*room)(void *user),
                 void *user, Error **err)
{
    Pool *pool = g_new0(Pool, 1);

    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->gate, NULL);
    pthread_cond_init(&pool->thread_ended, NULL);
    pool->workers = workers;
    pool->count = 2 * workers + MORE_SLOTS + FINISHING_MOST;
    pool->slots = g_new0(Slot, (gsize) pool->count);
    pool->settings = settings_ref(settings);
    pool->queue = queue;
    pool->context = context;
    pool->job_ended = ended;
    pool->room = room;
    pool->user = user;
    for (int i = 0; i < pool->count; i++) {
        pool->slots[i].pool = pool;
        pool->slots[i].process = process_new();
    }
    if (context->first) {
        process_free(pool->slots[0].process);
        pool->slots[0].process = g_steal_pointer(&context->first);
    }
    if (start_thread(pool, &pool->slots[0], err))
        return pool;
    queue_close(queue, (unsigned) pool->count);
    pool_stop(pool, 0);
    return NULL;
}

void pool_reload(Pool *pool, Settings *settings)
{
    pthread_mutex_lock(&pool->lock);
    Settings *old = pool->settings;
    pool->settings = settings_ref(settings);
    pthread_mutex_unlock(&pool->lock);
    settings_unref(old);
}

/* ---- as many threads as jobs need ---- */

/* Whether the slot has room for a thread; one that has ended is joined. Its state needs no lock
 * then: only the main thread uses the slot. */
static bool is_free(Slot *slot)
{
    SlotState state = state_of(slot);

    if (state == SLOT_ENDED) {
        pthread_join(slot->thread, NULL);
        slot->state = SLOT_EMPTY;
    }
    return state == SLOT_ENDED || state == SLOT_EMPTY;
}

/* How many threads are missing for the jobs that wait, of which as many as there are workers are
 * processed at a time, beside those that stand still. */
static int count_missing(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int running = pool->running - pool_count_slots(pool, is_late);
    int missing = pool->workers - (running - pool->aside);
    int waiting = pool->queued - (running - pool->busy);
    pthread_mutex_unlock(&pool->lock);
    return MIN(missing, waiting);
}

/* One that can't be started is tried again at the next call. */
void pool_start_missing(Pool *pool)
{
    int missing = count_missing(pool);

    for (int i = 0; missing > 0 && i < pool->count; i++) {
        g_autoptr(Error) error = NULL;
        if (is_free(&pool->slots[i]))
            missing -= start_thread(pool, &pool->slots[i], &error);
    }
}

void pool_job_given(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->queued++;
    pthread_mutex_unlock(&pool->lock);
    pool_start_missing(pool);
}

/* Ends a worker process that computes without a job. No thread can take a job for it during that,
 * as this holds the lock. */
static void end_if_busy(Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    if (slot->state == SLOT_RUNS && (!slot->job || slot->finishing))
        process_kill_if_busy(slot->process);
    pthread_mutex_unlock(&slot->pool->lock);
}

int pool_max_threads(const Pool *pool)
{
    return pool->count;
}

void pool_end_busy(Pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        end_if_busy(&pool->slots[i]);
}

/* ---- the end of the pool ---- */

/* Waits until every thread has finished its work; false when that takes longer. */
static bool ended_within(Pool *pool, int64_t timeout_ms)
{
    struct timespec limit = clock_after(timeout_ms);
    int code = 0;

    pthread_mutex_lock(&pool->lock);
    pool->closed = true;
    pthread_cond_broadcast(&pool->gate);
    while (pool->running && code != ETIMEDOUT)
        code = pthread_cond_clockwait(&pool->thread_ended, &pool->lock, CLOCK_MONOTONIC, &limit);
    bool all = !pool->running;
    pthread_mutex_unlock(&pool->lock);
    return all;
}

/* A worker that still starts is not needed any more, and may hang. */
static void end_starts(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++)
        if (pool->slots[i].starts_ms)
            process_kill(pool->slots[i].process);
    pthread_mutex_unlock(&pool->lock);
}

static void kill_all(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++)
        process_kill(pool->slots[i].process);
    pthread_mutex_unlock(&pool->lock);
}

void pool_stop(Pool *pool, int64_t timeout_ms)
{
    if (!pool)
        return;
    atomic_store(&pool->dropping, true);
    end_starts(pool);
    if (!ended_within(pool, timeout_ms)) {
        atomic_store(&pool->context->stopping, true);
        kill_all(pool);
    }
    for (int i = 0; i < pool->count; i++)
        if (state_of(&pool->slots[i]) != SLOT_EMPTY)
            pthread_join(pool->slots[i].thread, NULL);
    pool_free(pool);
}
