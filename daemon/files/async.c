#include "daemon/files/async.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

enum { ASTRAY_MAX = 64 };

/* Threads that hang, and that nobody waits for any more. */
static atomic_int astray;

struct Errand {
    void (*work)(void *data);
    void *data;
    GDestroyNotify free_data;
    int mounts;         /* the table of mounts, which tells of changes since it was opened */
    atomic_int holders; /* the thread, and whoever waits for it */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool over, left; /* under the lock */
};

static void release(Errand *errand)
{
    if (atomic_fetch_sub(&errand->holders, 1) != 1)
        return;
    errand->free_data(errand->data);
    if (errand->mounts >= 0)
        close(errand->mounts);
    pthread_cond_destroy(&errand->ended);
    pthread_mutex_destroy(&errand->lock);
    g_free(errand);
}

static void *run(void *data)
{
    Errand *errand = data;

    errand->work(errand->data);
    pthread_mutex_lock(&errand->lock);
    errand->over = true;
    atomic_fetch_sub(&astray, errand->left);
    pthread_cond_signal(&errand->ended);
    pthread_mutex_unlock(&errand->lock);
    release(errand);
    return NULL;
}

Errand *errand_start(void (*work)(void *data), void *data, GDestroyNotify free_data)
{
    Errand *errand = g_new0(Errand, 1);
    pthread_t thread;

    errand->work = work;
    errand->data = data;
    errand->free_data = free_data;
    errand->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    atomic_init(&errand->holders, 2);
    pthread_mutex_init(&errand->lock, NULL);
    pthread_cond_init(&errand->ended, NULL);
    if (thread_start(&thread, run, errand) == 0) {
        pthread_setname_np(thread, "errand");
        pthread_detach(thread);
    } else {
        run(errand);
    }
    return errand;
}

static void ask_all(void *data)
{
    const GPtrArray *directories = data;
    struct statx st;

    for (guint i = 0; i < directories->len; i++) {
        int fd = open(directories->pdata[i], O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            continue;
        statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &st);
        close(fd);
    }
}

Errand *errand_ask(GPtrArray *directories)
{
    return errand_start(ask_all, g_ptr_array_ref(directories), (GDestroyNotify) g_ptr_array_unref);
}

bool errand_over(Errand *errand, int64_t patience_ms)
{
    struct timespec limit = clock_limit(patience_ms);

    pthread_mutex_lock(&errand->lock);
    while (!errand->over && patience_ms > 0 &&
           pthread_cond_clockwait(&errand->ended, &errand->lock, CLOCK_MONOTONIC, &limit) == 0)
        ;
    bool over = errand->over;
    pthread_mutex_unlock(&errand->lock);
    return over;
}

bool errand_outdated(const Errand *errand)
{
    struct pollfd mounts = { .fd = errand->mounts, .events = POLLPRI };

    return atomic_load(&astray) < ASTRAY_MAX && poll(&mounts, 1, 0) > 0;
}

void errand_leave(Errand *errand)
{
    if (!errand)
        return;
    pthread_mutex_lock(&errand->lock);
    errand->left = true;
    atomic_fetch_add(&astray, !errand->over);
    pthread_mutex_unlock(&errand->lock);
    release(errand);
}
