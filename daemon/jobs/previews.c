/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/jobs/previews.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

enum {
    WAITING_MAX = 24,    /* files */
    IDLE_MS = 30 * 1000, /* without a file, until the worker ends */
    MAKE_MS = 30 * 1000, /* for one file */
    WAIT_MS = 40 * 1000, /* that a caller waits: a request waits for 50 s */
    ENDING_MS = 50,      /* between two kills of the worker, which may just be started */
};

typedef enum WishState { WISH_WAITS, WISH_IS_MADE, WISH_ENDED, WISH_ABANDONED } WishState;

/* Of a caller, until it has ended; abandoned ones are the thread's. */
typedef struct Wish {
    PreviewFile file;
    WishState state;
    GBytes *jpeg;
    Error *error;
} Wish;

struct Previews {
    Budget *budget;
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* around all below, and the state of each wish */
    pthread_cond_t changed;
    GQueue waiting; /* of Wish */
    bool stopping, ended;
    Process *process;   /* the thread's */
    Settings *settings; /* the thread's: its worker's; NULL: none yet */
};

static void wish_free(Wish *wish)
{
    close(wish->file.fd);
    if (wish->jpeg)
        g_bytes_unref(wish->jpeg);
    error_free(wish->error);
    g_free(wish);
}

static void wait_for(Previews *previews, int64_t ms)
{
    struct timespec until = clock_after(ms);

    pthread_cond_clockwait(&previews->changed, &previews->lock, CLOCK_MONOTONIC, &until);
}

/* ---- the thread ---- */

static void use_settings(Previews *previews, bool fonts)
{
    if (previews->settings && previews->settings->profiles_draw_text == fonts)
        return;
    settings_unref(previews->settings);
    previews->settings = preview_settings(fonts);
}

/* Without the lock: no other thread uses the wish but for its state. */
static void make(Previews *previews, Wish *wish)
{
    use_settings(previews, wish->file.fonts);
    wish->jpeg = preview_make(previews->process, previews->settings, previews->budget, &wish->file,
                              clock_ms() + MAKE_MS, &wish->error);
}

static void make_next(Previews *previews)
{
    Wish *wish = g_queue_pop_head(&previews->waiting);

    wish->state = WISH_IS_MADE;
    pthread_mutex_unlock(&previews->lock);
    make(previews, wish);
    pthread_mutex_lock(&previews->lock);
    bool abandoned = wish->state == WISH_ABANDONED;
    wish->state = WISH_ENDED;
    pthread_cond_broadcast(&previews->changed);
    if (!abandoned)
        return;
    pthread_mutex_unlock(&previews->lock);
    wish_free(wish); /* which may wait for its disk */
    pthread_mutex_lock(&previews->lock);
}

static void end_process(Previews *previews)
{
    pthread_mutex_unlock(&previews->lock);
    process_end(previews->process, NULL);
    pthread_mutex_lock(&previews->lock);
}

/* With nothing to do, until there may be something. */
static void rest(Previews *previews, int64_t idle_ms)
{
    int64_t left_ms = idle_ms + IDLE_MS - clock_ms();

    if (process_socket(previews->process) < 0)
        pthread_cond_wait(&previews->changed, &previews->lock);
    else if (left_ms > 0)
        wait_for(previews, left_ms);
    else
        end_process(previews);
}

static void *run(void *data)
{
    Previews *previews = data;
    int64_t idle_ms = 0; /* since then */

    pthread_mutex_lock(&previews->lock);
    while (!previews->stopping) {
        if (g_queue_is_empty(&previews->waiting)) {
            rest(previews, idle_ms);
            continue;
        }
        make_next(previews);
        idle_ms = clock_ms();
    }
    end_process(previews);
    previews->ended = true;
    pthread_cond_broadcast(&previews->changed);
    pthread_mutex_unlock(&previews->lock);
    return NULL;
}

/* ---- callers ---- */

static bool refuse(Wish *wish, const char *what)
{
    return error_set(&wish->error, ERROR_TRANSIENT, "try again later", "%s", what);
}

static bool is_open(const Previews *previews, Wish *wish)
{
    if (previews->stopping || !previews->runs)
        return refuse(wish, "hotfolder stops");
    return previews->waiting.length < WAITING_MAX ||
           refuse(wish, "too many previews are asked for");
}

/* Whether it has ended, or was given up. Else the thread has it, and frees it. */
static bool await_end(Previews *previews, Wish *wish)
{
    int64_t until_ms = clock_ms() + WAIT_MS, left_ms = WAIT_MS;

    for (; wish->state != WISH_ENDED && !previews->stopping && left_ms > 0;
         left_ms = until_ms - clock_ms())
        wait_for(previews, left_ms);
    if (wish->state == WISH_ENDED)
        return true;
    if (wish->state == WISH_IS_MADE) {
        wish->state = WISH_ABANDONED;
        return false;
    }
    g_queue_remove(&previews->waiting, wish);
    return !refuse(wish, previews->stopping ? "hotfolder stops" : "other previews take long");
}

GBytes *previews_get(Previews *previews, const PreviewFile *file, Error **err)
{
    Wish *wish = g_new0(Wish, 1);
    bool mine = true;
    GBytes *jpeg = NULL;

    wish->file = *file;
    pthread_mutex_lock(&previews->lock);
    if (is_open(previews, wish)) {
        g_queue_push_tail(&previews->waiting, wish);
        pthread_cond_broadcast(&previews->changed);
        mine = await_end(previews, wish);
    }
    pthread_mutex_unlock(&previews->lock);
    if (!mine) {
        error_set(err, ERROR_TRANSIENT, "try again later",
                  "the preview takes long: the machine is busy, or a disk does not respond");
        return NULL;
    }
    jpeg = g_steal_pointer(&wish->jpeg);
    *err = g_steal_pointer(&wish->error);
    wish_free(wish);
    return jpeg;
}

/* ---- start and stop ---- */

Previews *previews_start(Budget *budget)
{
    Previews *previews = g_new0(Previews, 1);
    pthread_cond_init(&previews->changed, NULL);
    pthread_mutex_init(&previews->lock, NULL);
    g_queue_init(&previews->waiting);
    previews->budget = budget;
    previews->process = process_new();
    process_set_background(previews->process);
    previews->runs = thread_start(&previews->thread, run, previews) == 0;
    return previews;
}

void previews_stop(Previews *previews)
{
    if (!previews)
        return;
    pthread_mutex_lock(&previews->lock);
    previews->stopping = true;
    pthread_cond_broadcast(&previews->changed);
    while (previews->runs && !previews->ended) {
        process_kill(previews->process);
        wait_for(previews, ENDING_MS);
    }
    pthread_mutex_unlock(&previews->lock);
    if (previews->runs)
        pthread_join(previews->thread, NULL);
}

void previews_free(Previews *previews)
{
    if (!previews)
        return;
    process_free(previews->process);
    settings_unref(previews->settings);
    pthread_cond_destroy(&previews->changed);
    pthread_mutex_destroy(&previews->lock);
    g_free(previews);
}
