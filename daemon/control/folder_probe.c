/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/folder_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hidden.h"
#include "base/units.h"
#include "daemon/files/lease.h"
#include "daemon/files/mounts.h"
#include "daemon/watch/limit.h"

/* One name: what a crash has left is removed by the next examination. */
#define PROBE     HIDDEN_PREFIX "doctor"
#define INSTANCES "fs.inotify.max_user_instances"

enum { EVENT_MS = 2000, SKEW_MS = 2000, MINUTE_MS = 60000, EVENTS_BYTES = 1 << 14 };

/* ---- the file system ---- */

/* Its type as mount(8) says it, newly allocated. */
static char *type_of(const char *path)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree char *real = mounts_real_path(path);
    const Mount *mount = mounts_find(mounts, real);

    return g_strdup(mount ? mount->type : "an unknown file system");
}

/* Of a file system that other computers or programs change too. */
static void report_remote(GPtrArray *list, const Folder *folder, const char *path)
{
    g_autofree char *type = type_of(path);

    if (folder->watch == WATCH_EVENTS)
        finding_add(list, FINDING_PROBLEM, folder, "remove watch = events, so that it is polled",
                    "'%s' is on %s, which does not report what others change in it", path, type);
    else
        finding_add(list, FINDING_NOTE, folder,
                    "nothing has to be done; pictures begin at once in a folder on a disk of this "
                    "computer",
                    "'%s' is on %s, which does not report what others change in it: it is polled "
                    "every few seconds",
                    path, type);
}

/* Shares may be mounted in a folder. */
static void report_mounts_below(GPtrArray *list, const Folder *folder)
{
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree char *real = mounts_real_path(folder->path);

    for (guint i = 0; folder->recursive && i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        const char *rest = mounts_below(mount->point, real);
        int fd = rest && *rest ? open(mount->point, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd >= 0 && fs_kind(fd) != FS_LOCAL)
            report_remote(list, folder, mount->point);
        if (fd >= 0)
            close(fd);
    }
}

/* ---- events ---- */

/* An inotify instance that watches the directory; -1 with a finding. */
static int watch(GPtrArray *list, const Folder *folder, int dir_fd)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", dir_fd);
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool has_instance = fd >= 0;

    if (has_instance && inotify_add_watch(fd, path, IN_CREATE | IN_CLOSE_WRITE) >= 0)
        return fd;
    int code = errno;
    if (has_instance)
        close(fd);
    if (!has_instance && code == EMFILE) {
        finding_add(list, FINDING_PROBLEM, folder, "raise the limit: sysctl " INSTANCES "=1024",
                    "this user has used up its inotify instances");
    } else if (code == ENOSPC) {
        g_autofree char *fix = watch_limit_fix(1);
        finding_add(list, FINDING_PROBLEM, folder, fix,
                    "'%s' cannot be watched: this user may have %d watches in all programs, and "
                    "has them",
                    folder->path, watch_limit_present());
    } else {
        finding_add(list, FINDING_PROBLEM, folder, "set watch = poll", "'%s' cannot be watched: %s",
                    folder->path, g_strerror(code));
    }
    return -1;
}

static bool has_own_event(const char *events, ssize_t size)
{
    for (ssize_t at = 0; at < size;) {
        const struct inotify_event *event =
            (const struct inotify_event *) (const void *) (events + at);
        if (event->len && !strcmp(event->name, PROBE))
            return true;
        at += (ssize_t) (sizeof(*event) + event->len);
    }
    return false;
}

/* Whether the event of the probe file arrives. */
static bool await_event(int fd)
{
    g_autofree char *events = g_malloc(EVENTS_BYTES); /* aligned for every type */
    int64_t end_ms = clock_ms() + EVENT_MS;

    while (clock_ms() < end_ms) {
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        poll(&ready, 1, (int) MAX(end_ms - clock_ms(), 0));
        ssize_t size = read(fd, events, EVENTS_BYTES);
        if (size > 0 && has_own_event(events, size))
            return true;
    }
    return false;
}

static void report_events(GPtrArray *list, const Folder *folder, FsKind kind, bool arrived)
{
    g_autofree char *type = type_of(folder->path);

    if (folder->watch == WATCH_POLL)
        finding_add(list, FINDING_OK, folder, NULL, "'%s' (%s) is polled, as watch = poll says",
                    folder->path, type);
    else if (kind != FS_LOCAL)
        report_remote(list, folder, folder->path);
    else if (arrived)
        finding_add(list, FINDING_OK, folder, NULL, "'%s' (%s) reports what changes in it",
                    folder->path, type);
    else
        finding_add(list, FINDING_PROBLEM, folder, "set watch = poll in the folder",
                    "'%s' is on %s, which did not report a new file", folder->path, type);
}

