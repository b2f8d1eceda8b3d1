/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fsync(2) and fdatasync(2) of programs that are about no power cut: all that was written goes to
 * the disk, and can leave memory, but nothing waits for the journal of the file system. */
#include <fcntl.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Of a directory there is nothing to be written. */
static int write_out(int fd)
{
    sync_file_range(
        fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    return 0;
}

/* The library's own give way to these, also for SQLite.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
EXPORT int fsync(int fd)
{
    return write_out(fd);
}

EXPORT int fdatasync(int fd)
{
    return write_out(fd);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
