/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/watch/mangle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/watch/events.h"

enum { LATE_MS = 90000, REOPEN_MS = 60000 };

typedef struct Held {
    InotifyEvent event; /* its name is ours */
    int64_t due_ms;
} Held;

static Mangle mangle;
static GRand *chance;
static int64_t now_ms = 1000000, tick_ms;
static int inotify = -1;    /* one for all time: to close it takes 10 ms */
static int last_wd, offset; /* descriptors begin at 1 again with each opening */
static bool opened, begun;
static GHashTable *watches; /* of wd */
static GPtrArray *queue;    /* of Held */
static Held *last;          /* the event that the caller has */
static int64_t reopen_ms;   /* while it is not opened: when it is tried again */
static bool lost;           /* every watch has ended, which is not reported yet */

/* ---- the clock ---- */

int64_t clock_ms(void)
{
    now_ms += tick_ms;
    return now_ms;
}

int64_t clock_wall_ms(void)
{
    return now_ms;
}

const char *clock_boot_id(void)
{
    return "";
}

struct timespec clock_after(int64_t ms)
{
    (void) ms;
    return (struct timespec){ 0 };
}

void mangle_sleep(int64_t ms)
{
    now_ms += ms;
}

void mangle_tick(int64_t ms)
{
    tick_ms = ms;
}

static bool happens(double share)
{
    return share > 0 && g_rand_double(chance) < share;
}

/* ---- the events ---- */

void mangle_set(const Mangle *how, GRand *rand)
{
    mangle = *how;
    chance = rand;
}

static void held_free(gpointer data)
{
    Held *held = data;

    g_free((char *) (uintptr_t) held->event.name);
    g_free(held);
}

static void hold(int wd, uint32_t mask, const char *name, int64_t due_ms)
{
    Held *held = g_new(Held, 1);

    *held = (Held){ { wd, mask, g_strdup(name) }, due_ms };
    g_ptr_array_add(queue, held);
}

static void came(const struct inotify_event *event)
{
    int wd = event->wd - offset;
    const char *name = event->len ? event->name : "";
    int copies = happens(mangle.twice) ? 2 : 1;

    if (wd <= 0) /* of a time before this opening */
        return;
    if (event->mask & IN_IGNORED)
        g_hash_table_remove(watches, GINT_TO_POINTER(wd));
    if (happens(mangle.lost))
        return;
    for (int i = 0; i < copies; i++)
        hold(wd, event->mask, name,
             happens(mangle.late) ? now_ms + g_rand_int_range(chance, 1, LATE_MS) : now_ms);
}

static void read_events(void)
{
    _Alignas(struct inotify_event) char buffer[65536];
    ssize_t got = 0;

    while ((got = read(inotify, buffer, sizeof(buffer))) > 0)
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const void *) at;

            came(event);
            at += sizeof(*event) + event->len;
        }
}

int64_t mangle_next_ms(void)
{
    int64_t next_ms = lost ? now_ms : INT64_MAX;

    if (!opened)
        return begun ? MIN(next_ms, reopen_ms) : next_ms;
    read_events();
    for (guint i = 0; i < queue->len; i++)
        next_ms = MIN(next_ms, ((const Held *) queue->pdata[i])->due_ms);
    return next_ms;
}

static void open_it(void)
{
    opened = !happens(mangle.shut);
    reopen_ms = now_ms + REOPEN_MS;
    lost = true;
    if (!opened)
        return;
    if (inotify < 0)
        inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    g_assert(inotify >= 0);
    offset = last_wd;
    watches = g_hash_table_new(g_direct_hash, g_direct_equal);
    queue = g_ptr_array_new_with_free_func(held_free);
}

static void close_it(void)
{
    GHashTableIter iter;
    gpointer wd = NULL;

    if (!opened)
        return;
    g_hash_table_iter_init(&iter, watches);
    while (g_hash_table_iter_next(&iter, &wd, NULL))
        inotify_rm_watch(inotify, GPOINTER_TO_INT(wd) + offset);
    opened = false;
    g_hash_table_destroy(watches);
    g_ptr_array_unref(queue);
    g_clear_pointer(&last, held_free);
}

void mangle_overflow(void)
{
    if (!opened)
        return;
    read_events();
    g_ptr_array_set_size(queue, 0);
    if (happens(mangle.lost))
        return;
    close_it();
    open_it();
}

/* The engine under test is the only one: the port says nothing. */
EventPort *events_port_new(Events *events, int wake)
{
    (void) events, (void) wake;
    now_ms = MAX(now_ms, 1);
    close_it();
    open_it();
    lost = false;
    begun = true;
    return NULL;
}

void events_port_free(EventPort *port)
{
    (void) port;
    close_it();
    begun = false;
}

void events_port_close(EventPort *port)
{
    (void) port;
}

int events_add(EventPort *port, int fd)
{
    char path[64];
    int wd = -1;

    (void) port;
    if (!opened) {
        errno = ENODEV;
        return -1;
    }
    read_events(); /* counts the watches that ended */
    if (mangle.limit && (int) g_hash_table_size(watches) >= mangle.limit) {
        errno = ENOSPC;
        return -1;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d/.", fd);
    wd = inotify_add_watch(inotify, path, INOTIFY_MASK);
    if (wd < 0)
        return wd;
    last_wd = MAX(last_wd, wd);
    g_hash_table_add(watches, GINT_TO_POINTER(wd - offset));
    return wd - offset;
}

void events_remove(EventPort *port, int wd)
{
    (void) port;
    if (opened)
        inotify_rm_watch(inotify, wd + offset);
}

/* The first that is due; a shuffled one, any. */
static guint choose(void)
{
    guint due[64], count = 0;

    for (guint i = 0; i < queue->len && count < G_N_ELEMENTS(due); i++)
        if (((const Held *) queue->pdata[i])->due_ms <= now_ms)
            due[count++] = i;
    if (count == 0)
        return G_MAXUINT;
    return happens(mangle.shuffled) ? due[g_rand_int_range(chance, 0, (gint32) count)] : due[0];
}

bool events_next(EventPort *port, InotifyEvent *event)
{
    guint index = 0;

    (void) port;
    if (begun && !opened && now_ms >= reopen_ms)
        open_it();
    if (lost) {
        lost = false;
        *event = (InotifyEvent){ -1, IN_Q_OVERFLOW, "" };
        return true;
    }
    if (!opened)
        return false;
    read_events();
    index = choose();
    g_clear_pointer(&last, held_free);
    if (index == G_MAXUINT)
        return false;
    last = g_ptr_array_steal_index(queue, index);
    *event = last->event;
    return true;
}

/* ---- what the watcher with threads needs, which no test has beside this ---- */

Events *events_open(Error **err)
{
    error_set(err, ERROR_INTERNAL, NULL, "not in this test");
    return NULL;
}

void events_close(Events *events)
{
    (void) events;
}

int events_fd(const Events *events)
{
    (void) events;
    return -1;
}

int64_t events_due_ms(const Events *events)
{
    (void) events;
    return INT64_MAX;
}

bool events_turn(Events *events, int64_t time_ms)
{
    (void) events, (void) time_ms;
    return false;
}
