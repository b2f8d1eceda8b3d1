/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop of the thread: requests of other threads, a turn, a sleep. */
#include "daemon/watch/lane.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/watch/files.h"
#include "daemon/watch/turn.h"

struct Lane {
    pthread_t thread;
    bool started; /* there is a thread to join */
    Engine *engine;
    Intake *intake;
    Events *events;
    EventPort *port;
    const LaneHooks *hooks;
    int wake; /* eventfd */

    /* what it has to watch, as the caller of lane_reload() said it last */
    Settings *settings;
    const Folder *folder;

    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t turned;
    bool end, ended;
    Settings *next; /* a request: a snapshot that has next_folder; NULL: none */
    const Folder *next_folder;
    bool mounts_changed, scan;
    int64_t turn_since_ms; /* when the running turn began; 0: it sleeps */
    bool unavailable;      /* because of the running turn */
    bool first_turn_over;
};

/* ---- the thread ---- */

/* What other threads asked for. */
typedef struct Requests {
    Settings *next; /* owned; NULL: none */
    const Folder *folder;
    bool mounts_changed, scan;
} Requests;

static void wake(const Lane *lane)
{
    eventfd_write(lane->wake, 1);
}

/* Begins a turn. False when the thread must end. */
static bool begin_turn(Lane *lane, Requests *requests)
{
    eventfd_t ignored;

    eventfd_read(lane->wake, &ignored);
    pthread_mutex_lock(&lane->lock);
    bool go_on = !lane->end;
    requests->folder = lane->next_folder;
    requests->next = g_steal_pointer(&lane->next);
    requests->mounts_changed = lane->mounts_changed;
    requests->scan = lane->scan;
    lane->mounts_changed = lane->scan = false;
    lane->turn_since_ms = clock_ms();
    pthread_mutex_unlock(&lane->lock);
    lane->hooks->began(lane->hooks->user);
    return go_on;
}

/* True when the folder was called unavailable meanwhile. */
static bool end_turn(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    bool unavailable = lane->unavailable;
    lane->unavailable = false;
    lane->turn_since_ms = 0;
    lane->first_turn_over = true;
    pthread_cond_broadcast(&lane->turned);
    pthread_mutex_unlock(&lane->lock);
    return unavailable;
}

static void take_requests(WatchedFolder *watched, Requests *requests)
{
    if (requests->next)
        watched_reload(watched, requests->next, requests->folder);
    g_clear_pointer(&requests->next, settings_unref);
    if (requests->mounts_changed)
        watched_mounts_changed(watched, clock_ms());
    if (requests->scan)
        watched_rescan(watched, clock_ms());
}

/* Does what other threads asked for, and all that is due. False when the thread must end. */
static bool turn(Lane *lane, bool *more)
{
    Engine *engine = lane->engine;
    Requests requests = { 0 };
    bool go_on = begin_turn(lane, &requests);

    take_requests(engine->watched, &requests);
    if (go_on)
        *more = engine_turn(engine);
    if (end_turn(lane) && go_on)
        watched_unresponsive(engine->watched, clock_ms());
    return go_on;
}

/* Sleeps until an event, a request or until_ms. */
static void sleep_until(const Lane *lane, int64_t until_ms)
{
    struct pollfd fd = { .fd = lane->wake, .events = POLLIN };
    int64_t remaining_ms = until_ms == CLOCK_NEVER ? -1 : MAX(until_ms - clock_ms(), 0);

    poll(&fd, 1, (int) MIN(remaining_ms, G_MAXINT));
}

static void *run(void *data)
{
    Lane *lane = data;
    bool more = false;

    while (turn(lane, &more)) {
        if (lane->engine->common.counters_changed)
            lane->hooks->scanned(lane->hooks->user);
        lane->engine->common.counters_changed = false;
        if (!more)
            sleep_until(lane, engine_next_ms(lane->engine));
    }
    engine_flush(lane->engine, clock_ms());
    pthread_mutex_lock(&lane->lock);
    lane->ended = true;
    pthread_mutex_unlock(&lane->lock);
    lane->hooks->ended(lane->hooks->user);
    return NULL;
}

/* ---- start and end ---- */

static void start_thread(Lane *lane, Health *health)
{
    int code = thread_start(&lane->thread, run, lane);
    char name[16]; /* as long as the kernel keeps */

    lane->started = code == 0;
    if (code) {
        g_autofree char *reason = g_strdup_printf(
            "cannot start its thread: %s; raise the limit of tasks (TasksMax=), then reload",
            g_strerror(code));
        lane->ended = lane->first_turn_over = true;
        health_set(health, lane->folder->name, HEALTH_UNAVAILABLE, reason);
        return;
    }
    snprintf(name, sizeof(name), "watch %.9s", lane->folder->name);
    pthread_setname_np(lane->thread, name);
}

