/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that owns the library, and one for each folder. */
#include "daemon/watch/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/journal/journal.h"
#include "daemon/watch/lane.h"
#include "daemon/watch/limit.h"

enum {
    BEGIN_MS = 2000,  /* that the start waits for shares, for all of them together */
    LEAVING_MAX = 64, /* lanes that hang, and whose folders have others */
};

struct Watch {
    pthread_t thread;
    Events *events; /* the thread's */
    Intake *intake;
    Health *health;
    LaneHooks hooks;
    int mounts;              /* /proc/self/mountinfo: polled for changes; -1: not available */
    int wake;                /* eventfd */
    _Atomic int64_t look_ms; /* when to look for lanes that hang; CLOCK_NEVER: all sleep */

    pthread_mutex_t lock; /* of all that follows */
    bool stop;
    GPtrArray *lanes;    /* of Lane, in the order of the settings */
    GPtrArray *leaving;  /* of Lane: those that were asked to end */
    bool limit_reported; /* it is reported that the limit of watches is too low */
};

static void wake(const Watch *watch)
{
    eventfd_write(watch->wake, 1);
}

/* ---- called by the lanes ---- */

/* The thread sleeps for as long as all lanes do: the first that wakes up wakes it too. */
static void on_began(void *user)
{
    Watch *watch = user;
    int64_t never = CLOCK_NEVER;

    if (atomic_load(&watch->look_ms) == CLOCK_NEVER &&
        atomic_compare_exchange_strong(&watch->look_ms, &never, clock_ms() + LANE_HANG_MS))
        wake(watch);
}

static void on_ended(void *user)
{
    wake(user);
}

static Lane *find_unscanned(const Watch *watch)
{
    for (guint i = 0; i < watch->lanes->len; i++) {
        Lane *lane = watch->lanes->pdata[i];
        const FolderStatus *status = lane_status(lane);

        if (atomic_load(&status->available) && !atomic_load(&status->scanned))
            return lane;
    }
    return NULL;
}

/* The directories of all folders together. Under the lock. */
typedef struct Watches {
    int with, without; /* a watch */
    int unscanned;     /* of those without */
} Watches;

static Watches count_watches(const Watch *watch)
{
    Watches sum = { 0 };

    for (guint i = 0; i < watch->lanes->len; i++) {
        const Lane *lane = watch->lanes->pdata[i];

        sum.with += atomic_load(&lane_status(lane)->directories);
        sum.without += atomic_load(&lane_status(lane)->unwatched);
        sum.unscanned += lane_unscanned(lane);
    }
    return sum;
}

static char *limit_text(const Watches *sum)
{
    return watch_limit_text(sum->with + sum->without, sum->without, sum->unscanned);
}

/* Reports once that the limit of watches is too low for all folders together, and once that it
 * suffices again. */
static void report_limit(Watch *watch)
{
    Watches sum = count_watches(watch);

    if (watch->limit_reported == (sum.without > 0))
        return;
    watch->limit_reported = sum.without > 0;
    if (sum.without) {
        g_autofree char *what = limit_text(&sum), *fix = watch_limit_fix(sum.without);
        g_autofree char *text = g_strdup_printf("%s; %s", what, fix);
        journal_event(EVENT_WATCH_LIMIT, .reason = text, .count = sum.without);
    } else {
        journal_event(EVENT_WATCHES_OK, .count = sum.with);
    }
}

char *watch_limit(Watch *watch, int *watched, char **fix)
{
    pthread_mutex_lock(&watch->lock);
    Watches sum = count_watches(watch);
    pthread_mutex_unlock(&watch->lock);
    *watched = sum.with;
    *fix = sum.without ? watch_limit_fix(sum.without) : NULL;
    return sum.without ? limit_text(&sum) : NULL;
}

static void on_scanned(void *user)
{
    Watch *watch = user;

    pthread_mutex_lock(&watch->lock);
    if (!watch->stop && !find_unscanned(watch))
        report_limit(watch);
    pthread_mutex_unlock(&watch->lock);
}

/* ---- the thread ---- */

/* Under the lock. Calls the folders unavailable whose lanes hang. Returns when to look again. */
static int64_t find_hanging(Watch *watch)
{
    int64_t next_ms = CLOCK_NEVER;

    for (guint i = 0; i < watch->lanes->len; i++) {
        Lane *lane = watch->lanes->pdata[i];

        if (lane_hang_ms(lane) <= clock_ms())
            lane_call_unavailable(lane);
        next_ms = MIN(next_ms, lane_hang_ms(lane));
    }
    return next_ms;
}

/* A lane that hangs in a file system which is gone hangs for ever: another one looks at what is
 * there now. */
