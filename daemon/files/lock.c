/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/lock.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/files/lease.h"

enum { TRIES = 100, PAUSE_US = 2000 };

/* The process of a line of /proc/locks, if that is about this file; else 0. A lock that was taken
 * in another PID namespace has the number 0, or -1. */
static pid_t holder_in(const char *line, const struct stat *st)
{
    unsigned long long inode = 0;
    unsigned high = 0, low = 0;
    int process = 0;

    if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &process, &high, &low, &inode) != 4)
        return 0;
    /* btrfs and overlayfs have other numbers of devices there than in stat(2) */
    bool same_device = high == major(st->st_dev) && low == minor(st->st_dev);
    return inode == st->st_ino && (same_device || process == getpid()) ? process : 0;
}

static pid_t find_holder(int fd)
{
    g_autofree char *text = NULL;
    pid_t holder = 0;
    struct stat st;

    if (fstat(fd, &st) < 0 || !g_file_get_contents("/proc/locks", &text, NULL, NULL))
        return 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line && holder <= 0; line++)
        holder = holder_in(*line, &st);
    return MAX(holder, 0);
}

/* Whether another open file has the lock. */
static bool is_taken(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* The last attempt of this process at the file may just be ending. What is found no more has ended
 * between the two questions. */
bool file_lock(int fd, pid_t *holder)
{
    if (fs_kind(fd) == FS_REMOTE)
        return true;
    for (int i = 0; is_taken(fd); i++) {
        *holder = find_holder(fd);
        if (i >= TRIES || (*holder && *holder != getpid()))
            return *holder == getpid(); /* of another row, of which the ledger decides */
        g_usleep(PAUSE_US);
    }
    return true;
}

void file_unlock(int fd)
{
    flock(fd, LOCK_UN);
}
