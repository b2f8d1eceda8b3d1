/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/folder.h"

#include "base/clock.h"
#include "daemon/folders/healthcheck.h"

enum { CHECK_AGAIN_MS = 1000 }; /* between two checks of a root that is unavailable */

static void stop_scans(FolderScan *scan)
{
    walk_clear(scan->named);
    walk_clear(scan->walk);
    scan->full = false;
}

/* Forgets all files: the ledger remembers what matters. */
static void forget_files(WatchedFolder *watched)
{
    FolderScan *scan = &watched->scan;

    watch_dirs_end(watched->common->dirs, "");
    stop_scans(scan);
    scan->last = (ScanCounters){ 0 };
    atomic_store(&watched->status.unwatched, 0);
    scan->wanted_ms = scan->regular_ms = CLOCK_NEVER;
    watch_poll_forget(watched->poll);
    pending_drop_below(watched->files.pending, "");
    gather_drop_below(watched->files.gather, "");
    known_scan_begins(watched->files.known); /* a scan that finds nothing forgets all */
    known_scan_ended(watched->files.known);
}

void watched_mounts_changed(WatchedFolder *watched, int64_t now_ms)
{
    watched->root.mounts_changed = true;
    watched->root.check_ms = MIN(watched->root.check_ms, now_ms);
}

/* A folder that ends has a successor, which knows better. */
static void set_health(const WatchedFolder *watched, HealthState state, const char *reason)
{
    if (!atomic_load(&watched->common->ending))
        health_set(watched->common->health, watched->folder->name, state, reason);
}

static void set_unavailable(WatchedFolder *watched, int64_t now_ms, const char *reason)
{
    watched->root.check_ms = now_ms + CHECK_AGAIN_MS;
    if (watched->root.available) {
        watched->root.available = false;
        atomic_store(&watched->status.available, false);
        atomic_store(&watched->status.scanned, false);
        forget_files(watched);
    }
    set_health(watched, HEALTH_UNAVAILABLE, reason);
    watched->root.reported_unavailable = true;
}

void watched_unresponsive(WatchedFolder *watched, int64_t now_ms)
{
    g_autofree char *reason = watch_root_hang_text(watched->folder->path);

    watched->root.was_silent = true;
    set_unavailable(watched, now_ms, reason);
}

/* Sets health as at a start: in a directory that was made again we may not be allowed to write. */
static void report_return(WatchedFolder *watched)
{
    g_autoptr(Error) why = NULL;

    watched->root.reported_unavailable = false;
    if (healthcheck_run_timed(watched->settings, watched->folder, 0, &why)) {
        set_health(watched, HEALTH_AVAILABLE, NULL);
        return;
    }
    g_autofree char *reason = error_text(why);
    set_health(watched, HEALTH_HELD, reason);
}

void watched_check(WatchedFolder *watched, int64_t now_ms)
{
    g_autofree char *reason = NULL;
    RootState state = watch_root_check(watched->root.dir, watched->folder->path, &reason);

    if (state == ROOT_UNAVAILABLE) {
        set_unavailable(watched, now_ms, reason);
        return;
    }
    if (watched->root.available && state == ROOT_SAME)
        return;
    /* another directory, or a mount over the old one: the scan finds its files, and which of the
     * old ones are gone */
    if (watched->root.available)
        watch_dirs_end(watched->common->dirs, "");
    watched->root.available = true;
    watched_rescan(watched, now_ms);
    if (watched->root.reported_unavailable && !watched->root.was_silent)
        report_return(watched);
    atomic_store(&watched->status.available, true);
}

void watched_scanned(WatchedFolder *watched)
{
    watched->root.was_silent = false;
    if (watched->root.reported_unavailable)
        report_return(watched);
}

void watched_rescan(WatchedFolder *watched, int64_t now_ms)
{
    if (watched->root.available)
        watched->scan.wanted_ms = MIN(watched->scan.wanted_ms, now_ms);
}

void watched_hints_lost(WatchedFolder *watched, int64_t now_ms)
{
    watched_rescan(watched, MAX(now_ms, watched->scan.began_ms + RESCAN_SOON_MS));
}

void watched_reset(WatchedFolder *watched, int64_t now_ms)
{
    stop_scans(&watched->scan);
    watched_rescan(watched, now_ms);
}

WatchReport watched_report(const WatchedFolder *watched)
{
    WatchReport report = { 0 };

    report.method = watch_poll_text(watched->poll);
    report.directories = atomic_load(&watched->status.directories);
    report.pending_by_reason =
        counters_rows(pending_counters(watched->files.pending), &report.pending);
    report.ignored_by_reason = counters_rows(known_counters(watched->files.known), NULL);
    return report;
}
