/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool rename_is_half_done(int from_fd, const char *from, int to_fd, const char *to)
{
    struct stat one, other;

    return fstatat(from_fd, from, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(to_fd, to, &other, AT_SYMLINK_NOFOLLOW) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino && one.st_nlink > 1;
}

static int rename_to_free(int from_fd, const char *from, int to_fd, const char *to)
{
    struct stat st;

    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -1;
    if (linkat(from_fd, from, to_fd, to, 0) == 0)
        return unlinkat(from_fd, from, 0);
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
        return -1;
    if (fstatat(to_fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from_fd, from, to_fd, to);
}

int rename_to_free_name(int from_fd, const char *from, int to_fd, const char *to)
{
    if (rename_to_free(from_fd, from, to_fd, to) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    if (rename_is_half_done(from_fd, from, to_fd, to))
        return unlinkat(from_fd, from, 0);
    errno = EEXIST;
    return -1;
}
