/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat.h - openat(2), for one test program that says what happens before a file is opened. */
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "tests/unit/check.h"

/* The program's own; `mode` is 0 where no file is made. An error number fails the call, 0 does not.
 */
static int before_open(int flags, mode_t mode);

/* The library's own gives way to this. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int openat(int dir_fd, const char *name, int flags, ...)
{
    va_list args;

    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? va_arg(args, mode_t) : 0;
    va_end(args);
    errno = before_open(flags, mode);
    return errno ? -1 : (int) syscall(SYS_openat, dir_fd, name, flags, mode);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* As of NFS, which has no files without a name. */
static inline int no_unnamed_files(int flags)
{
    return (flags & O_TMPFILE) == O_TMPFILE ? EOPNOTSUPP : 0;
}
