/* Reads events and hands them to the folder that they are about; restarts the library.
 *
 * While every root is available and no file is pending, there is nothing to do until the next
 * reconcile scan. */
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
    EVENTS_MAX = 4096,  /* read before the files that they named are checked */
    BEGIN_MS = 2000,    /* that the start waits for a share */
    OVERFLOW_MS = 5000, /* between two restarts for lost events */
    REOPEN_MS = 60000,  /* between two attempts to get events again */
    STALE_MAX = 10000,  /* ended watches that the library keeps, 177 bytes each */
};

/* Restarts the library: it keeps every ended watch, its events were lost, or it failed to start.
 * Scans then watch all directories again. */
static void restart_events(Engine *engine, int64_t now_ms)
{
    g_autoptr(Error) error = NULL;

    watch_dirs_end_all(engine->common.dirs);
    inotify_close();
    engine->events = -1;
    engine->reopen_ms = CLOCK_NEVER;
    engine->common.without_events = !inotify_open(&engine->events, &error);
    if (error) {
        engine->reopen_ms = now_ms + REOPEN_MS;
        journal_event(EVENT_ERROR, .error = error);
    }
    for (guint i = 0; i < engine->folders->len; i++)
        watched_reset(engine->folders->pdata[i], now_ms);
}

/* The lost events may be of new directories, or of ended watches whose inodes are used again. So
 * everything is watched and scanned again, but not more often than every OVERFLOW_MS. */
static void on_overflow(Engine *engine, int64_t now_ms)
{
    int64_t when_ms = MAX(now_ms, engine->overflow_ms + OVERFLOW_MS);

    if (engine->reopen_ms <= when_ms)
        return; /* a restart is due already */
    engine->overflow_ms = when_ms;
    engine->reopen_ms = when_ms;
    journal_event(EVENT_OVERFLOW, .count = (gint64) engine->folders->len);
}

static void subdirectory_event(WatchedFolder *watched, const char *path, const InotifyEvent *event)
{
    const char *slash = strrchr(path, '/');

    if (event->mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB))
        scan_directory_appeared(watched, path, slash ? slash + 1 : path);
    if (event->mask & IN_ATTRIB)
        intake_retry_moves(watched->common->intake, watched->folder, path);
    /* a removed one was empty, and its own watch has an event */
    if (event->mask & IN_MOVED_FROM)
        scan_directory_gone(watched, path);
}

static void file_event(WatchedFolder *watched, const char *path, const InotifyEvent *event)
{
    if (event->mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_CLOSE_WRITE))
        files_touched(watched, path);
    if (event->mask & (IN_MOVED_FROM | IN_DELETE))
        files_gone(watched, path);
}

/* An event of the watched directory itself. */
static void directory_event(Engine *engine, WatchDir *dir, const InotifyEvent *event)
{
    WatchedFolder *watched = dir->owner;
    g_autofree char *path = g_strdup(dir->path);
    struct stat st;

    if (event->mask & IN_IGNORED) {
        watch_dirs_forget(engine->common.dirs, dir);
        scan_watch_ended(watched, path);
    } else if (event->mask & IN_MOVE_SELF) {
        bool still = beneath_stat(watched->folder->path, path, &st) && st.st_dev == dir->dev &&
                     st.st_ino == dir->ino;

        if (!still && *path) /* its parent is not watched, or had an event */
            scan_directory_gone(watched, path);
        else if (!still)
            watched_check(watched, clock_ms());
    }
}

static void handle(Engine *engine, const InotifyEvent *event)
{
    WatchDir *dir = NULL;
    g_autofree char *path = NULL;

    if (event->mask & IN_Q_OVERFLOW) {
        on_overflow(engine, clock_ms());
        return;
    }
    dir = watch_dirs_by_wd(engine->common.dirs, event->wd);
    if (!dir)
        return; /* the event of a watch that we ended */
    if (*event->name == '\0') {
        directory_event(engine, dir, event);
        return;
    }
    path = *dir->path ? g_strconcat(dir->path, "/", event->name, NULL) : g_strdup(event->name);
    if (event->mask & IN_ISDIR)
        subdirectory_event(dir->owner, path, event);
    else
        file_event(dir->owner, path, event);
}

