#include "daemon/jobs/pool.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/jobs/attempt.h"
#include "daemon/journal/journal.h"

typedef enum WorkerState {
    WORKER_NONE, /* no thread, and none to join */
    WORKER_TAKES,
    WORKER_HANGS, /* another one has its place */
    WORKER_ENDED, /* to join */
} WorkerState;

typedef struct Worker {
    Pool *pool;
    pthread_t thread;
    Child *child;
    /* under the pool's lock */
    WorkerState state;
    const Job *job; /* in hand; NULL: none */
    int64_t job_ms; /* since when, on clock_ms() */
} Worker;

struct Pool {
    int count;          /* of workers: twice as many as are wanted, since each may hang */
    Worker *workers;    /* the first of them take jobs from the beginning */
    Settings *settings; /* only to start the children early */
    Queue *queue;
    JobContext *context;
    void (*finished)(void *user, const Job *job, JobEnd end);
    void *user;
    atomic_bool dropping;

    pthread_mutex_t lock;
    pthread_cond_t ended;
    int running; /* threads that are at work */
    int hanging; /* jobs in hand of threads whose place was taken */
};

static void take_in_hand(Worker *worker, const Job *job)
{
    pthread_mutex_lock(&worker->pool->lock);
    worker->job = job;
    worker->job_ms = clock_ms();
    pthread_mutex_unlock(&worker->pool->lock);
}

static void put_down(Worker *worker)
{
    pthread_mutex_lock(&worker->pool->lock);
    worker->job = NULL;
    child_rests(worker->child);
    worker->pool->hanging -= worker->state == WORKER_HANGS;
    pthread_mutex_unlock(&worker->pool->lock);
}

static WorkerState state_of(const Worker *worker)
{
    pthread_mutex_lock(&worker->pool->lock);
    WorkerState state = worker->state;
    pthread_mutex_unlock(&worker->pool->lock);
    return state;
}

static void *work(void *data)
{
    Worker *worker = data;
    Pool *pool = worker->pool;
    g_autoptr(Error) error = NULL;
    Job *job = NULL;

    if (!child_ready(worker->child, pool->settings, false, &error))
        journal_event(EVENT_ERROR, .error = error);
    while (state_of(worker) == WORKER_TAKES && (job = queue_take(pool->queue))) {
        take_in_hand(worker, job);
        JobEnd end = atomic_load(&pool->dropping) ? JOB_NOT_OURS : attempt_run(job, worker->child);
        put_down(worker);
        pool->finished(pool->user, job, end);
        if (job->folder->isolate)
            child_renew(worker->child, job->settings);
        job_free(job);
    }
    /* The child dies with this thread; let it go in order. */
    child_end(worker->child, NULL);
    pthread_mutex_lock(&pool->lock);
    worker->state = WORKER_ENDED;
    pool->running--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool start_thread(Pool *pool, Worker *worker, Error **err)
{
    pthread_mutex_lock(&pool->lock);
    int code = thread_start(&worker->thread, work, worker);
    if (!code) {
        worker->state = WORKER_TAKES;
        pool->running++;
    }
    pthread_mutex_unlock(&pool->lock);
    return !code || error_set(err, ERROR_CONFIG, "raise the limit of tasks (TasksMax=)",
                              "cannot start a thread: %s", g_strerror(code));
}

static void pool_free(Pool *pool)
{
    for (int i = 0; i < pool->count; i++)
        child_free(pool->workers[i].child);
    pthread_cond_destroy(&pool->ended);
    pthread_mutex_destroy(&pool->lock);
    settings_unref(pool->settings);
    g_free(pool->workers);
    g_free(pool);
}

Pool *pool_start(int workers, Settings *settings, Queue *queue, JobContext *context,
                 void (*finished)(void *user, const Job *job, JobEnd end), void *user, Error **err)
{
    Pool *pool = g_new0(Pool, 1);

    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->ended, NULL);
    pool->count = 2 * workers;
    pool->workers = g_new0(Worker, (gsize) pool->count);
    pool->settings = settings_ref(settings);
    pool->queue = queue;
    pool->context = context;
    pool->finished = finished;
    pool->user = user;
    for (int i = 0; i < pool->count; i++) {
        pool->workers[i].pool = pool;
        pool->workers[i].child = child_new();
    }
    for (int i = 0; i < workers; i++)
        if (!start_thread(pool, &pool->workers[i], err)) {
            queue_close(queue, (unsigned) i);
            pool_stop(pool, 0);
            return NULL;
        }
    return pool;
}

