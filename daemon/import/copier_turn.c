/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/copier_turn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/files/filename.h"

enum {
    MODE = 0644,
    DIRECTORY_MODE = 0755,
    PAUSE_US = 5000,
    NAME_BYTES = 200,
};

/* The locks of a disk, in files that stay. To have the turn is to have `turn`; who wants it has
 * `next` until then, so that who ends a turn cannot begin another one before that. */
typedef struct DiskLock {
    int next, turn;
} DiskLock;

struct CopyTurn {
    DiskLock *locks; /* in the order of the disks' names: two that need both never wait for each
                        other */
    unsigned count;
    bool is_mine;
};

static int open_lock(const char *directory, const char *disk, const char *tail)
{
    g_autofree char *safe = g_strndup(disk, NAME_BYTES);

    for (char *sign = safe; *sign; sign++)
        if (!g_ascii_isalnum(*sign) && !strchr("-_.:", *sign))
            *sign = '_';
    g_autofree char *name = g_strdup_printf("disk-%s%s", safe, tail);
    g_autofree char *path = filename_join(directory, name);
    return open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, MODE);
}

CopyTurn *copy_turn_new(const char *directory, const Medium *medium)
{
    CopyTurn *turn = g_new0(CopyTurn, 1);
    char *const *disks = directory && medium ? medium->disks : NULL;

    if (!disks || !*disks)
        return turn;
    (void) g_mkdir_with_parents(directory, DIRECTORY_MODE); /* open(2) says whether it is there */
    for (; disks[turn->count]; turn->count++) {
        turn->locks = g_renew(DiskLock, turn->locks, turn->count + 1);
        turn->locks[turn->count] = (DiskLock){
            .next = open_lock(directory, disks[turn->count], ".next"),
            .turn = open_lock(directory, disks[turn->count], ""),
        };
    }
    return turn;
}

/* Where the lock cannot be had at all, it is as if it was. */
static bool take(int fd, bool (*stopped)(const void *user), const void *user)
{
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return true;
        if (stopped(user))
            return false;
        g_usleep(PAUSE_US);
    }
    return true;
}

static void give_back(int fd)
{
    if (fd >= 0)
        flock(fd, LOCK_UN);
}

bool copy_turn_begin(CopyTurn *turn, bool (*stopped)(const void *user), const void *user)
{
    unsigned had = 0;

    while (!turn->is_mine && had < turn->count && take(turn->locks[had].next, stopped, user)) {
        bool taken = take(turn->locks[had].turn, stopped, user);
        give_back(turn->locks[had].next);
        if (!taken)
            break;
        had++;
    }
    turn->is_mine = turn->is_mine || had == turn->count;
    while (!turn->is_mine && had)
        give_back(turn->locks[--had].turn);
    return turn->is_mine;
}

void copy_turn_end(CopyTurn *turn)
{
    for (unsigned i = turn->count; turn->is_mine && i > 0; i--)
        give_back(turn->locks[i - 1].turn);
    turn->is_mine = false;
}

void copy_turn_free(CopyTurn *turn)
{
    if (!turn)
        return;
    for (unsigned i = 0; i < turn->count; i++) {
        if (turn->locks[i].next >= 0)
            close(turn->locks[i].next);
        if (turn->locks[i].turn >= 0)
            close(turn->locks[i].turn);
    }
    g_free(turn->locks);
    g_free(turn);
}
