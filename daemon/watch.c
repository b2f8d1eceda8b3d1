/* The watcher's thread: one loop over events, the folders' turns, and what other threads ask for.
 *
 * While every root is there and nothing is pending it sleeps until the next reconcile scan. */
#include "daemon/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/beneath.h"
#include "daemon/journal.h"
#include "daemon/watch_events.h"
#include "daemon/watch_place.h"

enum {
    OVERFLOW_MS = 5000, /* between two scans for lost events */
    REOPEN_MS = 60000,  /* between two tries to get events again */
    STALE_MAX = 10000,  /* ended watches that the library remembers, 177 bytes each */
};

struct Watch {
    pthread_t thread;
    pthread_mutex_t lock; /* of the list of places and of what is asked for */
    GPtrArray *places;    /* of Place; changed by the thread only, under the lock */
    int wake;             /* eventfd */

    /* asked for */
    bool stop;
    Settings *next;
    GPtrArray *rescans; /* folder names */
    bool rescan_all;

    /* the thread's own */
    WatchCommon common;
    int events;          /* the library's; -1: none at the moment */
    int mounts;          /* /proc/self/mountinfo: polled for changes; -1: not to be had */
    int64_t anew_ms;     /* when a new generation is due; SETTLE_NEVER */
    int64_t overflow_ms; /* when the last overflow was answered */
};

static void wake(const Watch *watch)
{
    uint64_t one = 1;

    while (write(watch->wake, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
}

/* A new generation of the library, which never forgets a watch by itself, and whose events were
 * lost; or a first one after it failed. Everything is watched anew by a scan. */
static void begin_generation(Watch *watch, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    watch_dirs_end_all(watch->common.dirs);
    watch_events_close();
    watch->events = -1;
    watch->anew_ms = SETTLE_NEVER;
    watch->common.blind = !watch_events_open(&watch->events, &error);
    if (error) {
        watch->anew_ms = now_ms + REOPEN_MS;
        journal_event(EVENT_TROUBLE, .error = error);
    }
    for (guint i = 0; i < watch->places->len; i++)
        place_reset(watch->places->pdata[i], now_ms);
}

/* Among what was lost may be directories, and the end of watches, whose inodes are used again: all
 * are watched and scanned anew, but not again and again while files pour in. */
static void overflowed(Watch *watch, int64_t now_ms)
{
    int64_t when_ms = MAX(now_ms, watch->overflow_ms + OVERFLOW_MS);

    if (watch->anew_ms <= when_ms)
        return; /* it is already on its way */
    watch->overflow_ms = when_ms;
    watch->anew_ms = when_ms;
    journal_event(EVENT_OVERFLOW, .count = (gint64) watch->places->len);
}

static void about_directory(Place *place, const char *path, const WatchEvent *event)
{
    const char *slash = strrchr(path, '/');

    if (event->mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB))
        place_directory_came(place, path, slash ? slash + 1 : path);
    if (event->mask & IN_MOVED_FROM)
        place_directory_went(place, path); /* a removed one was empty, and its own watch tells */
}

static void about_file(Place *place, const char *path, const WatchEvent *event)
{
    if (event->mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_CLOSE_WRITE))
        place_file_touched(place, path);
    if (event->mask & (IN_MOVED_FROM | IN_DELETE))
        place_file_went(place, path);
}

/* What happened to the watched directory itself. */
static void about_self(Watch *watch, WatchDir *dir, const WatchEvent *event)
{
    Place *place = dir->place;
    g_autofree char *path = g_strdup(dir->path);
    struct stat st;

    if (event->mask & IN_IGNORED) {
        watch_dirs_forget(watch->common.dirs, dir);
        place_directory_lost(place, path);
    } else if (event->mask & IN_MOVE_SELF) {
        bool still = beneath_stat(place->folder->path, path, &st) && st.st_dev == dir->dev &&
                     st.st_ino == dir->ino;

        if (!still && *path) /* its parent isn't watched, or would have told */
            place_directory_went(place, path);
        else if (!still)
            place_check(place, clock_ms());
    }
}

static void handle(Watch *watch, const WatchEvent *event)
{
    WatchDir *dir = NULL;
    g_autofree char *path = NULL;

    if (event->mask & IN_Q_OVERFLOW) {
        overflowed(watch, clock_ms());
        return;
    }
    dir = watch_dirs_by_wd(watch->common.dirs, event->wd);
    if (!dir)
        return; /* of a watch that we ended */
    if (*event->name == '\0') {
        about_self(watch, dir, event);
        return;
    }
    path = *dir->path ? g_strconcat(dir->path, "/", event->name, NULL) : g_strdup(event->name);
    if (event->mask & IN_ISDIR)
        about_directory(dir->place, path, event);
    else
        about_file(dir->place, path, event);
}

