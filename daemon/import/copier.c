/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue of files and their results, and what becomes of a file when a destination has it, or
 * cannot have it. */

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/import/copier_internal.h"

enum {
    TRIES = 3,
    BUFFER = 64 * 1024 * 1024,
    BUFFER_LEAST = 64 * 1024,
    CHUNKS_LEAST = 4, /* in a buffer */
    QUEUED = 256,     /* files that wait to be read */
};

/* ---- results ---- */

void copy_result_free(CopyResult *result)
{
    if (!result)
        return;
    g_free(result->job.name);
    error_free(result->error);
    for (unsigned i = 0; i < COPIER_DESTINATIONS; i++)
        error_free(result->errors[i]);
    g_free(result);
}

static CopyResult *copy_of(const CopyResult *result)
{
    CopyResult *copy = g_memdup2(result, sizeof(*result));

    copy->job.name = g_strdup(result->job.name);
    copy->error = result->error ? error_copy(result->error) : NULL;
    for (unsigned i = 0; i < COPIER_DESTINATIONS; i++)
        copy->errors[i] = result->errors[i] ? error_copy(result->errors[i]) : NULL;
    return copy;
}

Error *copier_stopped_error(void)
{
    Error *error = NULL;

    error_set(&error, ERROR_TRANSIENT, "start the import again: it goes on from here",
              "the import was stopped");
    return error;
}

/* Under the lock. */
static void give(Copier *copier, CopyResult *result)
{
    g_queue_push_tail(&copier->results, result);
    pthread_cond_broadcast(&copier->ended);
}

/* Under the lock: a copy stands, and others are to come. */
static void show_early(Copier *copier, Task *task)
{
    if (!copier->is_early || task->was_shown)
        return;
    task->was_shown = true;
    CopyResult *early = copy_of(task->result);
    early->is_early = true;
    give(copier, early);
}

/* Under the lock. */
static void complete(Copier *copier, Task *task)
{
    give(copier, task->result);
    g_free(task);
    copier->open--;
}

/* ---- what becomes of a task ---- */

/* Under the lock: the first destination with a copy that others may read; -1: none. */
static int standing(const Copier *copier, const Task *task)
{
    for (unsigned i = 0; i < copier->count; i++)
        if (task->result->ends[i] == COPY_MADE && !(task->bad & 1U << i))
            return (int) i;
    return -1;
}

/* Under the lock: those that lag get it from the copy in `from`. */
static void copy_later(Copier *copier, Task *task, unsigned from)
{
    for (unsigned i = 0; i < copier->count; i++) {
        if (!(task->lags & 1U << i))
            continue;
        Later *later = g_new(Later, 1);
        *later = (Later){ .task = task, .from = from };
        g_queue_push_tail(&copier->lanes[i].later, later);
        pthread_cond_signal(&copier->lanes[i].work);
    }
    task->later |= task->lags;
    task->lags = 0;
}

/* Under the lock: no copy stands from which those that lag could have theirs. */
static void read_again(Copier *copier, Task *task)
{
    task->is_reading = true;
    g_queue_push_head(&copier->tasks, task);
    pthread_cond_signal(&copier->to_read);
}

/* Under the lock: those that lag get nothing any more. */
static void end_lags(Copier *copier, Task *task)
{
    for (unsigned i = 0; i < copier->count; i++)
        if (task->lags & 1U << i) {
            task->result->ends[i] = COPY_FAILED;
            task->result->errors[i] = copier_stopped_error();
        }
    task->lags = 0;
}

void copier_settle(Copier *copier, Task *task)
{
    if (atomic_load(&copier->is_cancelled) && !task->is_reading)
        end_lags(copier, task);
    int from = task->lags ? standing(copier, task) : -1;
    if (from >= 0)
        copy_later(copier, task, (unsigned) from);
    else if (task->lags && !task->is_reading && !task->fed && !task->later)
        read_again(copier, task);
    if (!task->is_reading && !task->is_hashing && !task->fed && !task->lags && !task->later)
        complete(copier, task);
    else if (!task->is_hashing && standing(copier, task) >= 0)
        show_early(copier, task);
}

void lane_finish(Lane *lane, Task *task, CopyEnd end, Error *error)
{
    unsigned bit = 1U << lane->index;

    task->fed &= ~bit;
    task->later &= ~bit;
    task->result->ends[lane->index] = end;
    task->result->errors[lane->index] = error;
    pthread_cond_signal(&lane->copier->to_read);
    copier_settle(lane->copier, task);
}

