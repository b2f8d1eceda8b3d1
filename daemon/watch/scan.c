/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/scan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/reasons.h"
#include "daemon/files/beneath.h"
#include "daemon/journal/journal.h"
#include "daemon/settings/ignore.h"
#include "daemon/watch/files.h"

/* Polls the directory, except with watch = events: then it waits for the next full scan. */
static void poll_directory(WatchedFolder *watched, const char *path, const char *why)
{
    if (watched->folder->watch != WATCH_EVENTS)
        watch_poll_add(watched->poll, path, why, clock_ms());
}

static FsKind fs_kind_at(FolderScan *scan, int fd, const struct stat *st)
{
    if (scan->fs_dev != st->st_dev)
        scan->fs_kind = fs_kind(fd);
    scan->fs_dev = st->st_dev;
    return scan->fs_kind;
}

/* Changes by other hosts have no events. In an overlay neither have changes of a lower layer that
 * are made past it. The kernel reads an overlay's directories again for each scan, so that a poll
 * finds new names, except one that was asked for before it existed. An overlay always responds, and
 * its leases see those who write through it. */
static void poll_if_needed(WatchedFolder *watched, const char *path, int fd, const struct stat *st)
{
    FsKind kind = fs_kind_at(&watched->scan, fd, st);

    if (kind == FS_REMOTE)
        watched->scan.last.shares = watched->scan.running.shares = true;
    if (kind == FS_LAYERED && watched->folder->watch == WATCH_AUTO)
        watch_poll_add_beside(watched->poll, path, "its file system does not report every change",
                              clock_ms());
    else if (kind != FS_LOCAL)
        poll_directory(watched, path, "its file system does not report what other machines change");
}

/* The limit of watches is reached: a full scan counts the directories without one. */
static void count_unwatched(WatchedFolder *watched, bool scan)
{
    if (scan && watched->scan.full)
        watched->scan.running.unwatched++;
    else if (watched->scan.last.unwatched == 0)
        watched_rescan(watched, clock_ms());
}

/* Watches a directory that is not watched yet. */
static void watch_directory(WatchedFolder *watched, const char *path, int fd, const struct stat *st,
                            bool scan)
{
    WatchDir dir = { .count = &watched->status.directories, .dev = st->st_dev, .ino = st->st_ino };

    if (watched->folder->watch == WATCH_POLL)
        return; /* all of it is polled */
    dir.wd = events_add(watched->common->port, fd);
    if (dir.wd >= 0) {
        watch_dirs_put(watched->common->dirs, &dir, path);
        known_drop(watched->files.known, path);                  /* it is readable now */
        if (watched->scan.last.unwatched && !watched->scan.full) /* there is room again */
            watched->scan.wanted_ms =
                MIN(watched->scan.wanted_ms, watched->scan.began_ms + RESCAN_SOON_MS);
        return;
    }
    if (errno == EACCES)
        return; /* the listing will fail, too; its parent has an event when that changes */
    bool limit = errno == ENOSPC;
    if (limit)
        count_unwatched(watched, scan);
    poll_directory(watched, path,
                   limit ? "the limit of watches is reached; `journalctl "
                           "HOTFOLDER_EVENT=watch-limit` says how to raise it"
                         : "it cannot be watched");
}

/* True when the directory must be listed: by a scan always, after an event only when it was not
 * watched before; files that come after the watch have events of their own. */
static bool enter(WatchedFolder *watched, const char *path, int fd, const struct stat *st,
                  bool scan)
{
    WatchDir *dir = watch_dirs_by_inode(watched->common->dirs, st->st_dev, st->st_ino);

    if (*path == '\0' && !watch_root_is(watched->root.dir, st->st_dev, st->st_ino)) {
        watched_check(watched, clock_ms()); /* it was replaced just now; another scan follows */
        return false;
    }
    poll_if_needed(watched, path, fd, st);
    if (dir && strcmp(dir->path, path) == 0)
        return scan;
    if (dir) { /* it was moved here, and its watch has the old path */
        events_remove(watched->common->port, dir->wd);
        watch_dirs_forget(watched->common->dirs, dir);
    }
    watch_directory(watched, path, fd, st, scan);
    return true;
}

