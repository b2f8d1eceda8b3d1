/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the folder's events and says what each of them means.
 *
 * While the root is available and no file is pending, there is nothing to do until the next
 * reconcile scan. */
#include "daemon/watch/engine.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/files/beneath.h"
#include "daemon/settings/ignore.h"
#include "daemon/watch/files.h"
#include "daemon/watch/scan.h"
#include "daemon/watch/turn.h"

enum { EVENTS_MAX = 16384 }; /* read before the files that they named are checked: a full port */

/* A directory may let originals move now: out of it, or, if it is done/, failed/ or trash/ of the
 * folder, into it. */
static void retry_moves(WatchedFolder *watched, const char *path, const InotifyEvent *event)
{
    bool target = ignore_is_reserved(path);

    if (event->mask & IN_ATTRIB || (target && event->mask & (IN_MOVED_FROM | IN_DELETE)))
        intake_retry_moves(watched->common->intake, watched->folder, target ? "" : path);
}

static void subdirectory_event(WatchedFolder *watched, const char *path, const InotifyEvent *event)
{
    const char *slash = strrchr(path, '/');

    if (event->mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB))
        scan_directory_appeared(watched, path, slash ? slash + 1 : path);
    retry_moves(watched, path, event);
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
    WatchedFolder *watched = engine->watched;
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
        watch_dirs_forget_all(engine->common.dirs);
        watched_reset(engine->watched, clock_ms());
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
        subdirectory_event(engine->watched, path, event);
    else
        file_event(engine->watched, path, event);
}

/* Reads events; true when there may be more. */
static bool read_events(Engine *engine)
{
    InotifyEvent event;

    for (int i = 0; i < EVENTS_MAX; i++) {
        if (!events_next(engine->common.port, &event))
            return false;
        handle(engine, &event);
    }
    return true;
}

bool engine_turn(Engine *engine)
{
    bool more = read_events(engine);
    int64_t now_ms = clock_ms();

    more |= watched_turn(engine->watched, now_ms);
    now_ms = clock_ms();
    if (engine->common.offered && now_ms >= engine->common.flush_ms)
        files_flush(&engine->common, now_ms);
    return more;
}

int64_t engine_next_ms(const Engine *engine)
{
    int64_t flush_ms = engine->common.offered ? engine->common.flush_ms : CLOCK_NEVER;

    return MIN(flush_ms, watched_next_ms(engine->watched));
}

void engine_flush(Engine *engine, int64_t now_ms)
{
    if (engine->common.offered)
        files_flush(&engine->common, now_ms);
}

Engine *engine_new(Settings *settings, const Folder *folder, EventPort *port, Intake *intake,
                   Health *health)
{
    Engine *engine = g_new0(Engine, 1);

    engine->common.intake = intake;
    engine->common.health = health;
    engine->common.hints_max = HINTS_MAX;
    engine->common.twins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    engine->common.port = port;
    engine->common.dirs = watch_dirs_new(port);
    engine->watched = watched_new(&engine->common, settings, folder);
    return engine;
}

void engine_free(Engine *engine)
{
    watched_free(engine->watched);
    watch_dirs_free(engine->common.dirs);
    g_hash_table_destroy(engine->common.twins);
    g_free(engine);
}
