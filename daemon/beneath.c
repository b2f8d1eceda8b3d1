#include "daemon/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Kernels and containers without openat2(2) get what openat(2) can do: the last component. */
int beneath_openat(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned) (flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));

    if (fd < 0 && errno == EAGAIN) /* a rename somewhere was in the way: once more */
        fd = (int) syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0 && errno == ENOSYS)
        fd = openat(root, path, flags | O_NOFOLLOW | O_CLOEXEC);
    return fd;
}

static int open_root(const char *root)
{
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void close_kept(int fd)
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
    close_kept(top);
    return fd;
}

bool beneath_stat(const char *root, const char *path, struct stat *st)
{
    int fd = *path ? beneath_open(root, path, O_PATH) : open_root(root);
    bool known = fd >= 0 && fstat(fd, st) == 0;

    if (fd >= 0)
        close_kept(fd);
    return known;
}

char *beneath_path(const char *root, const char *path)
{
    return *path ? g_strconcat(root, "/", path, NULL) : g_strdup(root);
}