static bool on_named_directory(void *user, const char *path, int fd, const struct stat *st)
{
    return enter(user, path, fd, st, false);
}

static bool on_scan_directory(void *user, const char *path, int fd, const struct stat *st)
{
    return enter(user, path, fd, st, true);
}

/* Whether a directory with the name of one of ours was dropped by another user. */
static bool is_strangers(const WatchedFolder *watched, const char *path)
{
    struct stat st;

    return beneath_stat(watched->folder->path, path, &st) && st.st_uid != geteuid() &&
           st.st_uid != 0;
}

static const char directory_not_permitted[] =
    "directory not readable; give the service the right to read it, as with `chmod g+rx`";
static const char directory_not_readable[] =
    "directory not readable; check the disk or the share that it is on";

/* A directory that is not entered may hold pictures: it is counted, and where a person may have
 * meant it to be processed, there is a message. */
static bool wants_directory(void *user, const char *path, const char *name)
{
    WatchedFolder *watched = user;
    const char *unwanted = ignore_reason(watched->folder, name, true);

    if (ignore_is_reserved(path)) {
        if (is_strangers(watched, path))
            files_ignore_directory(watched, path, REASON_OWN_NAME, true);
        return false;
    }
    if (ignore_is_output_trash(watched->settings, watched->folder, path))
        return false;
    if (!unwanted && watched->folder->recursive)
        return true;
    files_ignore_directory(watched, path, unwanted ? unwanted : ignore_not_recursive,
                           !unwanted || ignore_is_notable(name, true, unwanted));
    return false;
}

/* Directories that are named faster than they are listed must not fill the memory. */
static bool has_room(WatchedFolder *watched)
{
    if (walk_queued(watched->scan.named) < watched->common->hints_max)
        return true;
    watched_hints_lost(watched, clock_ms());
    return false;
}

static bool wants_named_directory(void *user, const char *path, const char *name)
{
    return wants_directory(user, path, name) && has_room(user);
}

static void on_entry(void *user, const char *path, const char *name, const struct stat *st)
{
    files_on_entry(user, path, name, st, false, clock_ms());
}

static void on_scan_entry(void *user, const char *path, const char *name, const struct stat *st)
{
    WatchedFolder *watched = user;

    atomic_fetch_add(&watched->status.files, 1);
    files_on_entry(watched, path, name, st, !watched->scan.full, clock_ms());
}

static void on_unreadable(void *user, const char *path, int error)
{
    WatchedFolder *watched = user;
    const char *reason =
        error == EACCES || error == EPERM ? directory_not_permitted : directory_not_readable;

    if (*path == '\0') {
        watched_check(watched, clock_ms());
        return;
    }
    files_ignore_directory(watched, path, reason, true);
}

static const WalkHooks named_hooks = { on_named_directory, wants_named_directory, on_entry,
                                       on_unreadable };
static const WalkHooks scan_hooks = { on_scan_directory, wants_directory, on_scan_entry,
                                      on_unreadable };

void scan_init(WatchedFolder *watched)
{
    watched->scan.named = walk_new(watched->folder->path, &named_hooks, watched);
    watched->scan.walk = walk_new(watched->folder->path, &scan_hooks, watched);
    watched->scan.wanted_ms = watched->scan.regular_ms = CLOCK_NEVER;
}

void scan_clear(WatchedFolder *watched)
{
    walk_free(watched->scan.named);
    walk_free(watched->scan.walk);
}

void scan_begin(WatchedFolder *watched, bool full, int64_t now_ms)
{
    FolderScan *scan = &watched->scan;

    walk_clear(scan->walk);
    scan->full = full;
    scan->fs_dev = 0;
    if (!full) {
        watch_poll_begin(watched->poll, scan->walk, now_ms);
        return;
    }
    watch_poll_clear(watched->poll);
    if (watched->folder->watch == WATCH_POLL)
        poll_directory(watched, "", "watch = poll");
    scan->wanted_ms = scan->regular_ms = CLOCK_NEVER;
    scan->began_ms = now_ms;
    scan->running = (ScanCounters){ 0 };
    atomic_store(&watched->status.files, 0);
    known_scan_begins(watched->files.known);
    gather_scan_begins(watched->files.gather);
    walk_push(scan->walk, "");
}

