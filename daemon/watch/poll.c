/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/poll.h"

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/files/mounts.h"

/* With more directories than this the whole folder is polled. */
enum { TOPS_MAX = 256 };

/* What other threads see of it. */
typedef struct Shown {
    char *text;      /* NULL: nothing is known */
    GPtrArray *tops; /* paths */
    GPtrArray *whys;
    int every_s;
    int64_t due_ms;
} Shown;

struct WatchPoll {
    GPtrArray *tops; /* paths; none was below another when it was added */
    GPtrArray *whys; /* static texts: the cause of each */
    bool beside;     /* the whole folder, and events show most changes */
    int64_t due_ms;
    int64_t every_ms;         /* the present interval */
    int64_t began_ms, own_ms; /* of the running poll, or the last one */
    int64_t full_ms;          /* the time of the running full scan, or the last one */
    bool full;                /* the scan that began last is a full one */
    char *reported;
    pthread_mutex_t lock; /* of shown */
    Shown shown;
};

static void shown_clear(Shown *shown)
{
    g_free(shown->text);
    g_ptr_array_unref(shown->tops);
    g_ptr_array_unref(shown->whys);
}

WatchPoll *watch_poll_new(void)
{
    WatchPoll *poll = g_new0(WatchPoll, 1);

    poll->tops = g_ptr_array_new_with_free_func(g_free);
    poll->whys = g_ptr_array_new();
    poll->shown.tops = g_ptr_array_new();
    poll->shown.whys = g_ptr_array_new();
    poll->due_ms = CLOCK_NEVER;
    poll->every_ms = POLL_MS;
    pthread_mutex_init(&poll->lock, NULL);
    return poll;
}

void watch_poll_free(WatchPoll *poll)
{
    g_ptr_array_unref(poll->tops);
    g_ptr_array_unref(poll->whys);
    g_free(poll->reported);
    shown_clear(&poll->shown);
    pthread_mutex_destroy(&poll->lock);
    g_free(poll);
}

/* The number of the entry of `tops` that `path` is, or is below; tops->len: none. */
static guint find_top(const GPtrArray *tops, const char *path)
{
    guint i = 0;

    while (i < tops->len && *(char *) tops->pdata[i] != '\0' && !mounts_below(path, tops->pdata[i]))
        i++;
    return i;
}

static void clear_tops(WatchPoll *poll)
{
    g_ptr_array_set_size(poll->tops, 0);
    g_ptr_array_set_size(poll->whys, 0);
}

void watch_poll_add(WatchPoll *poll, const char *path, const char *why, int64_t now_ms)
{
    if (find_top(poll->tops, path) < poll->tops->len)
        return;
    if (poll->tops->len >= TOPS_MAX) {
        clear_tops(poll);
        path = "";
    }
    g_ptr_array_add(poll->tops, g_strdup(path));
    g_ptr_array_add(poll->whys, (char *) (uintptr_t) why);
    if (poll->due_ms == CLOCK_NEVER)
        poll->due_ms = now_ms + poll->every_ms;
}

void watch_poll_add_beside(WatchPoll *poll, const char *path, const char *why, int64_t now_ms)
{
    poll->beside |= *path == '\0';
    watch_poll_add(poll, path, why, now_ms);
}

void watch_poll_clear(WatchPoll *poll)
{
    poll->beside = false;
    clear_tops(poll);
    poll->due_ms = CLOCK_NEVER;
    poll->full = true;
    poll->full_ms = 0;
}

bool watch_poll_any(const WatchPoll *poll)
{
    return poll->tops->len > 0;
}

const GPtrArray *watch_poll_tops(const WatchPoll *poll)
{
    return poll->tops;
}

int64_t watch_poll_due(const WatchPoll *poll)
{
    return poll->due_ms;
}

int64_t watch_poll_rest(const WatchPoll *poll)
{
    return watch_poll_any(poll) ? POLL_SHARE * MIN(poll->own_ms, poll->full_ms) : 0;
}

