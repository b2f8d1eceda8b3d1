/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One table says which port each watch belongs to. A watch is added without the lock, as that call
 * may hang: what ends meanwhile is remembered until no thread is adding one. The kernel gives no
 * number of a watch a second time. */
#include "daemon/watch/events.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/metrics/metrics.h"

enum {
    EVENTS_MAX = 4096,  /* handed over in one turn */
    QUEUE_MAX = 16384,  /* events that wait in a port: as many as the kernel keeps */
    OVERFLOW_MS = 5000, /* between two restarts for lost events */
    REOPEN_MS = 60000,  /* between two attempts to get events again */
};

/* An inotify of the kernel. A thread that adds a watch keeps it, so that its descriptor is not
 * another one's meanwhile. */
typedef struct Instance {
    int fd; /* a duplicate of the library's */
    gatomicrefcount refs;
} Instance;

struct Events {
    int fd;              /* the library's; -1: not started */
    int64_t reopen_ms;   /* when the library is restarted; CLOCK_NEVER */
    int64_t overflow_ms; /* when the last overflow brings its restart */

    pthread_mutex_t lock; /* of all that follows, and of the ports */
    Instance *instance;   /* NULL: there are no events now */
    GPtrArray *ports;
    GHashTable *owners; /* watch -> its port */
    int adding;         /* threads that add a watch */
    GHashTable *ended;  /* watches that have ended while a thread was adding one */
};

typedef struct Queued {
    int wd;
    uint32_t mask;
    char *name;
} Queued;

struct EventPort {
    Events *events;
    int wake;
    GQueue *queue; /* of Queued */
    bool reset;    /* every watch has ended, which is not taken yet */
    bool closed;
    Queued *taken; /* the event that the caller has */
};

static Instance *instance_new(int fd)
{
    Instance *instance = g_new(Instance, 1);

    instance->fd = fcntl(fd, F_DUPFD_CLOEXEC, fd);
    g_atomic_ref_count_init(&instance->refs);
    return instance;
}

static void instance_unref(Instance *instance)
{
    if (!instance || !g_atomic_ref_count_dec(&instance->refs))
        return;
    if (instance->fd >= 0)
        close(instance->fd);
    g_free(instance);
}

static void queued_free(void *data)
{
    Queued *queued = data;

    g_free(queued->name);
    g_free(queued);
}

/* ---- under the lock ---- */

static void wake(const EventPort *port)
{
    eventfd_write(port->wake, 1);
}

static void clear_queue(EventPort *port)
{
    while (!g_queue_is_empty(port->queue))
        queued_free(g_queue_pop_head(port->queue));
}

/* Every watch of the port has ended. */
static void reset(EventPort *port)
{
    clear_queue(port);
    port->reset = true;
    wake(port);
}

static void forget(Events *events, int wd)
{
    g_hash_table_remove(events->owners, GINT_TO_POINTER(wd));
    if (events->adding)
        g_hash_table_add(events->ended, GINT_TO_POINTER(wd));
}

static void end_watches(EventPort *port)
{
    Events *events = port->events;
    g_autoptr(GArray) watches = g_array_new(FALSE, FALSE, sizeof(int));
    GHashTableIter iter;
    gpointer key = NULL, owner = NULL;

    g_hash_table_iter_init(&iter, events->owners);
    while (g_hash_table_iter_next(&iter, &key, &owner)) {
        int wd = GPOINTER_TO_INT(key);
        if (owner == port)
            g_array_append_val(watches, wd);
    }
    for (guint i = 0; i < watches->len; i++) {
        int wd = g_array_index(watches, int, i);
        forget(events, wd);
        inotify_rm_watch(events->instance->fd, wd);
    }
}

