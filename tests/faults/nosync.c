/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nosync - a daemon that syncs nothing, loaded by LD_PRELOAD: what the power cut test must see. */
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The C library's own names of parameters are reserved.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

EXPORT int fsync(int fd)
{
    (void) fd;
    return 0;
}

EXPORT int fdatasync(int fd)
{
    (void) fd;
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