/* ---- threads that hang ---- */

static int takers(Pool *pool)
{
    int count = 0;

    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++)
        count += pool->workers[i].state == WORKER_TAKES;
    pthread_mutex_unlock(&pool->lock);
    return count;
}

/* Whether it has no thread, which it may have had. */
static bool is_free(Worker *worker)
{
    WorkerState state = state_of(worker);

    if (state == WORKER_ENDED) {
        pthread_join(worker->thread, NULL);
        worker->state = WORKER_NONE; /* nobody else knows it now */
    }
    return state == WORKER_ENDED || state == WORKER_NONE;
}

/* Starts as many as are wanted; what fails is tried the next time. */
static void fill_places(Pool *pool)
{
    int missing = pool->count / 2 - takers(pool);

    for (int i = 0; missing > 0 && i < pool->count; i++) {
        g_autoptr(Error) error = NULL;
        if (is_free(&pool->workers[i]))
            missing -= start_thread(pool, &pool->workers[i], &error);
    }
}

/* Whether what the job in hand waits for does not answer; the job may end meanwhile. */
static bool hangs_in(Worker *worker, int64_t longer_ms, PoolHangs *hangs, void *user)
{
    Settings *settings = NULL;
    const Folder *folder = NULL;

    pthread_mutex_lock(&worker->pool->lock);
    const Job *job = worker->state == WORKER_TAKES ? worker->job : NULL;
    int64_t since_ms = worker->job_ms;
    if (job && clock_ms() > since_ms + longer_ms) {
        settings = settings_ref(job->settings);
        folder = job->folder;
    }
    pthread_mutex_unlock(&worker->pool->lock);
    if (!settings)
        return false;
    bool does = hangs(user, folder);
    settings_unref(settings);
    pthread_mutex_lock(&worker->pool->lock);
    does = does && worker->job == job && worker->job_ms == since_ms;
    if (does)
        worker->state = WORKER_HANGS;
    worker->pool->hanging += does;
    pthread_mutex_unlock(&worker->pool->lock);
    return does;
}

int pool_hanging(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int hanging = pool->hanging;
    pthread_mutex_unlock(&pool->lock);
    return hanging;
}

/* Nobody takes a job while the pool is locked. */
static void keep_at_rest(Worker *worker)
{
    pthread_mutex_lock(&worker->pool->lock);
    if (worker->state == WORKER_TAKES && !worker->job)
        child_keep_at_rest(worker->child);
    pthread_mutex_unlock(&worker->pool->lock);
}

bool pool_relieve(Pool *pool, int64_t longer_ms, PoolHangs *hangs, void *user)
{
    bool any = false;

    for (int i = 0; i < pool->count && pool_hanging(pool) < pool->count / 2; i++)
        any |= hangs_in(&pool->workers[i], longer_ms, hangs, user);
    for (int i = 0; i < pool->count; i++)
        keep_at_rest(&pool->workers[i]);
    fill_places(pool);
    return any;
}

/* ---- its end ---- */

/* Waits until every thread is about to end; false when that took longer. */
static bool ended_within(Pool *pool, int64_t patience_ms)
{
    struct timespec limit = clock_limit(patience_ms);
    int code = 0;

    pthread_mutex_lock(&pool->lock);
    while (pool->running && code != ETIMEDOUT)
        code = pthread_cond_clockwait(&pool->ended, &pool->lock, CLOCK_MONOTONIC, &limit);
    bool all = !pool->running;
    pthread_mutex_unlock(&pool->lock);
    return all;
}

void pool_stop(Pool *pool, int64_t patience_ms)
{
    if (!pool)
        return;
    atomic_store(&pool->dropping, true);
    if (!ended_within(pool, patience_ms)) {
        atomic_store(&pool->context->stopping, true);
        for (int i = 0; i < pool->count; i++)
            child_kill(pool->workers[i].child);
    }
    for (int i = 0; i < pool->count; i++)
        if (state_of(&pool->workers[i]) != WORKER_NONE)
            pthread_join(pool->workers[i].thread, NULL);
    pool_free(pool);
}
