/* queue.h - the hand-off between the dispatcher and the workers: a lock-free ring.
 *
 * One thread gives, many take. It is kept short (the ledger is the queue); a taker that finds it
 * empty sleeps. What is given belongs to the queue until somebody takes it. */
#pragma once

#include <stdbool.h>

typedef struct Queue Queue;

/* Room for `capacity` items (1 to 4096). */
Queue *queue_new(unsigned capacity);
void queue_free(Queue *queue); /* it must be empty, and nobody may be in queue_take() */

/* From the one giving thread only. False when it is full: nothing was given. */
bool queue_give(Queue *queue, void *item);

/* Sleeps until there is an item; NULL once the queue was closed and is empty. */
void *queue_take(Queue *queue);

/* An item that nobody took, when it was closed and nobody takes any more; NULL: none is left. */
void *queue_left(Queue *queue);

/* No more items: `takers` sleepers wake up. From the giving thread only, once. */
void queue_close(Queue *queue, unsigned takers);
