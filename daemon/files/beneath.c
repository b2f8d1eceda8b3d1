/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without openat2(2) opens one component after the other, none of which can then be a link. Old
 * kernels lack the call, RestrictSUIDSGID= of a unit forbids it, and the filter of an older
 * container runtime refuses with EPERM every call that it does not know. */
static int open_by_parts(int root, const char *path, int flags)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    int fd = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (char **part = parts; fd >= 0 && *part; part++) {
        bool up = !strcmp(*part, ".."), last = !part[1];
        int below = -1, code = EXDEV;
        if (!up && *path != '/') {
            below = openat(fd, **part ? *part : ".",
                           O_NOFOLLOW | O_CLOEXEC | (last ? flags : O_PATH | O_DIRECTORY));
            code = errno;
        }
        close(fd);
        errno = code;
        fd = below;
    }
    return fd;
}

int beneath_openat(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned) (flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));

    if (fd < 0 && errno == EAGAIN) /* a rename interfered: try once more */
        fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = open_by_parts(root, path, flags);
    return fd;
}

static int open_root(const char *root)
{
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void close_keeping_errno(int fd)
{
    int code = errno;

    close(fd);
    errno = code;
}

int beneath_open(const char *root, const char *path, int flags)
{
    int top = -1, fd = -1;

    if (*path == '\0')
        return open(root, flags | O_CLOEXEC);
    top = open_root(root);
    if (top < 0)
        return -1;
    fd = beneath_openat(top, path, flags | O_NOFOLLOW);
    close_keeping_errno(top);
    return fd;
}

bool beneath_stat(const char *root, const char *path, struct stat *st)
{
    int fd = *path ? beneath_open(root, path, O_PATH) : open_root(root);
    bool known = fd >= 0 && fstat(fd, st) == 0;

    if (fd >= 0)
        close_keeping_errno(fd);
    return known;
}

bool beneath_is_absence(int code)
{
    return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

char *beneath_path(const char *root, const char *path)
{
    return *path ? g_strconcat(root, "/", path, NULL) : g_strdup(root);
}

char *beneath_path_of(int fd)
{
    char self[64];

    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    return g_file_read_link(self, NULL);
}
