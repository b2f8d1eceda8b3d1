/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/async.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/files/mounts.h"

enum { ABANDONED_MAX = 64 };

/* Threads that hang in calls which were abandoned. */
static atomic_int abandoned;

struct AsyncCall {
    void (*work)(void *data);
    void *data;
    GDestroyNotify free_data;
    int mounts;         /* /proc/self/mountinfo, which reports changes since it was opened */
    atomic_int holders; /* references: of the thread, and of the caller */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool over, is_abandoned; /* under the lock */
};

static void release(AsyncCall *call)
{
    if (atomic_fetch_sub(&call->holders, 1) != 1)
        return;
    call->free_data(call->data);
    if (call->mounts >= 0)
        close(call->mounts);
    pthread_cond_destroy(&call->ended);
    pthread_mutex_destroy(&call->lock);
    g_free(call);
}

static void *run(void *data)
{
    AsyncCall *call = data;

    call->work(call->data);
    pthread_mutex_lock(&call->lock);
    call->over = true;
    atomic_fetch_sub(&abandoned, call->is_abandoned);
    pthread_cond_signal(&call->ended);
    pthread_mutex_unlock(&call->lock);
    release(call);
    return NULL;
}

AsyncCall *async_start(void (*work)(void *data), void *data, GDestroyNotify free_data)
{
    AsyncCall *call = g_new0(AsyncCall, 1);
    pthread_t thread;

    call->work = work;
    call->data = data;
    call->free_data = free_data;
    call->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    atomic_init(&call->holders, 2);
    pthread_mutex_init(&call->lock, NULL);
    pthread_cond_init(&call->ended, NULL);
    if (thread_start(&thread, run, call) == 0) {
        pthread_setname_np(thread, "async");
        pthread_detach(thread);
    } else {
        run(call);
    }
    return call;
}

static void ask_all(void *data)
{
    const GPtrArray *directories = data;

    for (guint i = 0; i < directories->len; i++)
        mounts_ask_server(directories->pdata[i]);
}

AsyncCall *async_ask_servers(GPtrArray *directories)
{
    return async_start(ask_all, g_ptr_array_ref(directories), (GDestroyNotify) g_ptr_array_unref);
}

bool async_wait(AsyncCall *call, int64_t timeout_ms)
{
    struct timespec limit = clock_after(timeout_ms);

    pthread_mutex_lock(&call->lock);
    while (!call->over && timeout_ms > 0 &&
           pthread_cond_clockwait(&call->ended, &call->lock, CLOCK_MONOTONIC, &limit) == 0)
        ;
    bool over = call->over;
    pthread_mutex_unlock(&call->lock);
    return over;
}

bool async_mounts_changed(const AsyncCall *call)
{
    struct pollfd mounts = { .fd = call->mounts, .events = POLLPRI };

    return atomic_load(&abandoned) < ABANDONED_MAX && poll(&mounts, 1, 0) > 0;
}

void async_abandon(AsyncCall *call)
{
    if (!call)
        return;
    pthread_mutex_lock(&call->lock);
    call->is_abandoned = true;
    atomic_fetch_add(&abandoned, !call->over);
    pthread_mutex_unlock(&call->lock);
    release(call);
}