/* ---- leases and the clock ---- */

static void report_lease(GPtrArray *list, const Folder *folder, int dir_fd)
{
    int fd = openat(dir_fd, PROBE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    Lease lease = fd < 0 ? LEASE_FREE : lease_test(fd);
    g_autofree char *quiet = units_duration_text(folder->quiet_ms);

    if (fd >= 0)
        close(fd);
    if (lease != LEASE_FREE)
        finding_add(list, FINDING_NOTE, folder,
                    "raise quiet where the upload of one picture pauses for longer",
                    "the file system of '%s' does not say whether a file is still being written: a "
                    "picture without a clear end waits until it is unchanged for quiet = %s",
                    folder->path, quiet);
}

int64_t folder_probe_skew_ms(int64_t before_ms, int64_t after_ms, int64_t written_ms)
{
    if (written_ms < before_ms - SKEW_MS)
        return written_ms - before_ms;
    return written_ms > after_ms + SKEW_MS ? written_ms - after_ms : 0;
}

/* To the second, and above two minutes to the minute; newly allocated. */
static char *rounded(int64_t ms)
{
    int64_t step = ms < INT64_C(2) * MINUTE_MS ? 1000 : MINUTE_MS;

    return units_duration_text((ms + step / 2) / step * step);
}

static void report_clock(GPtrArray *list, const Folder *folder, int64_t skew_ms)
{
    g_autofree char *by = rounded(ABS(skew_ms));

    if (skew_ms)
        finding_add(list, FINDING_NOTE, folder,
                    "let both get the time from the network: timedatectl set-ntp true",
                    "the clock of the file server of '%s' is %s %s the one of this computer",
                    folder->path, by, skew_ms < 0 ? "behind" : "ahead of");
}

/* ---- the file ---- */

static int64_t wall_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 0 with how far the clock is ahead, or an errno value. It is written and closed before its time is
 * read: a share may send it only then. */
static int make_file(int dir_fd, int64_t *skew_ms)
{
    struct stat st;
    int64_t before_ms = wall_ms();
    int fd = openat(dir_fd, PROBE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, PROBE, strlen(PROBE)) == (ssize_t) strlen(PROBE);
    int code = written ? 0 : errno;

    if (fd >= 0 && close(fd) < 0 && !code)
        code = errno;
    if (!code && fstatat(dir_fd, PROBE, &st, AT_SYMLINK_NOFOLLOW) < 0)
        code = errno;
    if (!code)
        *skew_ms =
            folder_probe_skew_ms(before_ms, wall_ms(),
                                 (int64_t) st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
    return code;
}

/* folder_check() reports rights. */
static void report_unmade(GPtrArray *list, const Folder *folder, int code)
{
    g_autoptr(Error) error = NULL;

    if (code == EACCES || code == EPERM || code == EROFS)
        return;
    error_errno(&error, code, "cannot make a file in '%s'", folder->path);
    finding_add_error(list, FINDING_PROBLEM, folder, error);
}

static void probe(GPtrArray *list, const Folder *folder, int dir_fd)
{
    int64_t skew_ms = 0;
    FsKind kind = fs_kind(dir_fd);
    int watch_fd = folder->watch == WATCH_POLL ? -1 : watch(list, folder, dir_fd);

    unlinkat(dir_fd, PROBE, 0);
    int code = make_file(dir_fd, &skew_ms);
    if (code) {
        report_unmade(list, folder, code);
    } else {
        if (watch_fd >= 0 || folder->watch == WATCH_POLL)
            report_events(list, folder, kind, watch_fd >= 0 && await_event(watch_fd));
        report_lease(list, folder, dir_fd);
        report_clock(list, folder, skew_ms);
    }
    if (unlinkat(dir_fd, PROBE, 0) < 0 && errno != ENOENT)
        finding_add(list, FINDING_PROBLEM, folder, "remove it",
                    "the file '" PROBE "' cannot be removed from '%s': %s", folder->path,
                    g_strerror(errno));
    if (watch_fd >= 0)
        close(watch_fd);
}

void folder_probe(GPtrArray *list, const Folder *folder)
{
    int dir_fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

    if (dir_fd < 0)
        return;
    probe(list, folder, dir_fd);
    close(dir_fd);
    report_mounts_below(list, folder);
}
