/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/sync.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    KEPT = 16,
    ENOUGH = 8, /* threads that wait for a directory: no more are waited for */
};

/* A directory for which threads wait, or have waited. */
typedef struct Dir {
    dev_t dev;
    ino_t ino;
    uint64_t asked;  /* the last one that came has this number; each has one of its own */
    uint64_t synced; /* what those up to this number have done is on disk */
    pthread_t last;  /* the thread that synced last, and */
    int64_t next_ms; /* when the pause after that ends, on clock_ms() */
    unsigned threads;
    bool running; /* fsync(2) is */
} Dir;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;  /* one that was running */
static pthread_cond_t enough = PTHREAD_COND_INITIALIZER; /* wait for a directory */
static Dir dirs[KEPT];
static int64_t pause_ms; /* set before there are threads */

void sync_set_pause(int64_t ms)
{
    pause_ms = ms;
}

static int sync_alone(int fd)
{
    return fsync(fd) == 0 ? 0 : errno;
}

/* Under the lock. A directory that no thread waits for may have to go for another one; NULL:
 * threads wait for all of them. */
static Dir *enter(const struct stat *st)
{
    Dir *unused = NULL;

    for (unsigned i = 0; i < KEPT; i++) {
        Dir *dir = &dirs[i];
        if (dir->dev == st->st_dev && dir->ino == st->st_ino)
            return dir;
        if (!dir->threads && (!unused || dir->next_ms < unused->next_ms))
            unused = dir;
    }
    if (unused)
        *unused = (Dir){ .dev = st->st_dev, .ino = st->st_ino };
    return unused;
}

/* Under the lock. Where several threads use the directory, more of them come in the pause. */
static void wait_for_others(const Dir *dir)
{
    int64_t rest_ms = dir->next_ms - clock_ms();
    struct timespec end = clock_after(rest_ms > 0 ? rest_ms : 0);
    int code = pthread_equal(dir->last, pthread_self()) ? ETIMEDOUT : 0;

    while (!code && dir->threads < ENOUGH)
        code = pthread_cond_clockwait(&enough, &lock, CLOCK_MONOTONIC, &end);
}

/* Under the lock, which it gives away meanwhile. Those that have come by then need no other one. An
 * error is found by each in a sync of its own. */
static int sync_for_all(Dir *dir, int fd)
{
    dir->running = true;
    wait_for_others(dir);
    uint64_t all = dir->asked;
    pthread_mutex_unlock(&lock);
    int code = sync_alone(fd);
    pthread_mutex_lock(&lock);
    dir->running = false;
    dir->last = pthread_self();
    dir->next_ms = clock_ms() + pause_ms;
    if (!code)
        dir->synced = all;
    pthread_cond_broadcast(&ended);
    return code;
}

/* Under the lock. */
static int wait_or_sync(Dir *dir, int fd)
{
    uint64_t number = ++dir->asked;

    if (++dir->threads >= ENOUGH)
        pthread_cond_broadcast(&enough);
    while (dir->running && dir->synced < number)
        pthread_cond_wait(&ended, &lock);
    int code = dir->synced < number ? sync_for_all(dir, fd) : 0;
    dir->threads--;
    return code;
}

int sync_together(int dir_fd)
{
    struct stat st;

    if (fstat(dir_fd, &st) < 0)
        return errno;
    pthread_mutex_lock(&lock);
    Dir *dir = enter(&st);
    int code = dir ? wait_or_sync(dir, dir_fd) : 0;
    pthread_mutex_unlock(&lock);
    return dir ? code : sync_alone(dir_fd);
}
