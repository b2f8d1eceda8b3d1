#include "daemon/pool.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/thread.h"
#include "daemon/journal.h"

typedef struct Worker {
    Pool *pool;
    pthread_t thread;
    Child *child;
} Worker;

struct Pool {
    int count;
    Worker *workers;
    Settings *settings; /* only to start the children early */
    Queue *queue;
    JobContext *context;
    void (*finished)(void *user, const Job *job, JobEnd end);
    void *user;
    atomic_bool dropping;

    pthread_mutex_t lock;
    pthread_cond_t ended;
    int running; /* threads that are at work */
};

static void *work(void *data)
{
    Worker *worker = data;
    Pool *pool = worker->pool;
    g_autoptr(Error) error = NULL;
    Job *job = NULL;

    if (!child_ready(worker->child, pool->settings, &error))
        journal_event(EVENT_TROUBLE, .error = error);
    while ((job = queue_take(pool->queue))) {
        JobEnd end = atomic_load(&pool->dropping) ? JOB_NOT_OURS : job_process(job, worker->child);
        pool->finished(pool->user, job, end);
        if (job->folder->isolate)
            child_renew(worker->child, job->settings);
        job_free(job);
    }
    /* The child dies with this thread; let it go in order. */
    child_end(worker->child, NULL);
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool start_thread(Worker *worker, Error **err)
{
    pthread_mutex_lock(&worker->pool->lock);
    worker->pool->running++;
    pthread_mutex_unlock(&worker->pool->lock);
    int code = thread_start(&worker->thread, work, worker);
    if (code) {
        pthread_mutex_lock(&worker->pool->lock);
        worker->pool->running--;
        pthread_mutex_unlock(&worker->pool->lock);
    }
    return !code || error_set(err, ERROR_SETUP, "raise the limit of tasks (TasksMax=)",
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
    pool->workers = g_new0(Worker, (gsize) workers);
    pool->settings = settings_ref(settings);
    pool->queue = queue;
    pool->context = context;
    pool->finished = finished;
    pool->user = user;
    for (int i = 0; i < workers; i++) {
        Worker *worker = &pool->workers[i];
        worker->pool = pool;
        worker->child = child_new();
        if (!start_thread(worker, err)) {
            child_free(worker->child);
            queue_close(queue, (unsigned) pool->count);
            pool_stop(pool, 0);
            return NULL;
        }
        pool->count++;
    }
    return pool;
}

/* Waits until every thread is about to end; false when that took longer. */
static bool ended_within(Pool *pool, int64_t patience_ms)
{
    struct timespec limit;
    int code = 0;

    clock_gettime(CLOCK_MONOTONIC, &limit);
    int64_t nsec = limit.tv_nsec + patience_ms % 1000 * 1000000;
    limit.tv_sec += patience_ms / 1000 + nsec / 1000000000;
    limit.tv_nsec = nsec % 1000000000;
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
        pthread_join(pool->workers[i].thread, NULL);
    pool_free(pool);
}
