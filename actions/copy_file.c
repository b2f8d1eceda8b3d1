/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/copy_file.h"

#include <errno.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024 };

static bool write_all(int fd, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t some = write(fd, bytes + done, size - done);
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0)
            return false;
        done += (size_t) some;
    }
    return true;
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
        if (!write_all(to, buffer, (size_t) got))
            return error_errno(err, errno, "cannot write the output");
        at += got;
    }
    return true;
}