void watch_poll_begin(WatchPoll *poll, Walk *scan, int64_t now_ms)
{
    for (guint i = 0; i < poll->tops->len; i++)
        walk_push(scan, poll->tops->pdata[i]);
    poll->began_ms = now_ms;
    poll->own_ms = 0;
    poll->full = false;
    poll->due_ms = now_ms + poll->every_ms;
}

void watch_poll_spend(WatchPoll *poll, int64_t ms)
{
    *(poll->full ? &poll->full_ms : &poll->own_ms) += ms;
}

/* ---- in words ---- */

/* The first by name, as a scan has no certain order. */
static const char *first_top(const WatchPoll *poll)
{
    const char *first = poll->tops->pdata[0];

    for (guint i = 1; i < poll->tops->len; i++)
        if (strcmp(poll->tops->pdata[i], first) < 0)
            first = poll->tops->pdata[i];
    return first;
}

/* The method without the interval, which changes from scan to scan. */
static char *method(const WatchPoll *poll)
{
    g_autofree char *shown = NULL;

    if (poll->tops->len == 0)
        return g_strdup("events");
    shown = text_escape(first_top(poll));
    return *shown         ? g_strdup_printf("events; polling below '%s'", shown)
           : poll->beside ? g_strdup("events and polling")
                          : g_strdup("polling");
}

static char *describe(const WatchPoll *poll)
{
    g_autofree char *head = method(poll);
    int every_s = (int) (poll->every_ms / 1000);
    guint others = poll->tops->len - 1;

    if (poll->tops->len == 0)
        return g_steal_pointer(&head);
    if (others == 0)
        return g_strdup_printf("%s every %d s", head, every_s);
    return g_strdup_printf("%s and %u other director%s every %d s", head, others,
                           others == 1 ? "y" : "ies", every_s);
}

static gpointer copy_text(gconstpointer text, gpointer data)
{
    (void) data;
    return g_strdup(text);
}

/* A full scan clears the directories, and finds them again: other threads see what was true at the
 * end of the last one. */
static void show(WatchPoll *poll, bool known)
{
    Shown next = { known ? describe(poll) : NULL, g_ptr_array_copy(poll->tops, copy_text, NULL),
                   g_ptr_array_copy(poll->whys, NULL, NULL), (int) (poll->every_ms / 1000),
                   poll->due_ms };

    pthread_mutex_lock(&poll->lock);
    Shown last = poll->shown;
    poll->shown = next;
    pthread_mutex_unlock(&poll->lock);
    shown_clear(&last);
}

/* A poll that takes long is followed by a long pause. */
void watch_poll_end(WatchPoll *poll, int64_t now_ms)
{
    poll->every_ms = MAX(POLL_MS, POLL_SHARE * poll->own_ms);
    poll->due_ms = MAX(poll->began_ms + POLL_MS, now_ms + POLL_SHARE * poll->own_ms);
    show(poll, true);
}

char *watch_poll_news(WatchPoll *poll)
{
    g_autofree char *now = method(poll);

    show(poll, true);
    if (g_strcmp0(poll->reported, now) == 0)
        return NULL;
    g_free(poll->reported);
    poll->reported = g_steal_pointer(&now);
    return describe(poll);
}

char *watch_poll_text(WatchPoll *poll)
{
    char *text = NULL;

    pthread_mutex_lock(&poll->lock);
    text = g_strdup(poll->shown.text);
    pthread_mutex_unlock(&poll->lock);
    return text;
}

bool watch_poll_tell(WatchPoll *poll, const char *path, PollTale *tale)
{
    pthread_mutex_lock(&poll->lock);
    const Shown *shown = &poll->shown;
    guint top = find_top(shown->tops, path);
    bool polled = top < shown->tops->len;
    if (polled)
        *tale = (PollTale){ shown->every_s, shown->whys->pdata[top], shown->due_ms };
    pthread_mutex_unlock(&poll->lock);
    return polled;
}

void watch_poll_forget(WatchPoll *poll)
{
    watch_poll_clear(poll);
    show(poll, false);
}