/* True when there may be more. */
static bool drain(Watch *watch)
{
    WatchEvent event;

    if (watch->events < 0)
        return false;
    for (int i = 0; i < PLACE_TOUCHED_MAX; i++) {
        if (!watch_events_next(&event))
            return false;
        handle(watch, &event);
    }
    return true;
}

static Place *find_place(const GPtrArray *places, const char *name)
{
    for (guint i = 0; i < places->len; i++) {
        Place *place = places->pdata[i];

        if (strcmp(place->folder->name, name) == 0)
            return place;
    }
    return NULL;
}

static Place *start_place(Watch *watch, Settings *settings, const Folder *folder, int64_t now_ms)
{
    Place *place = place_new(&watch->common, settings, folder);

    place_check(place, now_ms);
    return place;
}

/* Folders that stay go on as they are; the others end before new ones take their directories. */
static void renew(Watch *watch, Settings *settings, int64_t now_ms)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify) place_free);
    GPtrArray *old = watch->places;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        Place *place = find_place(old, folder->name);
        guint index = 0;

        if (place && place_renew(place, settings, folder) && g_ptr_array_find(old, place, &index))
            g_ptr_array_add(kept, g_ptr_array_steal_index(old, index));
    }
    watch->places = kept;
    g_ptr_array_unref(old);
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];

        if (!find_place(kept, folder->name))
            g_ptr_array_add(kept, start_place(watch, settings, folder, now_ms));
    }
}

/* Does what other threads asked for; false when that is to end. */
static bool obey(Watch *watch, int64_t now_ms)
{
    uint64_t count = 0;
    bool go_on = true;

    if (read(watch->wake, &count, sizeof(count)) < 0)
        return true; /* nobody asked */
    pthread_mutex_lock(&watch->lock);
    if (watch->next) {
        renew(watch, watch->next, now_ms);
        g_clear_pointer(&watch->next, settings_unref);
    }
    for (guint i = 0; i < watch->places->len; i++) {
        Place *place = watch->places->pdata[i];

        if (watch->rescan_all || g_ptr_array_find_with_equal_func(
                                     watch->rescans, place->folder->name, g_str_equal, NULL))
            place_rescan(place, now_ms);
    }
    watch->rescan_all = false;
    g_ptr_array_set_size(watch->rescans, 0);
    go_on = !watch->stop;
    pthread_mutex_unlock(&watch->lock);
    return go_on;
}

/* One turn of everybody; true when there is more to do at once. */
static bool turn(Watch *watch)
{
    bool more = drain(watch);
    int64_t now_ms = clock_ms();

    if (watch_events_stale() >= STALE_MAX || now_ms >= watch->anew_ms)
        begin_generation(watch, now_ms);
    for (guint i = 0; i < watch->places->len; i++)
        more |= place_turn(watch->places->pdata[i], clock_ms());
    now_ms = clock_ms();
    if (watch->common.offered && now_ms >= watch->common.flush_ms)
        place_flush(&watch->common, now_ms);
    return more;
}

static int64_t next_ms(const Watch *watch)
{
    int64_t next = watch->anew_ms;

    if (watch->common.offered)
        next = MIN(next, watch->common.flush_ms);
    for (guint i = 0; i < watch->places->len; i++)
        next = MIN(next, place_next_ms(watch->places->pdata[i]));
    return next;
}

/* Sleeps until something happens or is due. True when a mount came or went. */
static bool sleep_until(const Watch *watch, int64_t until_ms)
{
    struct pollfd fds[] = {
        { .fd = watch->events, .events = POLLIN },
        { .fd = watch->wake, .events = POLLIN },
        { .fd = watch->mounts, .events = POLLPRI },
    };
    int64_t left_ms = until_ms == SETTLE_NEVER ? -1 : MAX(until_ms - clock_ms(), 0);

    if (poll(fds, G_N_ELEMENTS(fds), (int) MIN(left_ms, G_MAXINT)) <= 0)
        return false;
    return fds[2].revents & (POLLPRI | POLLERR);
}

