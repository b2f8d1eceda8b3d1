/* Events, generations of them, and the folders' turns.
 *
 * While every root is there and nothing is pending there is nothing to do until the next reconcile
 * scan. */
#include "daemon/watch/engine.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/journal/journal.h"
#include "daemon/watch/files.h"
#include "daemon/watch/inotify.h"
#include "daemon/watch/limit.h"
#include "daemon/watch/scan.h"
#include "daemon/watch/turn.h"

enum {
    EVENTS_MAX = 4096,  /* that are heard before what they named is looked at */
    BEGIN_MS = 2000,    /* that the start waits for a share to answer */
    OVERFLOW_MS = 5000, /* between two scans for lost events */
    REOPEN_MS = 60000,  /* between two tries to get events again */
    STALE_MAX = 10000,  /* ended watches that the library remembers, 177 bytes each */
};

/* A new generation of the library, which never forgets a watch by itself, and whose events were
 * lost; or a first one after it failed. Everything is watched anew by a scan. */
static void begin_generation(Watcher *watcher, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    watch_dirs_end_all(watcher->common.dirs);
    watch_events_close();
    watcher->events = -1;
    watcher->anew_ms = CLOCK_NEVER;
    watcher->common.blind = !watch_events_open(&watcher->events, &error);
    if (error) {
        watcher->anew_ms = now_ms + REOPEN_MS;
        journal_event(EVENT_TROUBLE, .error = error);
    }
    for (guint i = 0; i < watcher->places->len; i++)
        place_reset(watcher->places->pdata[i], now_ms);
}

/* Among what was lost may be directories, and the end of watches, whose inodes are used again: all
 * are watched and scanned anew, but not again and again while files pour in. */
static void overflowed(Watcher *watcher, int64_t now_ms)
{
    int64_t when_ms = MAX(now_ms, watcher->overflow_ms + OVERFLOW_MS);

    if (watcher->anew_ms <= when_ms)
        return; /* it is already on its way */
    watcher->overflow_ms = when_ms;
    watcher->anew_ms = when_ms;
    journal_event(EVENT_OVERFLOW, .count = (gint64) watcher->places->len);
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
static void about_self(Watcher *watcher, WatchDir *dir, const WatchEvent *event)
{
    Place *place = dir->place;
    g_autofree char *path = g_strdup(dir->path);
    struct stat st;

    if (event->mask & IN_IGNORED) {
        watch_dirs_forget(watcher->common.dirs, dir);
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

static void handle(Watcher *watcher, const WatchEvent *event)
{
    WatchDir *dir = NULL;
    g_autofree char *path = NULL;

    if (event->mask & IN_Q_OVERFLOW) {
        overflowed(watcher, clock_ms());
        return;
    }
    dir = watch_dirs_by_wd(watcher->common.dirs, event->wd);
    if (!dir)
        return; /* of a watch that we ended */
    if (*event->name == '\0') {
        about_self(watcher, dir, event);
        return;
    }
    path = *dir->path ? g_strconcat(dir->path, "/", event->name, NULL) : g_strdup(event->name);
    if (event->mask & IN_ISDIR)
        about_directory(dir->place, path, event);
    else
        about_file(dir->place, path, event);
}

/* True when there may be more. */
static bool drain(Watcher *watcher)
{
    WatchEvent event;

    if (watcher->events < 0)
        return false;
    for (int i = 0; i < EVENTS_MAX; i++) {
        if (!watch_events_next(&event))
            return false;
        handle(watcher, &event);
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

static Place *start_place(Watcher *watcher, Settings *settings, const Folder *folder,
                          int64_t now_ms, int64_t patience_ms)
{
    Place *place = place_new(&watcher->common, settings, folder);

    place_begin(place, now_ms, patience_ms);
    return place;
}

void watcher_renew(Watcher *watcher, Settings *settings, int64_t now_ms)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify) place_free);
    GPtrArray *old = watcher->places;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        Place *place = find_place(old, folder->name);
        guint index = 0;

        if (place && place_renew(place, settings, folder) && g_ptr_array_find(old, place, &index))
            g_ptr_array_add(kept, g_ptr_array_steal_index(old, index));
    }
    watcher->places = kept;
    g_ptr_array_unref(old);
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];

        if (!find_place(kept, folder->name))
            g_ptr_array_add(kept, start_place(watcher, settings, folder, now_ms, PLACE_ASK_MS));
    }
}

/* Once when watches are too few for all folders together, and once when they are enough again. */
static void tell_limit(Watcher *watcher)
{
    g_autofree char *text = NULL;
    int watched = 0, unwatched = 0, unscanned = 0;

    watcher->common.counted = false;
    for (guint i = 0; i < watcher->places->len; i++) {
        const Place *place = watcher->places->pdata[i];

        watched += atomic_load(&place->directories);
        unwatched += place->unwatched;
        unscanned += place->folder->watch == WATCH_EVENTS ? place->unwatched : 0;
    }
    if (watcher->limit_told == (unwatched > 0))
        return;
    watcher->limit_told = unwatched > 0;
    if (unwatched) {
        text = watch_limit_text(watched + unwatched, unwatched, unscanned);
        journal_event(EVENT_WATCH_LIMIT, .reason = text, .count = unwatched);
    } else {
        journal_event(EVENT_WATCHED, .count = watched);
    }
}