void lane_forget(Lane *lane, const Task *task)
{
    for (GList *at = lane->items.head, *next = NULL; at; at = next) {
        Item *item = at->data;
        next = at->next;
        if (item->task != task)
            continue;
        lane->queued -= item->cost;
        item_free(lane->copier, item);
        g_queue_delete_link(&lane->items, at);
    }
    pthread_cond_signal(&lane->copier->to_read);
}

void lane_take_back(Lane *lane, Task *task)
{
    lane_forget(lane, task);
    if (lane->begun != task)
        return;
    lane->begun = NULL;
    lane_push(lane, ITEM_STOP, NULL, NULL, 0);
}

Item *item_new(ItemKind kind, Task *task, Chunk *chunk, size_t cost)
{
    Item *item = g_new(Item, 1);

    *item = (Item){ .kind = kind, .task = task, .chunk = chunk, .cost = cost };
    if (chunk)
        chunk->references++;
    return item;
}

void lane_push(Lane *lane, ItemKind kind, Task *task, Chunk *chunk, size_t cost)
{
    Item *item = item_new(kind, task, chunk, cost);

    if (kind == ITEM_BEGIN)
        item->name = g_strdup(task->result->job.name);
    lane->queued += cost;
    g_queue_push_tail(&lane->items, item);
    pthread_cond_signal(&lane->work);
}

Chunk *chunk_new(Copier *copier, size_t length)
{
    bool is_small = length <= copier->chunk / 2;
    Chunk *chunk = NULL;

    if (!is_small) {
        pthread_mutex_lock(&copier->lock);
        chunk = g_queue_pop_head(&copier->unused);
        pthread_mutex_unlock(&copier->lock);
    }
    if (!chunk) {
        chunk = g_new0(Chunk, 1);
        chunk->size = is_small ? length : copier->chunk;
        chunk->bytes = g_malloc(chunk->size);
    }
    chunk->references = 1;
    return chunk;
}

static void chunk_free(void *data)
{
    Chunk *chunk = data;

    g_free(chunk->bytes);
    g_free(chunk);
}

void chunk_release(Copier *copier, Chunk *chunk)
{
    if (--chunk->references)
        return;
    if (chunk->size == copier->chunk)
        g_queue_push_head(&copier->unused, chunk);
    else
        chunk_free(chunk);
}

void item_free(Copier *copier, Item *item)
{
    if (item->chunk)
        chunk_release(copier, item->chunk);
    g_free(item->name);
    g_free(item);
}

/* ---- the copier ---- */

void copier_wait(Copier *copier, pthread_cond_t *cond)
{
    struct timespec end = clock_after(WAIT_MS);

    pthread_cond_clockwait(cond, &copier->lock, CLOCK_MONOTONIC, &end);
}

static Copier *new_copier(const CopySource *source, const CopierOptions *options)
{
    Copier *copier = g_new0(Copier, 1);
    size_t buffer = options->buffer ? options->buffer : BUFFER;

    copier->source = *source;
    copier->digests = options->digests;
    copier->tries = options->tries ? options->tries : TRIES;
    copier->is_early = options->early;
    copier->buffer = MAX(buffer, (size_t) BUFFER_LEAST);
    copier->chunk =
        MIN(copier->buffer / CHUNKS_LEAST / PAGE_BYTES * PAGE_BYTES, (size_t) CHUNK_BYTES);
    pthread_mutex_init(&copier->lock, NULL);
    pthread_cond_init(&copier->to_read, NULL);
    pthread_cond_init(&copier->ended, NULL);
    pthread_cond_init(&copier->digester.work, NULL);
    return copier;
}

static bool start_lane(Copier *copier, const char *destination, const Medium *medium,
                       const char *locks, Error **err)
{
    Lane *lane = &copier->lanes[copier->count];

    lane->copier = copier;
    lane->index = copier->count;
    if (!copy_place_open(&lane->place, destination, err))
        return false;
    pthread_cond_init(&lane->work, NULL);
    lane->turn = copy_turn_new(locks, medium);
    int code = thread_start(&lane->thread, copier_write, lane);
    if (!code) {
        copier->count++;
        return true;
    }
    pthread_cond_destroy(&lane->work);
    copy_turn_free(lane->turn);
    return error_errno(err, code, "cannot start a thread");
}