static void replace_lost(Watch *watch)
{
    for (guint i = 0; i < watch->lanes->len && watch->leaving->len < LEAVING_MAX; i++) {
        Lane *lane = watch->lanes->pdata[i];

        if (!lane_is_lost(lane))
            continue;
        watch->lanes->pdata[i] = lane_again(lane);
        g_ptr_array_add(watch->leaving, lane);
    }
}

/* A turn that began meanwhile has set a time as well: the earlier one counts. */
static void look_again_at(Watch *watch, int64_t next_ms)
{
    int64_t set_ms = atomic_load(&watch->look_ms);

    while (next_ms < set_ms && !atomic_compare_exchange_weak(&watch->look_ms, &set_ms, next_ms))
        continue;
}

static void look_for_hanging(Watch *watch)
{
    if (clock_ms() < atomic_load(&watch->look_ms))
        return;
    atomic_store(&watch->look_ms, CLOCK_NEVER); /* a turn that begins now sets it */
    look_again_at(watch, find_hanging(watch));
    replace_lost(watch);
}

static void free_ended(Watch *watch)
{
    for (guint i = watch->leaving->len; i > 0; i--)
        if (lane_has_ended(watch->leaving->pdata[i - 1]))
            lane_free(g_ptr_array_steal_index(watch->leaving, i - 1));
}

static void mounts_changed(Watch *watch)
{
    for (guint i = 0; i < watch->lanes->len; i++)
        lane_mounts_changed(watch->lanes->pdata[i]);
    replace_lost(watch);
}

/* Sleeps until an event or a request, or until something is due. True when a mount was added or
 * removed. */
static bool sleep_until(const Watch *watch, int64_t until_ms)
{
    struct pollfd fds[] = {
        { .fd = events_fd(watch->events), .events = POLLIN },
        { .fd = watch->wake, .events = POLLIN },
        { .fd = watch->mounts, .events = POLLPRI },
    };
    int64_t remaining_ms = until_ms == CLOCK_NEVER ? -1 : MAX(until_ms - clock_ms(), 0);
    eventfd_t ignored;

    if (poll(fds, G_N_ELEMENTS(fds), (int) MIN(remaining_ms, G_MAXINT)) <= 0)
        return false;
    eventfd_read(watch->wake, &ignored);
    return fds[2].revents & (POLLPRI | POLLERR);
}

/* False when the thread must end. */
static bool look(Watch *watch, bool mounts)
{
    pthread_mutex_lock(&watch->lock);
    if (mounts)
        mounts_changed(watch);
    look_for_hanging(watch);
    free_ended(watch);
    bool go_on = !watch->stop;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

static void *run(void *data)
{
    Watch *watch = data;
    bool mounts = false;

    pthread_setname_np(pthread_self(), "watch");
    while (look(watch, mounts)) {
        bool more = events_turn(watch->events, clock_ms());
        int64_t due_ms = MIN(events_due_ms(watch->events), atomic_load(&watch->look_ms));

        mounts = sleep_until(watch, more ? 0 : due_ms);
    }
    return NULL;
}

/* ---- start and stop ---- */

static Lane *start_lane(Watch *watch, Settings *settings, const Folder *folder)
{
    return lane_start(watch->events, settings, folder, watch->intake, watch->health, &watch->hooks);
}

/* Everything except the thread. The events are first: the library's select(2) needs a low
 * descriptor. */
static Watch *watch_new(Intake *intake, Health *health, Error **err)
{
    Events *events = events_open(err);
    Watch *watch = NULL;

    if (!events)
        return NULL;
    watch = g_new0(Watch, 1);
    watch->events = events;
    watch->intake = intake;
    watch->health = health;
    watch->hooks = (LaneHooks){ on_began, on_scanned, on_ended, watch };
    pthread_mutex_init(&watch->lock, NULL);
    watch->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    atomic_init(&watch->look_ms, CLOCK_NEVER);
    watch->lanes = g_ptr_array_new_with_free_func((GDestroyNotify) lane_free);
    watch->leaving = g_ptr_array_new_with_free_func((GDestroyNotify) lane_free);
    return watch;
}

/* From now on no lane asks for another one. */
static void end_lanes(Watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    for (guint i = 0; i < watch->lanes->len; i++)
        lane_end(watch->lanes->pdata[i]);
    pthread_mutex_unlock(&watch->lock);
}

static void watch_free(Watch *watch)
{
    g_ptr_array_unref(watch->lanes);
    g_ptr_array_unref(watch->leaving);
    events_close(watch->events);
    close(watch->wake);
    if (watch->mounts >= 0)
        close(watch->mounts);
    pthread_mutex_destroy(&watch->lock);
    g_free(watch);
}

static void start_lanes(Watch *watch, Settings *settings)
{
    int64_t until_ms = clock_ms() + BEGIN_MS;

    pthread_mutex_lock(&watch->lock);
    for (guint i = 0; i < settings->folders->len; i++)
        g_ptr_array_add(watch->lanes, start_lane(watch, settings, settings->folders->pdata[i]));
    pthread_mutex_unlock(&watch->lock);
    for (guint i = 0; i < watch->lanes->len; i++)
        lane_await_first_turn(watch->lanes->pdata[i], until_ms);
}

/* The kernel sends SIGIO to the holder of a lease when a process opens the file for writing at that
 * moment; it would end this process. */
Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Watch *watch = watch_new(intake, health, err);

    if (!watch)
        return NULL;
    signal(SIGIO, SIG_IGN);
    start_lanes(watch, settings);
    int code = thread_start(&watch->thread, run, watch);
    if (code) {
        end_lanes(watch);
        watch_free(watch);
        error_errno(err, code, "cannot start the watcher's thread");
        return NULL;
    }
    return watch;
}