/* Reads events; true when there may be more. */
static bool read_events(Engine *engine)
{
    InotifyEvent event;

    if (engine->events < 0)
        return false;
    for (int i = 0; i < EVENTS_MAX; i++) {
        if (!inotify_next(&event))
            return false;
        handle(engine, &event);
    }
    return true;
}

static WatchedFolder *find_folder(const GPtrArray *folders, const char *name)
{
    for (guint i = 0; i < folders->len; i++) {
        WatchedFolder *watched = folders->pdata[i];

        if (strcmp(watched->folder->name, name) == 0)
            return watched;
    }
    return NULL;
}

static WatchedFolder *start_folder(Engine *engine, Settings *settings, const Folder *folder,
                                   int64_t now_ms, int64_t timeout_ms)
{
    WatchedFolder *watched = watched_new(&engine->common, settings, folder);

    watched_begin(watched, now_ms, timeout_ms);
    return watched;
}

void engine_reload(Engine *engine, Settings *settings, int64_t now_ms)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify) watched_free);
    GPtrArray *old = engine->folders;

    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        WatchedFolder *watched = find_folder(old, folder->name);
        guint index = 0;

        if (watched && watched_reload(watched, settings, folder) &&
            g_ptr_array_find(old, watched, &index))
            g_ptr_array_add(kept, g_ptr_array_steal_index(old, index));
    }
    engine->folders = kept;
    g_ptr_array_unref(old);
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];

        if (!find_folder(kept, folder->name))
            g_ptr_array_add(kept, start_folder(engine, settings, folder, now_ms, TURN_ASK_MS));
    }
}

/* Reports once that the limit of watches is too low for all folders together, and once that it
 * suffices again. */
static void report_limit(Engine *engine)
{
    g_autofree char *text = NULL;
    int with = 0, without = 0, unscanned = 0;

    engine->common.counters_changed = false;
    for (guint i = 0; i < engine->folders->len; i++) {
        const WatchedFolder *watched = engine->folders->pdata[i];

        with += atomic_load(&watched->status.directories);
        without += watched->scan.last.unwatched;
        unscanned += watched->folder->watch == WATCH_EVENTS ? watched->scan.last.unwatched : 0;
    }
    if (engine->limit_reported == (without > 0))
        return;
    engine->limit_reported = without > 0;
    if (without) {
        text = watch_limit_text(with + without, without, unscanned);
        journal_event(EVENT_WATCH_LIMIT, .reason = text, .count = without);
    } else {
        journal_event(EVENT_WATCHES_OK, .count = with);
    }
}

static void record_turn(Engine *engine, const char *folder)
{
    pthread_mutex_lock(&engine->lock);
    g_free(engine->turn_folder);
    engine->turn_folder = g_strdup(folder);
    engine->turn_began_ms = clock_ms();
    pthread_mutex_unlock(&engine->lock);
}

char *engine_unresponsive(Engine *engine, int64_t longer_ms)
{
    pthread_mutex_lock(&engine->lock);
    bool unresponsive = engine->turn_folder && clock_ms() > engine->turn_began_ms + longer_ms;
    char *folder = unresponsive ? g_strdup(engine->turn_folder) : NULL;
    pthread_mutex_unlock(&engine->lock);
    return folder;
}

