/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a watched folder knows of one path. */
#include <string.h>

#include "base/clock.h"
#include "daemon/watch/folder.h"

/* The directory of a path, relative to the folder, newly allocated: "" is the folder itself. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return g_strndup(path, slash ? (gsize) (slash - path) : 0);
}

/* The reason of the first directory above `path` that is ignored, and its path. */
static const char *find_ignored_dir(KnownFiles *known, const char *path, char **directory)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        g_autofree char *above = g_strndup(path, (gsize) (slash - path));
        const char *reason = known_reason(known, above);

        if (reason) {
            *directory = g_steal_pointer(&above);
            return reason;
        }
    }
    return NULL;
}

static void tell_state(const FolderFiles *files, const char *path, PathReport *report)
{
    PendingTale tale;

    if (pending_tell(files->pending, path, &tale)) {
        report->state = PATH_PENDING;
        report->reason = tale.reason;
        report->since_ms = tale.since_ms;
        report->changed_ms = tale.changed_ms;
        report->due_ms = tale.due_ms;
        return;
    }
    report->reason = known_reason(files->known, path);
    if (!report->reason)
        report->reason = find_ignored_dir(files->known, path, &report->ignored_dir);
    if (report->reason)
        report->state = PATH_IGNORED;
}

/* Of a directory, which ends with a slash. */
static int count_pending(const FolderFiles *files, const char *path)
{
    g_autofree char *directory = directory_of(path);

    if (*path && !g_str_has_suffix(path, "/"))
        return 0;
    return pending_count_below(files->pending, directory);
}

static void tell_method(const WatchedFolder *watched, const Folder *folder, const char *path,
                        PathReport *report)
{
    g_autofree char *directory = directory_of(path);
    PollTale tale;

    report->pending_below = count_pending(&watched->files, path);
    report->too_many = pending_is_full(watched->files.pending);
    report->next_scan_ms = atomic_load(&watched->status.next_scan_ms);
    if (watch_poll_tell(watched->poll, directory, &tale)) {
        report->poll_s = tale.every_s;
        report->poll_why = tale.why;
        report->poll_ms = tale.due_ms;
    }
    report->unwatched = folder->watch == WATCH_EVENTS && atomic_load(&watched->status.unwatched) &&
                        !watch_dirs_has(watched->common->dirs, directory);
}

PathReport watched_why(const WatchedFolder *watched, const Folder *folder, const char *path)
{
    PathReport report = { .watched = true };

    report.available = atomic_load(&watched->status.available);
    report.scanned = atomic_load(&watched->status.scanned);
    report.files = atomic_load(&watched->status.files);
    tell_state(&watched->files, path, &report);
    tell_method(watched, folder, path, &report);
    return report;
}