/* Everything except the thread. */
static Lane *lane_new(Events *events, Settings *settings, const Folder *folder,
                      const Intake *intake, Health *health, const LaneHooks *hooks)
{
    Lane *lane = g_new0(Lane, 1);

    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->turned, NULL);
    lane->hooks = hooks;
    lane->settings = settings_ref(settings);
    lane->folder = folder;
    lane->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    lane->intake = intake_copy(intake);
    lane->events = events;
    lane->port = events_port_new(events, lane->wake);
    lane->engine = engine_new(settings, folder, lane->port, lane->intake, health);
    return lane;
}

Lane *lane_start(Events *events, Settings *settings, const Folder *folder, const Intake *intake,
                 Health *health, const LaneHooks *hooks)
{
    Lane *lane = lane_new(events, settings, folder, intake, health, hooks);

    start_thread(lane, health);
    return lane;
}

Lane *lane_again(Lane *lane)
{
    Health *health = lane->engine->common.health;

    lane_end(lane);
    Lane *next =
        lane_new(lane->events, lane->settings, lane->folder, lane->intake, health, lane->hooks);
    next->engine->watched->root.was_silent = true;
    start_thread(next, health);
    return next;
}

bool lane_reload(Lane *lane, Settings *settings, const Folder *folder)
{
    Settings *old = lane->settings, *unseen = NULL;

    if (!lane->started || !watched_takes(lane->folder, folder))
        return false;
    lane->settings = settings_ref(settings);
    lane->folder = folder;
    settings_unref(old);
    pthread_mutex_lock(&lane->lock);
    unseen = lane->next;
    lane->next = settings_ref(settings);
    lane->next_folder = folder;
    pthread_mutex_unlock(&lane->lock);
    settings_unref(unseen);
    wake(lane);
    return true;
}

void lane_end(Lane *lane)
{
    atomic_store(&lane->engine->common.ending, true);
    events_port_close(lane->port);
    pthread_mutex_lock(&lane->lock);
    lane->end = true;
    pthread_mutex_unlock(&lane->lock);
    wake(lane);
}

bool lane_has_ended(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    bool ended = lane->ended;
    pthread_mutex_unlock(&lane->lock);
    return ended;
}

void lane_free(Lane *lane)
{
    if (lane->started)
        pthread_join(lane->thread, NULL);
    engine_free(lane->engine);
    events_port_free(lane->port);
    intake_free(lane->intake);
    settings_unref(lane->next);
    settings_unref(lane->settings);
    close(lane->wake);
    pthread_cond_destroy(&lane->turned);
    pthread_mutex_destroy(&lane->lock);
    g_free(lane);
}

/* ---- what the watcher asks ---- */

void lane_mounts_changed(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->mounts_changed = true;
    pthread_mutex_unlock(&lane->lock);
    wake(lane);
}

void lane_scan(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    lane->scan = true;
    pthread_mutex_unlock(&lane->lock);
    wake(lane);
}

void lane_await_first_turn(Lane *lane, int64_t until_ms)
{
    struct timespec limit = clock_after(MAX(until_ms - clock_ms(), 0));
    int code = 0;

    pthread_mutex_lock(&lane->lock);
    while (!lane->first_turn_over && code != ETIMEDOUT)
        code = pthread_cond_clockwait(&lane->turned, &lane->lock, CLOCK_MONOTONIC, &limit);
    pthread_mutex_unlock(&lane->lock);
}

int64_t lane_hang_ms(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    bool runs = lane->turn_since_ms && !lane->unavailable && !lane->end;
    int64_t ms = runs ? lane->turn_since_ms + LANE_HANG_MS : CLOCK_NEVER;
    pthread_mutex_unlock(&lane->lock);
    return ms;
}

/* Under the lock, so that the end of the turn comes after it. */
void lane_call_unavailable(Lane *lane)
{
    g_autofree char *reason = watch_root_hang_text(lane->folder->path);
    Engine *engine = lane->engine;

    pthread_mutex_lock(&lane->lock);
    if (lane->turn_since_ms && clock_ms() >= lane->turn_since_ms + LANE_HANG_MS) {
        lane->unavailable = true;
        atomic_store(&engine->watched->status.available, false);
        health_set(engine->common.health, lane->folder->name, HEALTH_UNAVAILABLE, reason);
    }
    pthread_mutex_unlock(&lane->lock);
}

bool lane_is_lost(Lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    bool lost = lane->unavailable && lane->mounts_changed;
    pthread_mutex_unlock(&lane->lock);
    return lost;
}

const char *lane_name(const Lane *lane)
{
    return lane->folder->name;
}

const FolderStatus *lane_status(const Lane *lane)
{
    return &lane->engine->watched->status;
}

int lane_unscanned(const Lane *lane)
{
    return lane->folder->watch == WATCH_EVENTS ? atomic_load(&lane_status(lane)->unwatched) : 0;
}

WatchReport lane_report(const Lane *lane)
{
    return watched_report(lane->engine->watched);
}

PathReport lane_why(const Lane *lane, const char *path)
{
    return watched_why(lane->engine->watched, lane->folder, path);
}
