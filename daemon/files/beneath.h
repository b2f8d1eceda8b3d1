/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* beneath.h - opens files below a folder, and follows no link.
 *
 * A user who may write into a hot folder could replace one of its directories by a symbolic link
 * between two of our steps; the kernel itself refuses to follow it here. Any thread. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

/* open(2) of `path`, relative to the directory `root` ("" is the root itself); no component of
 * `path` may be a symbolic link (ELOOP). O_CLOEXEC is added. -1 with errno. */
int beneath_open(const char *root, const char *path, int flags);

/* The same below an open directory. Without O_NOFOLLOW in `flags`, a link as the last component is
 * refused too. */
int beneath_openat(int root_fd, const char *path, int flags);

/* lstat(2) of `path` below `root`: of a symbolic link as the last component, the link itself. False
 * with errno. */
bool beneath_stat(const char *root, const char *path, struct stat *st);

/* Whether an errno value of these says that there is no such file. Any other one, as from a share
 * that lost its server, says nothing of the file. */
bool beneath_is_absence(int code);

/* "root/path", or root for "": newly allocated. */
char *beneath_path(const char *root, const char *path);

/* The path of an open file or directory, as the kernel knows it now; newly allocated. NULL: /proc
 * is not there. */
char *beneath_path_of(int fd);
