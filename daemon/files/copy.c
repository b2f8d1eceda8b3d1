/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/copy.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

enum { COPY_SIZE = 1024 * 1024 };

static bool copy_range(int from, int to, off_t at, off_t end, char *buffer)
{
    while (at < end) {
        ssize_t got = pread(from, buffer, (size_t) MIN(COPY_SIZE, end - at), at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0; /* the file was shortened, which the comparison finds */
        for (ssize_t done = 0, wrote = 0; done < got; done += wrote) {
            wrote = pwrite(to, buffer + done, (size_t) (got - done), at + done);
            if (wrote < 0 && errno != EINTR)
                return false;
            wrote = MAX(wrote, 0);
        }
        at += got;
    }
    return true;
}

/* A hole stays a hole: a sparse file of terabytes must not fill the disk. */
bool copy_bytes(int from, int to, off_t size)
{
    g_autofree char *buffer = g_malloc(COPY_SIZE);
    off_t at = 0, end = 0;

    while (end < size) {
        at = lseek(from, end, SEEK_DATA);
        if (at < 0 && errno == ENXIO)
            break; /* nothing but a hole is left */
        bool known = at >= 0;
        at = known ? at : end;
        end = known ? lseek(from, at, SEEK_HOLE) : size;
        if (end <= at)
            end = size;
        if (!copy_range(from, to, at, MIN(end, size), buffer))
            return false;
    }
    return ftruncate(to, size) == 0;
}
