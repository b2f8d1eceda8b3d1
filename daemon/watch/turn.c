/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/turn.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/watch/files.h"
#include "daemon/watch/scan.h"

/* Between two looks at a folder on a share: that it does not respond is known soon, though no event
 * says it and the next poll is far. */
enum { PULSE_MS = 1500 };

WatchedFolder *watched_new(WatchCommon *common, Settings *settings, const Folder *folder)
{
    WatchedFolder *watched = g_new0(WatchedFolder, 1);

    watched->common = common;
    watched->settings = settings_ref(settings);
    watched->folder = folder;
    scan_init(watched);
    watched->root.dir = watch_root_new();
    watched->poll = watch_poll_new();
    watched->files.touched = g_ptr_array_new_with_free_func(g_free);
    watched->files.touched_set = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    watched->files.pending = pending_new();
    watched->files.known = known_new();
    watched->files.gather = gather_new();
    /* as it was reported for a folder of this name before a reload */
    watched->root.reported_unavailable =
        health_get(common->health, folder->name, NULL) == HEALTH_UNAVAILABLE;
    return watched;
}

void watched_free(WatchedFolder *watched)
{
    if (!watched)
        return;
    watch_dirs_forget_all(watched->common->dirs);
    scan_clear(watched);
    g_hash_table_destroy(watched->files.touched_set);
    g_ptr_array_unref(watched->files.touched);
    watch_poll_free(watched->poll);
    pending_free(watched->files.pending);
    known_free(watched->files.known);
    gather_free(watched->files.gather);
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

bool watched_takes(const Folder *now, const Folder *next)
{
    return strcmp(now->name, next->name) == 0 && strcmp(now->path, next->path) == 0 &&
           now->recursive == next->recursive && now->watch == next->watch &&
           now->limits.accept == next->limits.accept && now->chain == next->chain &&
           now->shots == next->shots && now->prefer == next->prefer &&
           same_globs(now->ignore, next->ignore);
}

void watched_reload(WatchedFolder *watched, Settings *settings, const Folder *folder)
{
    Settings *old = watched->settings;

    watched->settings = settings_ref(settings);
    watched->folder = folder;
    settings_unref(old);
    /* after a reload the directory counts as it is, without its mount */
    if (!watched->root.available) {
        watch_root_accept(watched->root.dir);
        watched->root.check_ms = 0;
    }
}

/* When something of an available folder is due. */
static int64_t next_ms(const WatchedFolder *watched)
{
    int64_t scan_ms =
        MIN(MIN(watched->scan.wanted_ms, watched->scan.regular_ms), watch_poll_due(watched->poll));
    int64_t pulse_ms = watched->scan.last.shares ? watched->scan.pulse_ms : CLOCK_NEVER;

    return watched->root.mounts_changed
               ? 0
               : MIN(MIN(scan_ms, pulse_ms), pending_next_ms(watched->files.pending));
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

/* Hangs as long as a share in the folder does not respond. */
static void feel_pulse(WatchedFolder *watched, int64_t now_ms)
{
    if (!watched->scan.last.shares || now_ms < watched->scan.pulse_ms)
        return;
    watched->scan.pulse_ms = now_ms + PULSE_MS;
    watch_root_await(watched->folder->path, watch_poll_tops(watched->poll));
}

static bool work(WatchedFolder *watched, int64_t now_ms)
{
    feel_pulse(watched, now_ms);
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
    return has_work(watched, now_ms) && work(watched, now_ms);
}

int64_t watched_next_ms(const WatchedFolder *watched)
{
    return watched->root.available ? next_ms(watched) : watched->root.check_ms;
}