/* Takes the lane of the folder out of the list; NULL: none has this name. */
static Lane *take_lane(GPtrArray *lanes, const char *name)
{
    for (guint i = 0; i < lanes->len; i++)
        if (strcmp(lane_name(lanes->pdata[i]), name) == 0)
            return g_ptr_array_steal_index(lanes, i);
    return NULL;
}

/* Under the lock. Moves the lanes that stay to their place in the order of the settings; NULL where
 * a folder has none yet. */
static void keep_lanes(Watch *watch, Settings *settings, GPtrArray *old)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        Lane *lane = take_lane(old, folder->name);

        if (lane && !lane_reload(lane, settings, folder)) {
            g_ptr_array_add(old, lane);
            lane = NULL;
        }
        g_ptr_array_add(watch->lanes, lane);
    }
}

void watch_reload(Watch *watch, Settings *settings)
{
    pthread_mutex_lock(&watch->lock);
    GPtrArray *old = watch->lanes;
    watch->lanes = g_ptr_array_new_with_free_func((GDestroyNotify) lane_free);
    keep_lanes(watch, settings, old);
    while (old->len) { /* they end before others watch the same directories */
        lane_end(old->pdata[0]);
        g_ptr_array_add(watch->leaving, g_ptr_array_steal_index(old, 0));
    }
    g_ptr_array_unref(old);
    for (guint i = 0; i < settings->folders->len; i++)
        if (!watch->lanes->pdata[i])
            watch->lanes->pdata[i] = start_lane(watch, settings, settings->folders->pdata[i]);
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
}

/* Where a lane hangs, this waits for it: the caller has set itself a deadline. */
void watch_stop(Watch *watch)
{
    if (!watch)
        return;
    end_lanes(watch);
    wake(watch);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
}

/* ---- what is known ---- */

bool watch_initial_scan_done(Watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool done = !find_unscanned(watch);
    pthread_mutex_unlock(&watch->lock);
    return done;
}

char *watch_scanning(Watch *watch, int *files)
{
    char *name = NULL;

    pthread_mutex_lock(&watch->lock);
    const Lane *lane = find_unscanned(watch);
    if (lane) {
        name = g_strdup(lane_name(lane));
        *files = atomic_load(&lane_status(lane)->files);
    }
    pthread_mutex_unlock(&watch->lock);
    return name;
}

/* Under the lock. NULL: none has this name. */
static Lane *find_lane(const Watch *watch, const char *folder)
{
    for (guint i = 0; i < watch->lanes->len; i++)
        if (strcmp(lane_name(watch->lanes->pdata[i]), folder) == 0)
            return watch->lanes->pdata[i];
    return NULL;
}

void watch_scan(Watch *watch, const char *folder)
{
    pthread_mutex_lock(&watch->lock);
    Lane *lane = find_lane(watch, folder);
    if (lane)
        lane_scan(lane);
    pthread_mutex_unlock(&watch->lock);
}

WatchReport watch_report(Watch *watch, const char *folder)
{
    WatchReport report = { 0 };

    pthread_mutex_lock(&watch->lock);
    const Lane *lane = find_lane(watch, folder);
    if (lane)
        report = lane_report(lane);
    pthread_mutex_unlock(&watch->lock);
    if (!lane) {
        report.pending_by_reason = g_array_new(FALSE, FALSE, sizeof(ReasonCount));
        report.ignored_by_reason = g_array_new(FALSE, FALSE, sizeof(ReasonCount));
    }
    return report;
}

PathReport watch_why(Watch *watch, const char *folder, const char *path)
{
    PathReport report = { 0 };

    pthread_mutex_lock(&watch->lock);
    const Lane *lane = find_lane(watch, folder);
    if (lane)
        report = lane_why(lane, path);
    pthread_mutex_unlock(&watch->lock);
    return report;
}