static void end_lane_thread(Lane *lane)
{
    pthread_join(lane->thread, NULL);
    pthread_cond_destroy(&lane->work);
    copy_turn_free(lane->turn);
}

/* Tells all threads to end; they end what they have. */
static void stop(Copier *copier)
{
    copier_cancel(copier);
    pthread_mutex_lock(&copier->lock);
    copier->is_stopping = true;
    pthread_cond_broadcast(&copier->to_read);
    for (unsigned i = 0; i < copier->count; i++)
        pthread_cond_broadcast(&copier->lanes[i].work);
    pthread_mutex_unlock(&copier->lock);
}

static void destroy(Copier *copier)
{
    for (unsigned i = 0; i < copier->count; i++)
        end_lane_thread(&copier->lanes[i]);
    if (copier->has_digester)
        pthread_join(copier->digester.thread, NULL);
    g_queue_clear_full(&copier->unused, chunk_free);
    g_queue_clear_full(&copier->results, (GDestroyNotify) copy_result_free);
    pthread_mutex_destroy(&copier->lock);
    pthread_cond_destroy(&copier->to_read);
    pthread_cond_destroy(&copier->ended);
    pthread_cond_destroy(&copier->digester.work);
    g_free(copier);
}

static bool start_reader(Copier *copier, Error **err)
{
    int code = copier->digests ? thread_start(&copier->digester.thread, copier_digest, copier) : 0;

    copier->has_digester = copier->digests && !code;
    if (!code)
        code = thread_start(&copier->reader, copier_read, copier);
    return !code || error_errno(err, code, "cannot start a thread");
}

Copier *copier_new(const CopySource *source, char *const *destinations, const Medium *const *media,
                   unsigned count, const CopierOptions *options, Error **err)
{
    Copier *copier = new_copier(source, options);
    bool started = true;

    g_assert(count <= COPIER_DESTINATIONS);
    for (unsigned i = 0; i < count && started; i++)
        started = start_lane(copier, destinations[i], media ? media[i] : NULL, options->locks, err);
    if (started && start_reader(copier, err))
        return copier;
    copier->reader_ended = true;
    stop(copier);
    destroy(copier);
    return NULL;
}

/* The reader ends first: it takes back from the lanes what it reads. */
void copier_free(Copier *copier)
{
    if (!copier)
        return;
    stop(copier);
    pthread_join(copier->reader, NULL);
    destroy(copier);
}

void copier_cancel(Copier *copier)
{
    atomic_store(&copier->is_cancelled, true);
}

int64_t copier_bytes(const Copier *copier)
{
    return atomic_load(&copier->bytes);
}

/* ---- the queue ---- */

static Task *new_task(const CopyJob *job, int from)
{
    Task *task = g_new0(Task, 1);

    task->result = g_new0(CopyResult, 1);
    task->result->job = *job;
    task->from = from;
    return task;
}

void copier_add(Copier *copier, const CopyJob *job)
{
    Task *task = new_task(job, -1);

    pthread_mutex_lock(&copier->lock);
    while (copier->tasks.length >= QUEUED && !copier->is_gone &&
           !atomic_load(&copier->is_cancelled))
        copier_wait(copier, &copier->ended);
    copier->open++;
    task->is_reading = true;
    task->lags = job->to & ((1U << copier->count) - 1);
    g_queue_push_tail(&copier->tasks, task);
    pthread_cond_signal(&copier->to_read);
    pthread_mutex_unlock(&copier->lock);
}

void copier_add_from(Copier *copier, const CopyJob *job, unsigned from, const Content *content)
{
    Task *task = new_task(job, (int) from);

    task->result->content = *content;
    pthread_mutex_lock(&copier->lock);
    copier->open++;
    task->lags = job->to & ~(1U << from);
    copy_later(copier, task, from);
    copier_settle(copier, task);
    pthread_mutex_unlock(&copier->lock);
}

CopyResult *copier_next(Copier *copier, int timeout_ms)
{
    int64_t end_ms = timeout_ms < 0 ? CLOCK_NEVER : clock_ms() + timeout_ms;

    pthread_mutex_lock(&copier->lock);
    while (!copier->results.length && copier->open && clock_ms() < end_ms)
        copier_wait(copier, &copier->ended);
    CopyResult *result = g_queue_pop_head(&copier->results);
    pthread_mutex_unlock(&copier->lock);
    return result;
}