bool engine_turn(Engine *engine)
{
    bool more = read_events(engine);
    int64_t now_ms = clock_ms();

    if (inotify_stale() >= STALE_MAX || now_ms >= engine->reopen_ms)
        restart_events(engine, now_ms);
    for (guint i = 0; i < engine->folders->len; i++) {
        WatchedFolder *watched = engine->folders->pdata[i];
        record_turn(engine, watched->folder->name);
        more |= watched_turn(watched, clock_ms());
    }
    record_turn(engine, NULL);
    if (engine->common.counters_changed && engine_initial_scan_done(engine))
        report_limit(engine);
    now_ms = clock_ms();
    if (engine->common.offered && now_ms >= engine->common.flush_ms)
        files_flush(&engine->common, now_ms);
    return more;
}

int64_t engine_next_ms(const Engine *engine)
{
    int64_t next = engine->reopen_ms;

    if (engine->common.offered)
        next = MIN(next, engine->common.flush_ms);
    for (guint i = 0; i < engine->folders->len; i++)
        next = MIN(next, watched_next_ms(engine->folders->pdata[i]));
    return next;
}

void engine_mounts_changed(Engine *engine, int64_t now_ms)
{
    for (guint i = 0; i < engine->folders->len; i++)
        watched_mounts_changed(engine->folders->pdata[i], now_ms);
}

void engine_flush(Engine *engine, int64_t now_ms)
{
    if (engine->common.offered)
        files_flush(&engine->common, now_ms);
}

static WatchedFolder *find_unscanned(const Engine *engine)
{
    for (guint i = 0; i < engine->folders->len; i++) {
        WatchedFolder *watched = engine->folders->pdata[i];

        if (atomic_load(&watched->status.available) && !atomic_load(&watched->status.scanned))
            return watched;
    }
    return NULL;
}

bool engine_initial_scan_done(const Engine *engine)
{
    return !find_unscanned(engine);
}

char *engine_scanning(const Engine *engine, int *files)
{
    WatchedFolder *watched = find_unscanned(engine);

    if (!watched)
        return NULL;
    *files = atomic_load(&watched->status.files);
    return g_strdup(watched->folder->name);
}

WatchReport engine_report(const Engine *engine, const char *folder)
{
    WatchReport report = { 0 };
    WatchedFolder *watched = find_folder(engine->folders, folder);

    if (!watched) {
        report.pending_by_reason = g_array_new(FALSE, FALSE, sizeof(ReasonCount));
        report.ignored_by_reason = g_array_new(FALSE, FALSE, sizeof(ReasonCount));
        return report;
    }
    report.method = watch_poll_text(watched->poll);
    report.directories = atomic_load(&watched->status.directories);
    report.pending_by_reason =
        counters_rows(pending_counters(watched->files.pending), &report.pending);
    report.ignored_by_reason = counters_rows(ignored_counters(watched->files.ignored), NULL);
    return report;
}

Engine *engine_new(Settings *settings, Intake *intake, Health *health, Error **err)
{
    Engine *engine = g_new0(Engine, 1);

    engine->events = -1;
    pthread_mutex_init(&engine->lock, NULL);
    if (!inotify_open(&engine->events, err)) {
        g_free(engine);
        return NULL;
    }
    engine->folders = g_ptr_array_new_with_free_func((GDestroyNotify) watched_free);
    engine->reopen_ms = CLOCK_NEVER;
    engine->overflow_ms = -OVERFLOW_MS;
    engine->common.intake = intake;
    engine->common.health = health;
    engine->common.hints_max = HINTS_MAX;
    engine->common.dirs = watch_dirs_new();
    for (guint i = 0; i < settings->folders->len; i++)
        g_ptr_array_add(engine->folders, start_folder(engine, settings, settings->folders->pdata[i],
                                                      clock_ms(), BEGIN_MS));
    return engine;
}

void engine_free(Engine *engine)
{
    g_ptr_array_unref(engine->folders);
    watch_dirs_end_all(engine->common.dirs);
    inotify_close();
    watch_dirs_free(engine->common.dirs);
    pthread_mutex_destroy(&engine->lock);
    g_free(engine->turn_folder);
    g_free(engine);
}
