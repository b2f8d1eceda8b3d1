/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files/beneath.h"

bool textfile_put(int fd, const char *text)
{
    size_t length = strlen(text), done = 0;

    while (done < length) {
        ssize_t wrote = write(fd, text + done, length - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += (size_t) MAX(wrote, 0);
    }
    return true;
}

static int make_file(int dir_fd, const char *temp, mode_t mode)
{
    unlinkat(dir_fd, temp, 0);
    return openat(dir_fd, temp, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
}

/* Takes over fd, -1 where the file could not be made. */
static bool finish_file(int fd, const char *text)
{
    bool ok = fd >= 0 && textfile_put(fd, text) && fsync(fd) == 0;
    int code = errno;

    if (fd >= 0)
        close(fd);
    errno = code;
    return ok;
}

bool textfile_write(int dir_fd, const char *temp, mode_t mode, const char *text)
{
    return finish_file(make_file(dir_fd, temp, mode), text);
}

/* A file system that has no such rights, or gives them by itself, refuses it. */
static void share_file(int dir_fd, int fd)
{
    struct stat st, made;

    if (fstat(dir_fd, &st) < 0 || fstat(fd, &made) < 0)
        return;
    /* a service's sandbox refuses the call, also where nothing is to change */
    bool given = made.st_gid == st.st_gid || fchown(fd, (uid_t) -1, st.st_gid) == 0;
    fchmod(fd, S_IRUSR | S_IWUSR | (st.st_mode & (given ? S_IRGRP | S_IROTH : S_IROTH)));
}

bool textfile_write_shared(int dir_fd, const char *temp, const char *text)
{
    int fd = make_file(dir_fd, temp, S_IRUSR | S_IWUSR);

    if (fd >= 0)
        share_file(dir_fd, fd);
    return finish_file(fd, text);
}

bool textfile_begins_with(int dir_fd, const char *name, const char *text)
{
    size_t length = strlen(text);
    g_autofree char *there = g_malloc0(length + 1);
    int fd = beneath_openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    bool is = fd >= 0 && pread(fd, there, length, 0) == (ssize_t) length && !strcmp(there, text);

    if (fd >= 0)
        close(fd);
    return is;
}
