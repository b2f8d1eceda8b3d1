/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/files/lease.h"
#include "daemon/files/mounts.h"

enum {
    OWN_TRIES = 100, /* the last attempt of this process at the file may just be ending */
    TRIES = 5,       /* a lock may just be beginning or ending, and file_is_locked() takes one */
    PAUSE_US = 2000,
};

/* ---- who it is ---- */

/* A lock that was taken in another PID namespace has the number 0, or -1. */
static pid_t holder_of(const char *line, dev_t wanted_device, ino_t wanted)
{
    unsigned long long inode = 0;
    unsigned high = 0, low = 0;
    int process = 0;

    if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &process, &high, &low, &inode) != 4)
        return 0;
    dev_t device = makedev(high, low);
    return inode == wanted && device == wanted_device ? process : 0;
}

pid_t lock_holder_in(const char *locks, dev_t device, ino_t inode)
{
    g_auto(GStrv) lines = g_strsplit(locks, "\n", -1);
    pid_t holder = 0;

    for (char **line = lines; *line && holder <= 0; line++)
        holder = holder_of(*line, device, inode);
    return MAX(holder, 0);
}

/* The device of the file system that fd is on. stat(2) has another number for each subvolume of
 * btrfs, and for files of an overlay; the tables of the kernel have this one. 0: not known. */
static dev_t mounted_device(int fd)
{
    struct statx file = { 0 };
    unsigned high = 0, low = 0;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &file) < 0 || !(file.stx_mask & STATX_MNT_ID))
        return 0;
    g_autoptr(GPtrArray) mounts = mounts_read();
    g_autofree char *id = g_strdup_printf("%llu", (unsigned long long) file.stx_mnt_id);
    for (guint i = 0; i < mounts->len; i++) {
        const Mount *mount = mounts->pdata[i];
        if (!g_strcmp0(mount->id, id) && sscanf(mount->device, "%u:%u", &high, &low) == 2)
            return makedev(high, low);
    }
    return 0;
}

static pid_t find_holder(int fd)
{
    g_autofree char *text = NULL;
    struct stat st;

    if (fstat(fd, &st) < 0 || !g_file_get_contents("/proc/locks", &text, NULL, NULL))
        return 0;
    pid_t holder = lock_holder_in(text, st.st_dev, st.st_ino);
    return holder ? holder : lock_holder_in(text, mounted_device(fd), st.st_ino);
}

/* ---- the mark of a hotfolder ---- */

/* A hotfolder shares a lock (fcntl(2)) on one byte, far behind the end of each file that it has
 * locked. The name of the process would not do: the sandbox of the service hides it, and so does a
 * container. */
static const off_t mark_at = 0x686f74666f6c6465; /* "hotfolde" */

static bool mark(int fd, int command, short type, struct flock *lock)
{
    *lock = (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = mark_at, .l_len = 1 };
    return fcntl(fd, command, lock) == 0;
}

/* By another open file. A lock of a program may include the byte, as one of the whole file does. */
static bool is_marked(int fd)
{
    struct flock lock;

    return mark(fd, F_OFD_GETLK, F_WRLCK, &lock) && lock.l_type == F_RDLCK &&
           lock.l_start == mark_at && lock.l_len == 1;
}

/* ---- locks ---- */

/* Whether another open file has the lock. */
static bool is_taken(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* How often to try: the lock of another hotfolder is not waited for. */
static int tries(bool marked, pid_t pid)
{
    if (pid == getpid()) /* it may be about to mark the file */
        return OWN_TRIES;
    return marked && pid ? 0 : TRIES;
}

LockHolder file_lock(int fd, pid_t *pid)
{
    struct flock lock;

    *pid = 0;
    if (fs_kind(fd) == FS_REMOTE)
        return LOCK_NONE;
    for (int i = 0; is_taken(fd); i++) {
        bool marked = is_marked(fd);
        *pid = find_holder(fd);
        if (i < tries(marked, *pid))
            g_usleep(PAUSE_US);
        else if (marked) /* one of this process is for another row, of which the ledger decides */
            return *pid == getpid() ? LOCK_NONE : LOCK_HOTFOLDER;
        else
            return LOCK_PROGRAM;
    }
    mark(fd, F_OFD_SETLK, F_RDLCK, &lock);
    return LOCK_NONE;
}

void file_unlock(int fd)
{
    struct flock lock;

    flock(fd, LOCK_UN);
    mark(fd, F_OFD_SETLK, F_UNLCK, &lock);
}

bool file_is_locked(int fd, pid_t *pid)
{
    *pid = 0;
    if (fs_kind(fd) == FS_REMOTE)
        return false;
    if (!is_taken(fd)) {
        flock(fd, LOCK_UN);
        return false;
    }
    if (is_marked(fd))
        return false;
    *pid = find_holder(fd);
    return true;
}

char *lock_reason(pid_t pid)
{
    return pid ? g_strdup_printf("locked by another program (process %d)", (int) pid)
               : g_strdup("locked by another program, which is not visible from here");
}

bool lock_error(pid_t pid, Error **err)
{
    g_autofree char *reason = lock_reason(pid);

    return error_set(err, ERROR_TRANSIENT, "end that program, or wait until it ends the lock", "%s",
                     reason);
}
