/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Concurrency Kit's ring with one producer, and a semaphore to sleep on: one wake-up for an item,
 * none when idle. This file alone is compiled without ThreadSanitizer, which can't see the ring's
 * barriers and reports its benign speculative read. Two annotations on each item tell it what the
 * ring guarantees: races in the items themselves are still found. */
#include "daemon/jobs/queue.h"

#include <ck_ring.h>
#include <errno.h>
#include <glib.h>
#include <semaphore.h>
#include <stdatomic.h>

#ifdef HOTFOLDER_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#else
#define __tsan_acquire(address) ((void) (address))
#define __tsan_release(address) ((void) (address))
#endif

struct Queue {
    ck_ring_t ring;
    ck_ring_buffer_t *buffer;
    unsigned capacity;
    sem_t items;
    atomic_bool closed;
};

Queue *queue_new(unsigned capacity)
{
    Queue *queue = g_new0(Queue, 1);
    unsigned size = 2;

    g_assert(capacity >= 1 && capacity <= 4096);
    while (size < capacity + 1) /* ck keeps one slot free, and wants a power of two */
        size *= 2;
    queue->buffer = g_new0(ck_ring_buffer_t, size);
    queue->capacity = capacity;
    ck_ring_init(&queue->ring, size);
    sem_init(&queue->items, 0, 0);
    return queue;
}

void queue_free(Queue *queue)
{
    if (!queue)
        return;
    g_assert(ck_ring_size(&queue->ring) == 0);
    sem_destroy(&queue->items);
    g_free(queue->buffer);
    g_free(queue);
}

bool queue_give(Queue *queue, void *item)
{
    if (ck_ring_size(&queue->ring) >= queue->capacity)
        return false;

    __tsan_release(item);
    if (!ck_ring_enqueue_spmc(&queue->ring, queue->buffer, item))
        return false;
    sem_post(&queue->items);
    return true;
}

void *queue_take(Queue *queue)
{
    void *item = NULL;

    while (sem_wait(&queue->items) < 0)
        g_assert(errno == EINTR);
    while (!ck_ring_dequeue_spmc(&queue->ring, queue->buffer, &item))
        if (atomic_load(&queue->closed) && ck_ring_size(&queue->ring) == 0)
            return NULL;
    __tsan_acquire(item);
    return item;
}

void *queue_take_rest(Queue *queue)
{
    void *item = NULL;

    if (!ck_ring_dequeue_spmc(&queue->ring, queue->buffer, &item))
        return NULL;
    __tsan_acquire(item);
    return item;
}

void queue_close(Queue *queue, unsigned takers)
{
    atomic_store(&queue->closed, true);
    for (unsigned i = 0; i < takers; i++)
        sem_post(&queue->items);
}