static void note_turn(Watcher *watcher, const char *folder)
{
    pthread_mutex_lock(&watcher->lock);
    g_free(watcher->at);
    watcher->at = g_strdup(folder);
    watcher->at_ms = clock_ms();
    pthread_mutex_unlock(&watcher->lock);
}

char *watcher_stuck(Watcher *watcher, int64_t longer_ms)
{
    pthread_mutex_lock(&watcher->lock);
    bool stuck = watcher->at && clock_ms() > watcher->at_ms + longer_ms;
    char *folder = stuck ? g_strdup(watcher->at) : NULL;
    pthread_mutex_unlock(&watcher->lock);
    return folder;
}

bool watcher_turn(Watcher *watcher)
{
    bool more = drain(watcher);
    int64_t now_ms = clock_ms();

    if (watch_events_stale() >= STALE_MAX || now_ms >= watcher->anew_ms)
        begin_generation(watcher, now_ms);
    for (guint i = 0; i < watcher->places->len; i++) {
        Place *place = watcher->places->pdata[i];
        note_turn(watcher, place->folder->name);
        more |= place_turn(place, clock_ms());
    }
    note_turn(watcher, NULL);
    if (watcher->common.counted && watcher_settled(watcher))
        tell_limit(watcher);
    now_ms = clock_ms();
    if (watcher->common.offered && now_ms >= watcher->common.flush_ms)
        place_flush(&watcher->common, now_ms);
    return more;
}

int64_t watcher_next_ms(const Watcher *watcher)
{
    int64_t next = watcher->anew_ms;

    if (watcher->common.offered)
        next = MIN(next, watcher->common.flush_ms);
    for (guint i = 0; i < watcher->places->len; i++)
        next = MIN(next, place_next_ms(watcher->places->pdata[i]));
    return next;
}

void watcher_rescan(Watcher *watcher, const char *folder, int64_t now_ms)
{
    for (guint i = 0; i < watcher->places->len; i++) {
        Place *place = watcher->places->pdata[i];

        if (!folder || strcmp(place->folder->name, folder) == 0)
            place_rescan(place, now_ms);
    }
}

void watcher_mounts_changed(Watcher *watcher, int64_t now_ms)
{
    for (guint i = 0; i < watcher->places->len; i++)
        place_mounts_changed(watcher->places->pdata[i], now_ms);
}

void watcher_flush(Watcher *watcher, int64_t now_ms)
{
    if (watcher->common.offered)
        place_flush(&watcher->common, now_ms);
}

static Place *find_unsettled(const Watcher *watcher)
{
    for (guint i = 0; i < watcher->places->len; i++) {
        Place *place = watcher->places->pdata[i];

        if (atomic_load(&place->there) && !atomic_load(&place->scanned))
            return place;
    }
    return NULL;
}

bool watcher_settled(const Watcher *watcher)
{
    return !find_unsettled(watcher);
}

char *watcher_looking(const Watcher *watcher, int *files)
{
    Place *place = find_unsettled(watcher);

    if (!place)
        return NULL;
    *files = atomic_load(&place->met);
    return g_strdup(place->folder->name);
}

WatchReport watcher_report(const Watcher *watcher, const char *folder)
{
    WatchReport report = { 0 };
    Place *place = find_place(watcher->places, folder);

    if (!place) {
        report.pending_by_reason = g_array_new(FALSE, FALSE, sizeof(WatchCount));
        report.left_by_reason = g_array_new(FALSE, FALSE, sizeof(WatchCount));
        return report;
    }
    report.way = watch_poll_text(place->poll);
    report.directories = atomic_load(&place->directories);
    report.pending_by_reason = tally_rows(settle_tally(place->settle), &report.pending);
    report.left_by_reason = tally_rows(left_tally(place->left), NULL);
    return report;
}

Watcher *watcher_new(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Watcher *watcher = g_new0(Watcher, 1);

    watcher->events = -1;
    pthread_mutex_init(&watcher->lock, NULL);
    if (!watch_events_open(&watcher->events, err)) {
        g_free(watcher);
        return NULL;
    }
    watcher->places = g_ptr_array_new_with_free_func((GDestroyNotify) place_free);
    watcher->anew_ms = CLOCK_NEVER;
    watcher->overflow_ms = -OVERFLOW_MS;
    watcher->common.intake = intake;
    watcher->common.health = health;
    watcher->common.hints_max = PLACE_HINTS_MAX;
    watcher->common.dirs = watch_dirs_new();
    for (guint i = 0; i < settings->folders->len; i++)
        g_ptr_array_add(watcher->places, start_place(watcher, settings, settings->folders->pdata[i],
                                                     clock_ms(), BEGIN_MS));
    return watcher;
}

void watcher_free(Watcher *watcher)
{
    g_ptr_array_unref(watcher->places);
    watch_dirs_end_all(watcher->common.dirs);
    watch_events_close();
    watch_dirs_free(watcher->common.dirs);
    pthread_mutex_destroy(&watcher->lock);
    g_free(watcher->at);
    g_free(watcher);
}
