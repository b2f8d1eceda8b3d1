#include "daemon/jobs/pool.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/jobs/attempt.h"
#include "daemon/journal/journal.h"

typedef enum SlotState {
    SLOT_EMPTY, /* no thread, and none to join */
    SLOT_TAKES_JOBS,
    SLOT_HANGS, /* its thread hangs in a job; a thread in another slot takes jobs instead */
    SLOT_ENDED, /* its thread has to be joined */
} SlotState;

/* Room for one thread and its worker process. */
typedef struct Slot {
    Pool *pool;
    pthread_t thread;
    Process *process;
    /* under the pool's lock */
    SlotState state;
    const Job *job;       /* that its thread processes; NULL: none */
    int64_t job_since_ms; /* when the thread took it */
} Slot;

struct Pool {
    int workers; /* threads that take jobs */
    int count;   /* of slots: twice as many, since each of these threads may hang */
    Slot *slots;
    Settings *settings; /* for starting the worker processes early */
    Queue *queue;
    JobContext *context;
    void (*job_ended)(void *user, const Job *job, JobEnd end);
    void *user;
    atomic_bool dropping; /* jobs are taken from the queue and dropped: the pool stops */

    pthread_mutex_t lock;
    pthread_cond_t thread_ended;
    int running; /* threads that have not ended */
    int hanging; /* threads that hang in a job */
};

static void begin_job(Slot *slot, const Job *job)
{
    pthread_mutex_lock(&slot->pool->lock);
    slot->job = job;
    slot->job_since_ms = clock_ms();
    pthread_mutex_unlock(&slot->pool->lock);
}

static void end_job(Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    slot->job = NULL;
    process_set_idle(slot->process);
    slot->pool->hanging -= slot->state == SLOT_HANGS;
    pthread_mutex_unlock(&slot->pool->lock);
}

static SlotState state_of(const Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    SlotState state = slot->state;
    pthread_mutex_unlock(&slot->pool->lock);
    return state;
}

/* A slot's thread. Its worker process would die with it, and is ended in order. */
static void *work(void *data)
{
    Slot *slot = data;
    Pool *pool = slot->pool;
    g_autoptr(Error) error = NULL;
    Job *job = NULL;

    if (!process_ensure_ready(slot->process, pool->settings, false, &error))
        journal_event(EVENT_ERROR, .error = error);
    while (state_of(slot) == SLOT_TAKES_JOBS && (job = queue_take(pool->queue))) {
        begin_job(slot, job);
        JobEnd end = atomic_load(&pool->dropping) ? JOB_NOT_BEGUN : attempt_run(job, slot->process);
        end_job(slot);
        pool->job_ended(pool->user, job, end);
        if (job->folder->isolate)
            process_start_early(slot->process, job->settings);
        job_free(job);
    }
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
        slot->state = SLOT_TAKES_JOBS;
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
    pthread_cond_destroy(&pool->thread_ended);
    pthread_mutex_destroy(&pool->lock);
    settings_unref(pool->settings);
    g_free(pool->slots);
    g_free(pool);
}

Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*ended)(void *user, const Job *job, JobEnd end), void *user, Error **err)
{
    Pool *pool = g_new0(Pool, 1);

    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->thread_ended, NULL);
    pool->workers = workers;
    pool->count = 2 * workers;
    pool->slots = g_new0(Slot, (gsize) pool->count);
    pool->settings = settings_ref(settings);
    pool->queue = queue;
    pool->context = context;
    pool->job_ended = ended;
    pool->user = user;
    for (int i = 0; i < pool->count; i++) {
        pool->slots[i].pool = pool;
        pool->slots[i].process = process_new();
    }
    for (int i = 0; i < workers; i++)
        if (!start_thread(pool, &pool->slots[i], err)) {
            queue_close(queue, (unsigned) i);
            pool_stop(pool, 0);
            return NULL;
        }
    return pool;
}

/* ---- threads that hang ---- */

static int count_takers(Pool *pool)
{
    int count = 0;

    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++)
        count += pool->slots[i].state == SLOT_TAKES_JOBS;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

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

