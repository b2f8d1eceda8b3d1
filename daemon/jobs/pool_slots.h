/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool_slots.h - what a pool consists of, for its threads (pool.c) and for those who look after
 * their jobs (pool_look.c). Not for others. */
#pragma once

#include <pthread.h>

#include "daemon/jobs/attempt.h"
#include "daemon/jobs/queue.h"

typedef struct Pool Pool; /* as pool.h says */

typedef enum SlotState {
    SLOT_EMPTY, /* no thread, and none to join */
    SLOT_RUNS,
    SLOT_ENDED, /* its thread has to be joined */
} SlotState;

/* Room for one thread and a worker process, which it lends to another one while it needs none. */
typedef struct Slot {
    Pool *pool;
    pthread_t thread;
    Process *process;
    /* under the pool's lock */
    SlotState state;
    int64_t starts_ms; /* since when its thread starts a worker without a job; 0: it does not */
    bool started;      /* its process runs, or is being started */
    bool spare;        /* another thread may take its process, and leave one that does not run */
    Job *job;          /* that its thread processes; NULL: none */
    int64_t begun_ms;  /* when it began */
    int64_t cpu_ms;    /* processor time of the thread and its process, at moved_ms */
    int64_t moved_ms;  /* when a look found last that the job goes on, or when it began */
    bool still;        /* it has not grown for STILL_MS */
    bool finishing;    /* its outputs are made: it waits for disks, and needs its worker no more */
} Slot;

struct Pool {
    int workers; /* jobs in progress, beside those that are aside */
    int count;   /* of slots */
    Slot *slots;
    Queue *queue;
    JobContext *context;
    void (*job_ended)(void *user, const Job *job, JobEnd end);
    void (*room)(void *user);
    void *user;
    atomic_bool dropping; /* jobs are taken from the queue and dropped: the pool stops */

    pthread_mutex_t lock;
    Settings *settings;  /* for starting the worker processes early */
    pthread_cond_t gate; /* a thread may pass: see enter() */
    pthread_cond_t thread_ended;
    int running; /* threads that have not ended */
    int active;  /* of these: they take a job or process one */
    int aside;   /* of these: their job stands still, or is finishing: others may begin */
    int finishing;
    int busy;    /* threads that have a job */
    int queued;  /* jobs in the queue: one that was taken before it was counted makes it -1 */
    bool closed; /* the gate is */
};

/* Under the lock. What its job is aside for; the pool counts such jobs. */
void slot_set_aside(Slot *slot, bool still, bool finishing);

/* Under the lock. How many `are`. */
int pool_count_slots(const Pool *pool, bool (*are)(const Slot *slot));