static void *run(void *data)
{
    Watch *watch = data;

    pthread_setname_np(pthread_self(), "watch");
    while (obey(watch, clock_ms())) {
        bool more = turn(watch);

        if (!sleep_until(watch, more ? 0 : next_ms(watch)))
            continue;
        for (guint i = 0; i < watch->places->len; i++)
            place_mounts_changed(watch->places->pdata[i], clock_ms());
    }
    if (watch->common.offered)
        place_flush(&watch->common, clock_ms());
    return NULL;
}

/* Everything but the thread; the library first, as its select(2) wants a low descriptor. */
static Watch *watch_new(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Watch *watch = g_new0(Watch, 1);

    watch->events = -1;
    if (!watch_events_open(&watch->events, err)) {
        g_free(watch);
        return NULL;
    }
    pthread_mutex_init(&watch->lock, NULL);
    watch->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    watch->rescans = g_ptr_array_new_with_free_func(g_free);
    watch->places = g_ptr_array_new_with_free_func((GDestroyNotify) place_free);
    watch->anew_ms = SETTLE_NEVER;
    watch->overflow_ms = -OVERFLOW_MS;
    watch->common.intake = intake;
    watch->common.health = health;
    watch->common.dirs = watch_dirs_new();
    for (guint i = 0; i < settings->folders->len; i++)
        g_ptr_array_add(watch->places,
                        start_place(watch, settings, settings->folders->pdata[i], clock_ms()));
    return watch;
}

static void watch_free(Watch *watch)
{
    g_ptr_array_unref(watch->places);
    watch_dirs_end_all(watch->common.dirs);
    watch_events_close();
    watch_dirs_free(watch->common.dirs);
    g_ptr_array_unref(watch->rescans);
    g_clear_pointer(&watch->next, settings_unref);
    close(watch->wake);
    if (watch->mounts >= 0)
        close(watch->mounts);
    pthread_mutex_destroy(&watch->lock);
    g_free(watch);
}

/* Signals are the main thread's. SIGIO is what the kernel sends to the holder of a lease when a
 * writer comes in that very moment; it would end the process. */
static int start_thread(Watch *watch)
{
    sigset_t all, before;
    int code = 0;

    signal(SIGIO, SIG_IGN);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_create(&watch->thread, NULL, run, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

Watch *watch_start(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Watch *watch = watch_new(settings, intake, health, err);
    int code = watch ? start_thread(watch) : 0;

    if (code) {
        watch_free(watch);
        error_errno(err, code, "cannot start the watcher's thread");
        return NULL;
    }
    return watch;
}

void watch_reload(Watch *watch, Settings *settings)
{
    Settings *unseen = NULL;

    pthread_mutex_lock(&watch->lock);
    unseen = watch->next;
    watch->next = settings_ref(settings);
    pthread_mutex_unlock(&watch->lock);
    if (unseen)
        settings_unref(unseen);
    wake(watch);
}

void watch_rescan(Watch *watch, const char *folder)
{
    pthread_mutex_lock(&watch->lock);
    if (folder)
        g_ptr_array_add(watch->rescans, g_strdup(folder));
    else
        watch->rescan_all = true;
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
}

bool watch_settled(Watch *watch)
{
    bool settled = true;

    pthread_mutex_lock(&watch->lock);
    for (guint i = 0; i < watch->places->len; i++) {
        Place *place = watch->places->pdata[i];

        settled &= !atomic_load(&place->there) || atomic_load(&place->scanned);
    }
    pthread_mutex_unlock(&watch->lock);
    return settled;
}

WatchReport watch_report(Watch *watch, const char *folder)
{
    WatchReport report = { 0 };
    Place *place = NULL;

    pthread_mutex_lock(&watch->lock);
    place = find_place(watch->places, folder);
    if (place) {
        report.directories = atomic_load(&place->directories);
        report.pending_by_reason = tally_rows(settle_tally(place->settle), &report.pending);
        report.left_by_reason = tally_rows(left_tally(place->left), NULL);
    }
    pthread_mutex_unlock(&watch->lock);
    if (!place) {
        report.pending_by_reason = g_array_new(FALSE, FALSE, sizeof(WatchCount));
        report.left_by_reason = g_array_new(FALSE, FALSE, sizeof(WatchCount));
    }
    return report;
}

void watch_report_clear(WatchReport *report)
{
    g_clear_pointer(&report->pending_by_reason, g_array_unref);
    g_clear_pointer(&report->left_by_reason, g_array_unref);
}

void watch_stop(Watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    pthread_mutex_unlock(&watch->lock);
    wake(watch);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
}