/* A folder that takes no events now, as its share does not respond, loses them. */
static void queue_event(EventPort *port, const InotifyEvent *event)
{
    Queued *queued = NULL;

    if (port->reset)
        return; /* of a watch that has ended */
    if (port->queue->length >= QUEUE_MAX) {
        end_watches(port);
        reset(port);
        metrics_add(METRIC_OVERFLOWS, 1, NULL, NULL, NULL);
        return;
    }
    queued = g_new(Queued, 1);
    *queued = (Queued){ event->wd, event->mask, g_strdup(event->name) };
    g_queue_push_tail(port->queue, queued);
    if (port->queue->length == 1)
        wake(port);
}

/* ---- the watcher's thread ---- */

/* The lost events may be of new directories, or of ended watches whose inodes are used again. So
 * everything is watched and scanned again, but not more often than every OVERFLOW_MS. */
static void on_overflow(Events *events, int64_t now_ms)
{
    int64_t when_ms = MAX(now_ms, events->overflow_ms + OVERFLOW_MS);

    if (events->reopen_ms <= when_ms)
        return; /* a restart is due already */
    events->overflow_ms = when_ms;
    events->reopen_ms = when_ms;
    metrics_add(METRIC_OVERFLOWS, 1, NULL, NULL, NULL);
    pthread_mutex_lock(&events->lock);
    guint folders = events->ports->len;
    pthread_mutex_unlock(&events->lock);
    journal_event(EVENT_OVERFLOW, .count = (gint64) folders);
}

static void hand_over(Events *events, const InotifyEvent *event)
{
    pthread_mutex_lock(&events->lock);
    EventPort *port = g_hash_table_lookup(events->owners, GINT_TO_POINTER(event->wd));
    if (event->mask & IN_IGNORED)
        forget(events, event->wd);
    if (port)
        queue_event(port, event);
    pthread_mutex_unlock(&events->lock);
}

static void take_instance(Events *events, Instance *instance)
{
    pthread_mutex_lock(&events->lock);
    instance_unref(events->instance);
    events->instance = instance;
    g_hash_table_remove_all(events->owners);
    g_hash_table_remove_all(events->ended);
    for (guint i = 0; i < events->ports->len; i++)
        reset(events->ports->pdata[i]);
    pthread_mutex_unlock(&events->lock);
}

/* Restarts the library: its events were lost, or it failed to start. Scans then watch all
 * directories again, or poll them. */
static void restart(Events *events, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    inotify_close();
    events->fd = -1;
    events->reopen_ms = CLOCK_NEVER;
    if (!inotify_open(&events->fd, &error)) {
        events->reopen_ms = now_ms + REOPEN_MS;
        journal_event(EVENT_ERROR, .error = error);
    }
    take_instance(events, events->fd >= 0 ? instance_new(events->fd) : NULL);
}

bool events_turn(Events *events, int64_t now_ms)
{
    InotifyEvent event;
    bool more = events->fd >= 0;

    for (int i = 0; i < EVENTS_MAX && more; i++) {
        more = inotify_next(&event);
        if (more && event.mask & IN_Q_OVERFLOW)
            on_overflow(events, now_ms);
        else if (more)
            hand_over(events, &event);
    }
    if (now_ms >= events->reopen_ms)
        restart(events, now_ms);
    return more;
}

int events_fd(const Events *events)
{
    return events->fd;
}

int64_t events_due_ms(const Events *events)
{
    return events->reopen_ms;
}

Events *events_open(Error **err)
{
    int fd = -1;

    if (!inotify_open(&fd, err))
        return NULL;
    Events *events = g_new0(Events, 1);
    events->fd = fd;
    events->reopen_ms = CLOCK_NEVER;
    events->overflow_ms = -OVERFLOW_MS;
    pthread_mutex_init(&events->lock, NULL);
    events->instance = instance_new(fd);
    events->ports = g_ptr_array_new();
    events->owners = g_hash_table_new(g_direct_hash, g_direct_equal);
    events->ended = g_hash_table_new(g_direct_hash, g_direct_equal);
    return events;
}

