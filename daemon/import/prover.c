/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/prover.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/thread.h"

typedef struct ProverLane {
    Prover *prover;
    pthread_t thread;
    bool is_running;
    pthread_cond_t work;
    GQueue jobs; /* of ProverJob, under the lock */
} ProverLane;

struct Prover {
    void (*read)(void *user, ProverJob *job);
    void *user;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    GQueue ended;     /* of ProverJob, under the lock as all below */
    unsigned open;    /* jobs that were not read yet */
    bool is_stopping; /* the threads end */
    unsigned count;
    ProverLane lanes[];
};

void prover_job_free(ProverJob *job)
{
    if (!job)
        return;
    g_free(job->name);
    error_free(job->error);
    g_free(job);
}

/* NULL: the prover ends. */
static ProverJob *take(ProverLane *lane)
{
    Prover *prover = lane->prover;

    pthread_mutex_lock(&prover->lock);
    while (!lane->jobs.length && !prover->is_stopping)
        pthread_cond_wait(&lane->work, &prover->lock);
    ProverJob *job = prover->is_stopping ? NULL : g_queue_pop_head(&lane->jobs);
    pthread_mutex_unlock(&prover->lock);
    return job;
}

static void read_job(Prover *prover, ProverJob *job)
{
    prover->read(prover->user, job);
    pthread_mutex_lock(&prover->lock);
    g_queue_push_tail(&prover->ended, job);
    if (!--prover->open)
        pthread_cond_signal(&prover->idle);
    pthread_mutex_unlock(&prover->lock);
}

static void *read_lane(void *data)
{
    ProverLane *lane = data;

    for (ProverJob *job = take(lane); job; job = take(lane))
        read_job(lane->prover, job);
    return NULL;
}

Prover *prover_new(unsigned lanes, void (*read)(void *user, ProverJob *job), void *user)
{
    Prover *prover = g_malloc0(sizeof(*prover) + lanes * sizeof(ProverLane));

    prover->read = read;
    prover->user = user;
    prover->count = lanes;
    pthread_mutex_init(&prover->lock, NULL);
    pthread_cond_init(&prover->idle, NULL);
    for (unsigned i = 0; i < lanes; i++) {
        ProverLane *lane = &prover->lanes[i];
        lane->prover = prover;
        pthread_cond_init(&lane->work, NULL);
        lane->is_running = !thread_start(&lane->thread, read_lane, lane);
    }
    return prover;
}

static void stop(Prover *prover)
{
    pthread_mutex_lock(&prover->lock);
    prover->is_stopping = true;
    for (unsigned i = 0; i < prover->count; i++)
        pthread_cond_signal(&prover->lanes[i].work);
    pthread_mutex_unlock(&prover->lock);
    for (unsigned i = 0; i < prover->count; i++)
        if (prover->lanes[i].is_running)
            pthread_join(prover->lanes[i].thread, NULL);
}

void prover_free(Prover *prover)
{
    if (!prover)
        return;
    stop(prover);
    for (unsigned i = 0; i < prover->count; i++) {
        g_queue_clear_full(&prover->lanes[i].jobs, (GDestroyNotify) prover_job_free);
        pthread_cond_destroy(&prover->lanes[i].work);
    }
    g_queue_clear_full(&prover->ended, (GDestroyNotify) prover_job_free);
    pthread_mutex_destroy(&prover->lock);
    pthread_cond_destroy(&prover->idle);
    g_free(prover);
}

void prover_add(Prover *prover, ProverJob *job)
{
    ProverLane *lane = &prover->lanes[job->lane];

    pthread_mutex_lock(&prover->lock);
    prover->open++;
    if (lane->is_running) {
        g_queue_push_tail(&lane->jobs, job);
        pthread_cond_signal(&lane->work);
    }
    pthread_mutex_unlock(&prover->lock);
    if (!lane->is_running)
        read_job(prover, job);
}

bool prover_wait(Prover *prover, int timeout_ms)
{
    struct timespec end = clock_after(timeout_ms);
    int code = 0;

    pthread_mutex_lock(&prover->lock);
    while (prover->open && !code)
        code = pthread_cond_clockwait(&prover->idle, &prover->lock, CLOCK_MONOTONIC, &end);
    bool all = !prover->open;
    pthread_mutex_unlock(&prover->lock);
    return all;
}

ProverJob *prover_next(Prover *prover)
{
    pthread_mutex_lock(&prover->lock);
    ProverJob *job = g_queue_pop_head(&prover->ended);
    pthread_mutex_unlock(&prover->lock);
    return job;
}