/* Starts a thread for each that is missing; one that can't be started is tried again at the next
 * call. */
static void fill_slots(Pool *pool)
{
    int missing = pool->workers - count_takers(pool);

    for (int i = 0; missing > 0 && i < pool->count; i++) {
        g_autoptr(Error) error = NULL;
        if (is_free(&pool->slots[i]))
            missing -= start_thread(pool, &pool->slots[i], &error);
    }
}

/* The job that the slot's thread has processed for longer than longer_ms, with a reference of its
 * settings, which have its folder; NULL: there is none. The job itself may be freed at any time. */
static const Job *slow_job(Slot *slot, int64_t longer_ms, Settings **settings,
                           const Folder **folder, int64_t *since_ms)
{
    const Job *slow = NULL;

    pthread_mutex_lock(&slot->pool->lock);
    *since_ms = slot->job_since_ms;
    if (slot->state == SLOT_TAKES_JOBS && slot->job && clock_ms() > *since_ms + longer_ms) {
        slow = slot->job;
        *settings = settings_ref(slow->settings);
        *folder = slow->folder;
    }
    pthread_mutex_unlock(&slot->pool->lock);
    return slow;
}

/* Records whether a thread hangs in its job. The lock is not held during the test, which may take
 * seconds: the job can have ended by then. */
static bool record_hung(Slot *slot, int64_t longer_ms, PoolHungTest *is_hung, void *user)
{
    Settings *settings = NULL;
    const Folder *folder = NULL;
    int64_t since_ms = 0;

    const Job *job = slow_job(slot, longer_ms, &settings, &folder, &since_ms);
    if (!job)
        return false;
    bool hung = is_hung(user, folder);
    settings_unref(settings);
    pthread_mutex_lock(&slot->pool->lock);
    hung = hung && slot->job == job && slot->job_since_ms == since_ms;
    if (hung)
        slot->state = SLOT_HANGS;
    slot->pool->hanging += hung;
    pthread_mutex_unlock(&slot->pool->lock);
    return hung;
}

int pool_hanging(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int hanging = pool->hanging;
    pthread_mutex_unlock(&pool->lock);
    return hanging;
}

/* Ends a worker process that computes without a job. Its thread cannot take a job during that, as
 * this holds the lock. */
static void end_if_busy(Slot *slot)
{
    pthread_mutex_lock(&slot->pool->lock);
    if (slot->state == SLOT_TAKES_JOBS && !slot->job)
        process_kill_if_busy(slot->process);
    pthread_mutex_unlock(&slot->pool->lock);
}

bool pool_replace_hung(Pool *pool, int64_t longer_ms, PoolHungTest *is_hung, void *user)
{
    bool any = false;

    for (int i = 0; i < pool->count && pool_hanging(pool) < pool->workers; i++)
        any |= record_hung(&pool->slots[i], longer_ms, is_hung, user);
    for (int i = 0; i < pool->count; i++)
        end_if_busy(&pool->slots[i]);
    fill_slots(pool);
    return any;
}

/* ---- the end of the pool ---- */

/* Waits until every thread has finished its work; false when that takes longer. */
static bool ended_within(Pool *pool, int64_t timeout_ms)
{
    struct timespec limit = clock_after(timeout_ms);
    int code = 0;

    pthread_mutex_lock(&pool->lock);
    while (pool->running && code != ETIMEDOUT)
        code = pthread_cond_clockwait(&pool->thread_ended, &pool->lock, CLOCK_MONOTONIC, &limit);
    bool all = !pool->running;
    pthread_mutex_unlock(&pool->lock);
    return all;
}

void pool_stop(Pool *pool, int64_t timeout_ms)
{
    if (!pool)
        return;
    atomic_store(&pool->dropping, true);
    if (!ended_within(pool, timeout_ms)) {
        atomic_store(&pool->context->stopping, true);
        for (int i = 0; i < pool->count; i++)
            process_kill(pool->slots[i].process);
    }
    for (int i = 0; i < pool->count; i++)
        if (state_of(&pool->slots[i]) != SLOT_EMPTY)
            pthread_join(pool->slots[i].thread, NULL);
    pool_free(pool);
}
