/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue.h - hands jobs from the dispatcher to the workers' threads: a lock-free ring.
 *
 * One thread gives, many take. The queue is short, since the ledger keeps the jobs that wait; a
 * thread that finds it empty sleeps. An item belongs to the queue until it is taken. */
#pragma once

#include <stdbool.h>

typedef struct Queue Queue;

/* Room for `capacity` items (1 to 4096). */
Queue *queue_new(unsigned capacity);
void queue_free(Queue *queue); /* it must be empty, and no thread may be in queue_take() */

/* From the giving thread only. False when the queue is full: nothing was given. */
bool queue_give(Queue *queue, void *item);

/* Sleeps until there is an item; NULL once the queue was closed and is empty. */
void *queue_take(Queue *queue);

/* An item that is left after the queue was closed and all threads that took items have ended; NULL:
 * none. */
void *queue_take_rest(Queue *queue);

/* No more items are given: `takers` sleeping threads wake up. From the giving thread only, once. */
void queue_close(Queue *queue, unsigned takers);
