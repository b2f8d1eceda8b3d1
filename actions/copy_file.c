/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/copy_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024 };

bool write_bytes(int fd, const void *bytes, size_t size)
{
    const char *p = bytes;

    while (size) {
        ssize_t some = write(fd, p, size);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return false;
        p += some;
        size -= (size_t) some;
    }
    return true;
}

static bool read_bytes(int fd, char *to, size_t size)
{
    off_t at = 0;

    while ((size_t) at < size) {
        ssize_t got = pread(fd, to + at, size - (size_t) at, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = ENODATA; /* it became shorter */
        if (got <= 0)
            return false;
        at += got;
    }
    return true;
}

GBytes *read_file(int fd, Error **err)
{
    struct stat st;
    g_autofree char *bytes = NULL;

    if (fstat(fd, &st) || !(bytes = g_try_malloc((size_t) st.st_size + 1)) ||
        !read_bytes(fd, bytes, (size_t) st.st_size)) {
        error_errno(err, errno, "cannot read the picture");
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&bytes), (size_t) st.st_size);
}

bool copy_file(int from, int to, Error **err)
{
    g_autofree char *buffer = g_malloc(BUFFER);
    off_t at = 0;
    ssize_t got = 0;

    while ((got = pread(from, buffer, BUFFER, at)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, errno, "cannot read the picture");
        if (!write_bytes(to, buffer, (size_t) got))
            return error_errno(err, errno, "cannot write the output");
        at += got;
    }
    return true;
}