/* What fails here is tried again after the next scan. */
static void mark_absent(WatchedFolder *watched)
{
    g_autoptr(Error) unreported = NULL;

    intake_mark_absent(watched->common->intake, watched->folder, watched->settings->history_ms,
                       &unreported);
}

static void end_poll(WatchedFolder *watched, int64_t now_ms)
{
    FolderScan *scan = &watched->scan;

    watch_poll_end(watched->poll, now_ms);
    /* a full scan goes through all of this, too */
    scan->regular_ms = MAX(scan->regular_ms, now_ms + watch_poll_rest(watched->poll));
}

static void report_method(WatchedFolder *watched)
{
    g_autofree char *method = watch_poll_news(watched->poll);

    if (method)
        journal_event(EVENT_WATCH_METHOD, .folder = watched->folder->name, .reason = method);
}

static void end_full_scan(WatchedFolder *watched, int64_t now_ms)
{
    FolderScan *scan = &watched->scan;
    int64_t rest_ms = watch_poll_rest(watched->poll);

    report_method(watched);
    known_scan_ended(watched->files.known);
    gather_scan_ended(watched->files.gather);
    scan->full = false;
    scan->regular_ms = now_ms + MAX(watched->settings->reconcile_ms, rest_ms);
    atomic_store(&watched->status.next_scan_ms, scan->regular_ms);
    scan->last = scan->running;
    atomic_store(&watched->status.unwatched, scan->last.unwatched);
    watched->common->counters_changed = true;
    mark_absent(watched);
    intake_retry_moves(watched->common->intake, watched->folder, "");
    atomic_store(&watched->status.scanned, true);
    watched_scanned(watched);
}

void scan_directory_appeared(WatchedFolder *watched, const char *path, const char *name)
{
    if (watched->root.available && wants_named_directory(watched, path, name))
        walk_push(watched->scan.named, path);
}

/* A directory of that name may have been made again before the event was read. */
void scan_watch_ended(WatchedFolder *watched, const char *path)
{
    if (!watched->root.available)
        return;
    if (*path == '\0')
        watched_check(watched, clock_ms());
    if (watched->root.available && has_room(watched))
        walk_push(watched->scan.named, path);
}

void scan_directory_gone(WatchedFolder *watched, const char *path)
{
    watch_dirs_end(watched->common->dirs, path);
    pending_drop_below(watched->files.pending, path);
    gather_drop_below(watched->files.gather, path);
    known_drop(watched->files.known, path);
}

/* Makes a step of a scan, whose own time counts. Returns the time now. */
static int64_t step(FolderScan *scan, WatchPoll *poll, int64_t began_ms)
{
    scan->observing_ms = 0;
    walk_step(scan->walk);
    int64_t now_ms = clock_ms();
    watch_poll_spend(poll, now_ms - began_ms - scan->observing_ms);
    return now_ms;
}

bool scan_continue(WatchedFolder *watched)
{
    FolderScan *scan = &watched->scan;
    int64_t began_ms = clock_ms(), now_ms = began_ms; /* whatever the checks before it took */
    bool more = true, ended = false;

    for (int i = 0; i < TURN_ENTRIES && more && !ended && now_ms < began_ms + TURN_MS; i++) {
        more = walk_step(scan->named);
        if (!more && !walk_is_idle(scan->walk)) {
            now_ms = step(scan, watched->poll, now_ms);
            more = true;
            ended = walk_is_idle(scan->walk);
        } else {
            now_ms = clock_ms();
        }
    }
    if (ended && watched->root.available && scan->full)
        end_full_scan(watched, now_ms);
    else if (ended && watched->root.available)
        end_poll(watched, now_ms);
    return more;
}