void events_close(Events *events)
{
    if (!events)
        return;
    inotify_close();
    instance_unref(events->instance);
    g_ptr_array_unref(events->ports);
    g_hash_table_destroy(events->owners);
    g_hash_table_destroy(events->ended);
    pthread_mutex_destroy(&events->lock);
    g_free(events);
}

/* ---- ports ---- */

EventPort *events_port_new(Events *events, int wake_fd)
{
    EventPort *port = g_new0(EventPort, 1);

    port->events = events;
    port->wake = wake_fd;
    port->queue = g_queue_new();
    pthread_mutex_lock(&events->lock);
    g_ptr_array_add(events->ports, port);
    pthread_mutex_unlock(&events->lock);
    return port;
}

void events_port_close(EventPort *port)
{
    Events *events = port->events;

    pthread_mutex_lock(&events->lock);
    end_watches(port);
    clear_queue(port);
    g_ptr_array_remove(events->ports, port);
    port->closed = true;
    pthread_mutex_unlock(&events->lock);
}

void events_port_free(EventPort *port)
{
    events_port_close(port);
    g_queue_free(port->queue);
    g_clear_pointer(&port->taken, queued_free);
    g_free(port);
}

/* A reference of the instance to add a watch to; NULL: there are no events now. */
static Instance *begin_adding(Events *events)
{
    pthread_mutex_lock(&events->lock);
    Instance *instance = events->instance;
    if (instance) {
        g_atomic_ref_count_inc(&instance->refs);
        events->adding++;
    }
    pthread_mutex_unlock(&events->lock);
    return instance;
}

/* Under the lock. Whether the watch is the port's now. */
static bool take_watch(EventPort *port, const Instance *instance, int wd)
{
    Events *events = port->events;

    if (instance != events->instance || g_hash_table_contains(events->ended, GINT_TO_POINTER(wd)))
        return false;
    if (port->closed) {
        if (!g_hash_table_contains(events->owners, GINT_TO_POINTER(wd))) {
            forget(events, wd); /* another thread may have got it, and not have taken it yet */
            inotify_rm_watch(instance->fd, wd);
        }
        return false;
    }
    g_hash_table_insert(events->owners, GINT_TO_POINTER(wd), port);
    return true;
}

static bool end_adding(EventPort *port, const Instance *instance, int wd)
{
    Events *events = port->events;

    pthread_mutex_lock(&events->lock);
    bool taken = wd >= 0 && take_watch(port, instance, wd);
    if (--events->adding == 0)
        g_hash_table_remove_all(events->ended);
    pthread_mutex_unlock(&events->lock);
    return taken;
}

int events_add(EventPort *port, int fd)
{
    Instance *instance = begin_adding(port->events);

    if (!instance) {
        errno = ENODEV;
        return -1;
    }
    int wd = inotify_add(instance->fd, fd);
    int code = wd < 0 ? errno : ESTALE;
    bool taken = end_adding(port, instance, wd);
    instance_unref(instance);
    errno = code;
    return taken ? wd : -1;
}

/* Does not use the library: it prints to stderr and fails for a directory that is gone. */
void events_remove(EventPort *port, int wd)
{
    Events *events = port->events;

    pthread_mutex_lock(&events->lock);
    if (g_hash_table_lookup(events->owners, GINT_TO_POINTER(wd)) == port) {
        forget(events, wd);
        inotify_rm_watch(events->instance->fd, wd);
    }
    pthread_mutex_unlock(&events->lock);
}

bool events_next(EventPort *port, InotifyEvent *event)
{
    g_clear_pointer(&port->taken, queued_free);
    pthread_mutex_lock(&port->events->lock);
    bool was_reset = port->reset;
    port->reset = false;
    if (!was_reset)
        port->taken = g_queue_pop_head(port->queue);
    pthread_mutex_unlock(&port->events->lock);
    if (was_reset)
        *event = (InotifyEvent){ -1, IN_Q_OVERFLOW, "" };
    else if (port->taken)
        *event = (InotifyEvent){ port->taken->wd, port->taken->mask, port->taken->name };
    return was_reset || port->taken;
}
