#include "daemon/watch/turn.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/watch/files.h"
#include "daemon/watch/scan.h"

enum {
    FRESH_MS = 250, /* how long an answer counts */
    AMID_MS = 2000, /* the same during a scan */
};

WatchedFolder *watched_new(WatchCommon *common, Settings *settings, const Folder *folder)
{
    WatchedFolder *watched = g_new0(WatchedFolder, 1);

    watched->common = common;
    watched->settings = settings_ref(settings);
    watched->folder = folder;
    scan_init(watched);
    watched->root.dir = watch_root_new();
    watched->poll = watch_poll_new();
    watched->files.finished = finished_new();
    watched->files.touched = g_ptr_array_new_with_free_func(g_free);
    watched->files.touched_set = g_hash_table_new(g_str_hash, g_str_equal);
    watched->files.pending = pending_new();
    watched->files.ignored = ignored_new();
    /* as it was reported for a folder of this name before a reload */
    watched->root.reported_unavailable =
        health_get(common->health, folder->name, NULL) == HEALTH_UNAVAILABLE;
    return watched;
}

void watched_free(WatchedFolder *watched)
{
    if (!watched)
        return;
    watch_dirs_end(watched->common->dirs, watched, "");
    scan_clear(watched);
    g_hash_table_destroy(watched->files.touched_set);
    g_ptr_array_unref(watched->files.touched);
    watch_poll_free(watched->poll);
    finished_free(watched->files.finished);
    pending_free(watched->files.pending);
    ignored_free(watched->files.ignored);
    watch_root_free(watched->root.dir);
    settings_unref(watched->settings);
    g_free(watched);
}

static bool same_globs(char **a, char **b)
{
    if (!a || !b)
        return !(a && *a) && !(b && *b);
    return g_strv_equal((const char *const *) a, (const char *const *) b);
}

bool watched_reload(WatchedFolder *watched, Settings *settings, const Folder *folder)
{
    Settings *old = watched->settings;

    if (strcmp(watched->folder->path, folder->path) != 0 ||
        watched->folder->recursive != folder->recursive ||
        watched->folder->watch != folder->watch ||
        watched->folder->limits.accept != folder->limits.accept ||
        watched->folder->chain != folder->chain ||
        !same_globs(watched->folder->ignore, folder->ignore))
        return false;
    watched->settings = settings_ref(settings);
    watched->folder = folder;
    settings_unref(old);
    /* after a reload the directory counts as it is, without its mount */
    if (!watched->root.available) {
        watch_root_accept(watched->root.dir);
        watched->root.check_ms = 0;
    }
    return true;
}

/* Asks the file system of the folder, and each share in it, whether it responds: before a turn
 * touches them, and now and then during a scan. */
static RootAnswer ask(WatchedFolder *watched, int64_t timeout_ms)
{
    if (watched->root.available && !watched->scan.last.shares)
        return ROOT_ANSWERS; /* all of it is local */
    bool during_scan = watched->root.available && !walk_is_idle(watched->scan.walk);
    return watch_root_ask(watched->root.dir, watched->folder->path, watch_poll_tops(watched->poll),
                          during_scan ? AMID_MS : FRESH_MS, timeout_ms);
}

void watched_begin(WatchedFolder *watched, int64_t now_ms, int64_t timeout_ms)
{
    if (ask(watched, timeout_ms) == ROOT_ANSWERS)
        watched_check(watched, now_ms);
}

/* When something of an available folder is due. */
static int64_t next_ms(const WatchedFolder *watched)
{
    int64_t scan_ms =
        MIN(MIN(watched->scan.wanted_ms, watched->scan.regular_ms), watch_poll_due(watched->poll));

    return watched->root.mounts_changed ? 0 : MIN(scan_ms, pending_next_ms(watched->files.pending));
}

/* A regular scan waits for the end of a running poll, which sets its time. */
static bool is_full_scan_due(const FolderScan *scan, int64_t now_ms)
{
    return !scan->full &&
           (now_ms >= scan->wanted_ms || (now_ms >= scan->regular_ms && walk_is_idle(scan->walk)));
}

static bool has_work(const WatchedFolder *watched, int64_t now_ms)
{
    if (!watched->root.available)
        return now_ms >= watched->root.check_ms;
    return now_ms >= next_ms(watched) || watched->files.touched->len ||
           !walk_is_idle(watched->scan.named) || !walk_is_idle(watched->scan.walk);
}

/* A mount was added or removed: of the folder itself, below it, or elsewhere. */
static void check_mounts(WatchedFolder *watched, int64_t now_ms)
{
    watched->root.mounts_changed = false;
    watched_check(watched, now_ms);
    if (watched->root.available && watch_root_mounts_changed(watched->root.dir))
        watched_rescan(watched, now_ms);
}

/* The turn itself; the file systems respond. */
static bool work(WatchedFolder *watched, int64_t now_ms)
{
    if (watched->root.mounts_changed)
        check_mounts(watched, now_ms);
    if (!watched->root.available)
        watched_check(watched, now_ms);
    if (!watched->root.available)
        return false;
    files_check_touched(watched, now_ms);
    if (!watched->root.available)
        return false;
    files_check_due(watched, now_ms);
    if (is_full_scan_due(&watched->scan, now_ms)) {
        watched_check(watched, now_ms); /* to notice what has no event: a parent was renamed */
        if (!watched->root.available)
            return false;
        scan_begin(watched, true, now_ms);
    } else if (now_ms >= watch_poll_due(watched->poll) && walk_is_idle(watched->scan.walk)) {
        scan_begin(watched, false, now_ms);
    }
    return scan_continue(watched) || watched->files.touched->len;
}

bool watched_turn(WatchedFolder *watched, int64_t now_ms)
{
    if (!has_work(watched, now_ms))
        return false;
    switch (ask(watched, TURN_ASK_MS)) {
    case ROOT_ANSWERS:
        return work(watched, now_ms);
    case ROOT_ASKED:
        break;
    case ROOT_UNRESPONSIVE:
        watched_unresponsive(watched, now_ms);
        break;
    }
    return false;
}

int64_t watched_next_ms(const WatchedFolder *watched)
{
    int64_t ask_ms = watch_root_ask_ms(watched->root.dir);

    if (!watched->root.available)
        return MAX(watched->root.check_ms, ask_ms);
    return ask_ms ? ask_ms : next_ms(watched);
}
