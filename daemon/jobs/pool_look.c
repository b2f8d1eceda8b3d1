/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of jobs in progress: those that stand still, those that hang, and what people ask of them. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "daemon/jobs/pool.h"
#include "daemon/jobs/pool_slots.h"

enum {
    STILL_MS = 200,   /* that a job hardly uses the processor: it waits for a file system */
    STILL_CPU_MS = 2, /* "hardly": this much, and */
    STILL_SHARE = 50, /* one part in so many, as the thread looks after its worker meanwhile */
    SILENT_MS = 1000, /* that a job stands still, until its folder gets no other threads */
};

void slot_set_aside(Slot *slot, bool still, bool finishing)
{
    slot->pool->aside += (still || finishing) - (slot->still || slot->finishing);
    slot->pool->finishing += finishing - slot->finishing;
    slot->still = still;
    slot->finishing = finishing;
}

int pool_count_slots(const Pool *pool, bool (*are)(const Slot *slot))
{
    int count = 0;

    for (int i = 0; i < pool->count; i++)
        count += are(&pool->slots[i]);
    return count;
}

static int64_t thread_cpu_ms(pthread_t thread)
{
    struct timespec used = { 0 };
    clockid_t clock = 0;

    if (pthread_getcpuclockid(thread, &clock) || clock_gettime(clock, &used))
        return 0;
    return (int64_t) used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* Under the lock. Whether the job has stood still for still_ms. A process that ends takes its time
 * with it. */
static bool stands_still(Slot *slot, int64_t still_ms)
{
    int64_t now = clock_ms();
    int64_t cpu_ms = thread_cpu_ms(slot->thread) + process_cpu_ms(slot->process);

    int64_t grown_ms = cpu_ms - slot->cpu_ms;
    if (grown_ms < 0 || grown_ms > STILL_CPU_MS + (now - slot->moved_ms) / STILL_SHARE ||
        atomic_load(&slot->job->waits) || atomic_load(&slot->job->runs_program)) {
        slot->moved_ms = now;
        slot->cpu_ms = cpu_ms;
    }
    return now - slot->moved_ms >= still_ms;
}

bool pool_look(Pool *pool, bool others)
{
    int64_t still_ms = others ? STILL_MS : pool->context->times->slow_job_ms;
    bool changed = false;

    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++) {
        Slot *slot = &pool->slots[i];
        bool still = slot->job && stands_still(slot, still_ms);
        changed |= still != slot->still;
        slot_set_aside(slot, still, slot->finishing);
    }
    if (changed)
        pthread_cond_broadcast(&pool->gate);
    pthread_mutex_unlock(&pool->lock);
    pool_start_missing(pool);
    return changed;
}

bool pool_same_place(const Folder *one, const Folder *other)
{
    return strcmp(one->path, other->path) == 0 && strcmp(one->output, other->output) == 0;
}

bool pool_is_silent(Pool *pool, const Folder *folder)
{
    int still = 0;
    bool silent = false;
    int64_t now = clock_ms();

    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count && !silent; i++) {
        const Slot *slot = &pool->slots[i];
        if (!slot->still || !pool_same_place(slot->job->folder, folder))
            continue;
        silent = ++still >= pool->workers || now - slot->moved_ms >= SILENT_MS;
    }
    pthread_mutex_unlock(&pool->lock);
    return silent;
}

int pool_aside(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int aside = pool->aside;
    pthread_mutex_unlock(&pool->lock);
    return aside;
}

/* Under the lock. */
static bool is_hung(const Slot *slot)
{
    return slot->still && clock_ms() - slot->moved_ms >= slot->pool->context->times->slow_job_ms;
}

int pool_hanging(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    int hanging = pool_count_slots(pool, is_hung);
    pthread_mutex_unlock(&pool->lock);
    return hanging;
}

/* The folder of the slot's job, if that hangs, with a reference of its settings; else NULL. */
static const Folder *hanging_folder(Slot *slot, Settings **settings)
{
    const Folder *folder = NULL;

    pthread_mutex_lock(&slot->pool->lock);
    if (is_hung(slot)) {
        folder = slot->job->folder;
        *settings = settings_ref(slot->job->settings);
    }
    pthread_mutex_unlock(&slot->pool->lock);
    return folder;
}

void pool_for_each_hanging(Pool *pool, void (*call)(void *user, const Folder *folder), void *user)
{
    for (int i = 0; i < pool->count; i++) {
        Settings *settings = NULL;
        const Folder *folder = hanging_folder(&pool->slots[i], &settings);
        if (folder)
            call(user, folder);
        settings_unref(settings);
    }
}

void pool_for_each_job(Pool *pool, void (*call)(void *user, const PoolJob *job), void *user)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++) {
        const Slot *slot = &pool->slots[i];
        if (!slot->job)
            continue;
        const PoolJob job = { slot->job->folder->name, slot->job->row.source, slot->begun_ms,
                              atomic_load(&slot->job->waits), slot->still };
        call(user, &job);
    }
    pthread_mutex_unlock(&pool->lock);
}

int64_t pool_resident_bytes(Pool *pool)
{
    int64_t bytes = 0;

    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++)
        bytes += process_resident_bytes(pool->slots[i].process);
    pthread_mutex_unlock(&pool->lock);
    return bytes;
}

/* A row that is taken again has another token. */
void pool_cancel(Pool *pool, const LedgerRow *row)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < pool->count; i++) {
        Job *job = pool->slots[i].job;
        if (job && job->row.id == row->id && job->row.token == row->token)
            atomic_store(&job->cancelled, true);
    }
    pthread_mutex_unlock(&pool->lock);
}
