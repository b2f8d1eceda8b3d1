/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copier_internal.h - a copier, between copier.c (queue and results), copier_reader.c (the thread
 * that reads the card), copier_digest.c (one that makes the digests that take long) and
 * copier_writer.c (a thread for each destination).
 *
 * A file goes to a lane, the one of a destination, as items: its begin, its bytes, its end. In each
 * destination it is in one of these states, a bit of its task's:
 *   fed    the lane has its items, or a file that is not named yet; it ends it by lane_finish()
 *   lags   it waits for the card to be read, or it dropped out and waits for a copy that stands
 *   later  the lane copies it from there when it has no items, and ends it by lane_finish()
 * A task without any of them that is not to be read any more is complete.
 *
 * One lock guards all that is said to be under it. A thread never holds it while it waits for a
 * disk; all waits end after WAIT_MS, since copier_cancel() may wake up no thread. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/import/copier.h"
#include "daemon/import/copier_file.h"
#include "daemon/import/copier_turn.h"

enum {
    WAIT_MS = 50,
    CHUNK_BYTES = 256 * 1024,
    PAGE_BYTES = 4096,
    BEGIN_COST = PAGE_BYTES, /* what the begin of a file counts in a buffer */
};

/* Bytes of a file, shared by the lanes. */
typedef struct Chunk {
    unsigned references; /* under the lock */
    size_t size;         /* room for so many bytes */
    size_t length;
    char *bytes;
} Chunk;

typedef struct Task {
    CopyResult *result;
    int from;                  /* of copier_add_from(): where it stands; else -1 */
    unsigned fed, lags, later; /* under the lock, as all below */
    unsigned bad;              /* copies that another lane could not read, or found wrong */
    bool is_reading;           /* the card is to be read for it, or is being read */
    bool is_hashing;           /* digests of its content are still being made */
    bool was_shown;            /* an early result was given */
} Task;

typedef enum ItemKind {
    ITEM_BEGIN,
    ITEM_BYTES,
    ITEM_END,
    ITEM_STOP, /* of a file that the reader took back: `task` is NULL */
} ItemKind;

typedef struct Item {
    ItemKind kind;
    Task *task;
    char *name;   /* of ITEM_BEGIN: the task may be taken back while its name is used */
    Chunk *chunk; /* of ITEM_BYTES */
    size_t cost;  /* what it counts in the buffer */
} Item;

typedef struct Later {
    Task *task;
    unsigned from;
} Later;

typedef struct Lane {
    Copier *copier;
    unsigned index;
    CopyPlace place;
    CopyTurn *turn;
    pthread_t thread;
    pthread_cond_t work;
    GQueue items;  /* of Item, under the lock */
    GQueue later;  /* of Later, under the lock */
    size_t queued; /* the cost of its items, under the lock */
    bool is_busy;  /* with an item or a later copy, under the lock */
    Task *begun;   /* whose begin it took and whose end it did not, under the lock */
} Lane;

/* What MD5 and SHA-256 are made of, as it is read; no thread where none is asked for. */
typedef struct Digester {
    pthread_t thread;
    pthread_cond_t work;
    GQueue items;  /* of Item, under the lock */
    size_t queued; /* under the lock */
} Digester;

struct Copier {
    CopySource source;
    unsigned digests, tries;
    size_t buffer, chunk;
    bool is_early, has_digester;
    unsigned count;
    Lane lanes[COPIER_DESTINATIONS];
    pthread_t reader;
    Digester digester;

    atomic_bool is_cancelled; /* set by a signal, too */
    atomic_int_fast64_t bytes;

    pthread_mutex_t lock;
    pthread_cond_t to_read; /* a task, or room in a lane */
    pthread_cond_t ended;   /* a result, or room for a task */
    GQueue tasks;           /* of Task, to be read from the card, under the lock as all below */
    GQueue results;         /* of CopyResult */
    GQueue unused;          /* of Chunk: memory that the kernel gives costs as much as a copy */
    unsigned open;          /* tasks that are not complete */
    bool is_stopping;       /* the threads end, when they have ended what they have */
    bool reader_ended;
    bool is_gone; /* the card */
};

/* ---- copier.c ---- */

/* Waits for a time that is too short to be noticed; under the lock. */
void copier_wait(Copier *copier, pthread_cond_t *cond);

/* Under the lock: what became of a task in a lane. Takes over `error`. */
void lane_finish(Lane *lane, Task *task, CopyEnd end, Error *error);

/* Under the lock: drops all items of a task. */
void lane_forget(Lane *lane, const Task *task);

/* Under the lock: the lane does not get the task any more; it drops what it has of it. */
void lane_take_back(Lane *lane, Task *task);

/* A new item; it takes a reference of the chunk. */
Item *item_new(ItemKind kind, Task *task, Chunk *chunk, size_t cost);

/* Under the lock: gives the lane an item. */
void lane_push(Lane *lane, ItemKind kind, Task *task, Chunk *chunk, size_t cost);

/* Under the lock: goes on with a task as its state says; it may be freed. */
void copier_settle(Copier *copier, Task *task);

/* "the import was stopped", newly allocated. */
Error *copier_stopped_error(void);

/* Room for `length` bytes, at most copier->chunk, with one reference. */
Chunk *chunk_new(Copier *copier, size_t length);

/* Under the lock: one reference less. */
void chunk_release(Copier *copier, Chunk *chunk);

/* Under the lock. */
void item_free(Copier *copier, Item *item);

/* ---- copier_digest.c ---- */

/* Under the lock. */
void digester_push(Copier *copier, ItemKind kind, Task *task, Chunk *chunk, size_t cost);

/* ---- the threads ---- */

void *copier_digest(void *data); /* a Copier */

void *copier_read(void *data);  /* a Copier */
void *copier_write(void *data); /* a Lane */
