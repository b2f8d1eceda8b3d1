/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watch/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

static int library_fd = -1;

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
    *fd = library_fd;
    return true;
}

int inotify_add(int instance, int fd)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return inotify_add_watch(instance, path, INOTIFY_MASK);
}

bool inotify_next(InotifyEvent *event)
{
    const struct inotify_event *next = inotifytools_next_events(0, 1);

    if (!next)
        return false;
    *event = (InotifyEvent){ next->wd, next->mask, next->len ? next->name : "" };
    return true;
}

/* Events in the library's buffer would come after its next start: they are read here. It reads no
 * more of them, since its descriptor is that of something else now. */
void inotify_close(void)
{
    InotifyEvent event;

    if (library_fd < 0)
        return;
    int empty = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (empty >= 0) {
        dup3(empty, library_fd, O_CLOEXEC);
        close(empty);
    }
    while (empty >= 0 && inotify_next(&event))
        continue;
    inotifytools_cleanup();
    library_fd = -1;
}
