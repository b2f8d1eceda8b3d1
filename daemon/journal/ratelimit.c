/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/journal/ratelimit.h"

#include <string.h>

/* The running interval of one kind of message about one folder. */
typedef struct Window {
    EventId id;
    char *folder; /* NULL: about no folder */
    int64_t end_ms, count;
} Window;

/* Few windows: folders times the kinds that are limited. */
struct RateLimiter {
    GPtrArray *windows;
};

static void window_free(void *data)
{
    Window *window = data;

    g_free(window->folder);
    g_free(window);
}

RateLimiter *ratelimit_new(void)
{
    RateLimiter *limiter = g_new0(RateLimiter, 1);

    limiter->windows = g_ptr_array_new_with_free_func(window_free);
    return limiter;
}

void ratelimit_free(RateLimiter *limiter)
{
    if (!limiter)
        return;
    g_ptr_array_unref(limiter->windows);
    g_free(limiter);
}

/* Where the window stands, or the number of windows where there is none yet. */
static guint find(const RateLimiter *limiter, EventId id, const char *folder)
{
    guint i = 0;

    for (; i < limiter->windows->len; i++) {
        const Window *window = limiter->windows->pdata[i];
        if (window->id == id && !g_strcmp0(window->folder, folder))
            break;
    }
    return i;
}

bool ratelimit_allows(RateLimiter *limiter, EventId id, const char *folder, int64_t now_ms)
{
    if (event_row(id)->rate != RATE_LIMITED)
        return true;

    guint index = find(limiter, id, folder);
    Window *window = index < limiter->windows->len ? limiter->windows->pdata[index] : NULL;
    if (!window) {
        window = g_new0(Window, 1);
        window->id = id;
        window->folder = g_strdup(folder);
        window->end_ms = now_ms + RATELIMIT_INTERVAL_MS;
        g_ptr_array_add(limiter->windows, window);
    } else if (now_ms >= window->end_ms && window->count <= RATELIMIT_BURST) { /* no count is due */
        window->count = 0;
        window->end_ms = now_ms + RATELIMIT_INTERVAL_MS;
    }
    return ++window->count <= RATELIMIT_BURST;
}

bool ratelimit_take_suppressed(RateLimiter *limiter, int64_t now_ms, EventId *id, char **folder,
                               int64_t *count)
{
    for (guint i = 0; i < limiter->windows->len; i++) {
        Window *window = limiter->windows->pdata[i];
        if (window->end_ms > now_ms || window->count <= RATELIMIT_BURST)
            continue;
        *id = window->id;
        *folder = g_steal_pointer(&window->folder);
        *count = window->count - RATELIMIT_BURST;
        g_ptr_array_remove_index_fast(limiter->windows, i);
        return true;
    }
    return false;
}

int64_t ratelimit_next_ms(const RateLimiter *limiter)
{
    int64_t next_ms = RATELIMIT_NEVER;

    for (guint i = 0; i < limiter->windows->len; i++) {
        const Window *window = limiter->windows->pdata[i];
        if (window->count > RATELIMIT_BURST)
            next_ms = MIN(next_ms, window->end_ms);
    }
    return next_ms;
}
