#include "daemon/watch/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

static int library_fd = -1;
static unsigned serial; /* of the paths, see unused_path() */
static unsigned stale;

/* The library does not say its descriptor: it is the inotify that was not open before. */
static bool is_inotify(int fd)
{
    char link[64], target[64];
    ssize_t length = 0;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, target, sizeof(target) - 1);
    if (length < 0)
        return false;
    target[length] = '\0';
    return strcmp(target, "anon_inode:inotify") == 0;
}

/* The library's select(2) can use descriptors below `count` only. */
static int find_fd(const bool *before, int count)
{
    for (int fd = 0; fd < count; fd++)
        if (!before[fd] && is_inotify(fd))
            return fd;
    return -1;
}

static bool start_failed(Error **err, int code)
{
    if (code == EMFILE)
        return error_set(err, ERROR_CONFIG, "raise fs.inotify.max_user_instances with sysctl",
                         "this user has as many inotify instances as the kernel allows");
    return error_errno(err, code, "cannot start inotify");
}

bool inotify_open(int *fd, Error **err)
{
    bool before[FD_SETSIZE];

    for (int i = 0; i < FD_SETSIZE; i++)
        before[i] = is_inotify(i);
    if (!inotifytools_init(0, 0, 0))
        return start_failed(err, inotifytools_error());
    library_fd = find_fd(before, FD_SETSIZE);
    if (library_fd < 0) { /* the library's select(2) would abort on a higher one */
        inotifytools_cleanup();
        return error_set(err, ERROR_TRANSIENT, NULL,
                         "cannot start inotify: more than %d files are open", FD_SETSIZE);
    }
    fcntl(library_fd, F_SETFD, FD_CLOEXEC);
    fcntl(library_fd, F_SETFL, fcntl(library_fd, F_GETFL) | O_NONBLOCK);
    stale = 0;
    *fd = library_fd;
    return true;
}

/* Writes the directory's path in a way that was never used before: the bits of a serial number are
 * "/." and "//.". The library finds a watch only by its path, and would find the old one of a
 * directory that was made again. A path in /proc is short for a directory at any depth. */
static void unused_path(int fd, char *text, size_t size)
{
    int length = snprintf(text, size, "/proc/self/fd/%d", fd);

    for (unsigned bits = ++serial; bits; bits >>= 1)
        length += snprintf(text + length, size - (size_t) length, bits & 1 ? "//." : "/.");
    snprintf(text + length, size - (size_t) length, "/");
}

int inotify_add(int fd)
{
    char path[160];
    int wd = -1;

    unused_path(fd, path, sizeof(path));
    if (!inotifytools_watch_file(path, (int) INOTIFY_MASK)) {
        errno = inotifytools_error();
        return -1;
    }
    wd = inotifytools_wd_from_filename(path);
    if (wd < 0)
        errno = ENOMEM;
    return wd;
}

/* Does not use the library: it prints to stderr and fails for a directory that is gone. The watches
 * that it keeps are counted. */
void inotify_remove(int wd)
{
    inotify_rm_watch(library_fd, wd);
}

bool inotify_next(InotifyEvent *event)
{
    const struct inotify_event *next = inotifytools_next_events(0, 1);

    if (!next)
        return false;
    if (next->mask & IN_IGNORED)
        stale++;
    *event = (InotifyEvent){ next->wd, next->mask, next->len ? next->name : "" };
    return true;
}

/* Events in the library's buffer would come after its next start: they are read here. Every watch
 * has ended, so that no new events come. */
void inotify_close(void)
{
    InotifyEvent event;

    if (library_fd < 0)
        return;
    while (inotify_next(&event))
        continue;
    inotifytools_cleanup();
    library_fd = -1;
}

unsigned inotify_stale(void)
{
    return stale;
}
