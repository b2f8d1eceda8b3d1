/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of files: each passes a point, waits while its mount hangs, may fail, and is the disk's. */
#include "tests/sim/calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/sim/calls_inside.h"
#include "tests/sim/chance.h"
#include "tests/sim/disk.h"
#include "tests/sim/judge.h"
#include "tests/sim/schedule.h"
#include "tests/sim/story.h"

enum { LINE_MAX_BYTES = 400 };

Faults faults;

/* ---- points, hangs and faults ---- */

static bool is_faulty(unsigned rate)
{
    return rate && now_us < faults.until_us && fiber_process() == PROCESS_DAEMON &&
           once_in(ACTOR_DISK, rate);
}

static bool fail(const char *what, int code)
{
    tell("disk: %s fails with %s", what, strerrorname_np(code));
    errno = code;
    return false;
}

/* The first fault that is due; 0: none. */
static int due_fault(unsigned kinds)
{
    if (kinds & TAKES_NUMBER && is_faulty(faults.no_descriptors))
        return EMFILE;
    if (kinds & MAY_BE_FULL && is_faulty(faults.disk_full))
        return ENOSPC;
    return kinds & MAY_FAIL && is_faulty(faults.disk_error) ? EIO : 0;
}

/* A lock that a fiber holds while it waits for a mount stops all who need the lock. */
static void judge_locks(const char *what)
{
    const char *name = NULL;

    if (fiber_process() == PROCESS_DAEMON && locks_held(&name))
        judge_break(RULE_LOCK, "%s waits for a mount, and has the lock of %s", what,
                    name ? name : "?");
}

static bool wait_for_mount(const char *what, int mount)
{
    if (disk_hang(mount) == HANG_NONE)
        return true;
    if (disk_hang(mount) == HANG_WAITS) {
        tell("disk: %s waits for a mount", what);
        judge_locks(what);
    }
    return disk_call(mount) || fail(what, EIO);
}

bool call_begins_with(const char *what, int mount, unsigned kinds)
{
    point(what);
    if (mount < 0)
        kinds &= TAKES_NUMBER;
    else if (!wait_for_mount(what, mount))
        return false;
    int code = due_fault(kinds);
    return !code || fail(what, code);
}

bool call_begins(const char *what, int mount)
{
    return call_begins_with(what, mount, MAY_FAIL);
}

static bool is_short(void)
{
    return is_faulty(faults.short_write);
}

bool call_waits(int fd)
{
    int flags = sim_fcntl(fd, F_GETFL, 0);

    return flags >= 0 && !(flags & O_NONBLOCK);
}

bool call_is_standard(int fd)
{
    return fd == STDOUT_FILENO || fd == STDERR_FILENO;
}

static bool at_fd(const char *what, int fd, unsigned kinds)
{
    return call_begins_with(what, disk_mount_of_fd(fd), kinds);
}

static bool at_path(const char *what, int dir, const char *path, unsigned kinds)
{
    return call_begins_with(what, disk_mount_of_path(dir, path), kinds);
}

/* ---- opening ---- */

static int open_it(int dir, const char *path, int flags, mode_t mode)
{
    unsigned kinds = MAY_FAIL | TAKES_NUMBER | (flags & O_CREAT ? MAY_BE_FULL : 0);

    return at_path("open", dir, path, kinds) ? sim_open(fiber_process(), dir, path, flags, mode)
                                             : -1;
}

static mode_t mode_of(int flags, va_list *rest)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(*rest, mode_t) : 0;
}

CALL(int, open64, const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_it(AT_FDCWD, path, flags, mode);
}

CALL(int, openat64, int dir, const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_it(dir, path, flags, mode);
}

CALL(int, __open64_2, const char *path, int flags)
{
    return open_it(AT_FDCWD, path, flags, 0);
}

CALL(int, __openat64_2, int dir, const char *path, int flags)
{
    return open_it(dir, path, flags, 0);
}

static void fill_in(char *x)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    for (int i = 0; i < 6; i++)
        x[i] = letters[pick(ACTOR_DAEMON, sizeof(letters) - 1)];
}

CALL(int, mkostemp64, char *path, int flags)
{
    int fd = -1;

    do {
        fill_in(path + strlen(path) - 6);
        fd = open_it(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
    } while (fd < 0 && errno == EEXIST);
    return fd;
}

CALL(int, close, int fd)
{
    point("close");
    return sim_close(fd);
}

/* Only children and the thread that starts them use it; that one has no table of its own here. */
CALL(int, close_range, unsigned first, unsigned last, int flags)
{
    (void) first, (void) last, (void) flags;
    errno = ENOSYS;
    return -1;
}

/* ---- content ---- */

CALL(ssize_t, pread64, int fd, void *to, size_t size, off_t at)
{
    return at_fd("pread", fd, MAY_FAIL) ? sim_pread(fd, to, size, at) : -1;
}

CALL(ssize_t, __pread64_chk, int fd, void *to, size_t size, off_t at, size_t room)
{
    return size <= room ? call_pread64(fd, to, size, at) : (abort(), -1);
}

static size_t shortened(size_t size)
{
    return size > 1 && is_short() ? size / 2 : size;
}

CALL(ssize_t, pwrite64, int fd, const void *from, size_t size, off_t at)
{
    return at_fd("pwrite", fd, MAY_FAIL | MAY_BE_FULL) ? sim_pwrite(fd, from, shortened(size), at)
                                                       : -1;
}

/* What waits in the kernel, waits here; what is read or written then is one step. */
static bool again(int fd, ssize_t result)
{
    if (result >= 0 || errno != EAGAIN || !call_waits(fd))
        return false;
    wait_for(sim_ready_key(fd), -1);
    return true;
}

CALL(ssize_t, read, int fd, void *to, size_t size)
{
    ssize_t got = -1;

    if (at_fd("read", fd, MAY_FAIL))
        do
            got = sim_read(fd, to, size);
        while (again(fd, got));
    return got;
}

static ssize_t write_line(const char *from, size_t size)
{
    size_t length = size && from[size - 1] == '\n' ? size - 1 : size;

    tell("daemon: %.*s", (int) (length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES), from);
    return (ssize_t) size;
}

CALL(ssize_t, write, int fd, const void *from, size_t size)
{
    ssize_t put = -1;

    if (call_is_standard(fd))
        return write_line(from, size);
    if (!at_fd("write", fd, MAY_FAIL | MAY_BE_FULL))
        return -1;
    if (disk_mount_of_fd(fd) >= 0)
        size = shortened(size);
    do
        put = sim_write(fd, from, size);
    while (again(fd, put));
    return put;
}

CALL(off_t, lseek64, int fd, off_t at, int whence)
{
    return sim_lseek(fd, at, whence);
}

CALL(int, ftruncate64, int fd, off_t size)
{
    return at_fd("ftruncate", fd, MAY_FAIL) ? sim_ftruncate(fd, size) : -1;
}

CALL(int, fallocate64, int fd, int mode, off_t at, off_t size)
{
    return at_fd("fallocate", fd, MAY_FAIL | MAY_BE_FULL) ? sim_fallocate(fd, mode, at, size) : -1;
}

CALL(int, posix_fadvise64, int fd, off_t at, off_t size, int advice)
{
    (void) fd, (void) at, (void) size, (void) advice;
    return 0;
}

CALL(int, fsync, int fd)
{
    return at_fd("fsync", fd, MAY_FAIL | MAY_BE_FULL) ? sim_fsync(fd) : -1;
}

CALL(int, fdatasync, int fd)
{
    return at_fd("fdatasync", fd, MAY_FAIL | MAY_BE_FULL) ? sim_fdatasync(fd) : -1;
}

/* ---- what is known of files ---- */

CALL(int, fstat64, int fd, struct stat *st)
{
    return at_fd("fstat", fd, MAY_FAIL) ? sim_fstat(fd, st) : -1;
}

CALL(int, fstatat64, int dir, const char *path, struct stat *st, int flags)
{
    return at_path("fstatat", dir, path, MAY_FAIL) ? sim_fstatat(dir, path, st, flags) : -1;
}

CALL(int, stat64, const char *path, struct stat *st)
{
    return call_fstatat64(AT_FDCWD, path, st, 0);
}

CALL(int, lstat64, const char *path, struct stat *st)
{
    return call_fstatat64(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

CALL(int, statx, int dir, const char *path, int flags, unsigned mask, struct statx *st)
{
    return at_path("statx", dir, path, MAY_FAIL) ? sim_statx(dir, path, flags, mask, st) : -1;
}

CALL(int, fstatfs64, int fd, struct statfs *st)
{
    return at_fd("fstatfs", fd, MAY_FAIL) ? sim_fstatfs(fd, st) : -1;
}

CALL(int, statvfs64, const char *path, struct statvfs *st)
{
    return at_path("statvfs", AT_FDCWD, path, MAY_FAIL) ? sim_statvfs(path, st) : -1;
}

CALL(int, faccessat, int dir, const char *path, int mode, int flags)
{
    return at_path("faccessat", dir, path, MAY_FAIL) ? sim_faccessat(dir, path, mode, flags) : -1;
}

CALL(int, access, const char *path, int mode)
{
    return call_faccessat(AT_FDCWD, path, mode, 0);
}

CALL(ssize_t, fgetxattr, int fd, const char *name, void *value, size_t size)
{
    return at_fd("fgetxattr", fd, MAY_FAIL) ? sim_fgetxattr(fd, name, value, size) : -1;
}

CALL(int, fsetxattr, int fd, const char *name, const void *value, size_t size, int flags)
{
    return at_fd("fsetxattr", fd, MAY_FAIL | MAY_BE_FULL)
               ? sim_fsetxattr(fd, name, value, size, flags)
               : -1;
}

CALL(ssize_t, flistxattr, int fd, char *list, size_t size)
{
    return at_fd("flistxattr", fd, MAY_FAIL) ? sim_flistxattr(fd, list, size) : -1;
}

static int code_kept(int result, int fd)
{
    int code = errno;

    sim_close(fd);
    errno = code;
    return result;
}

CALL(ssize_t, getxattr, const char *path, const char *name, void *value, size_t size)
{
    if (!at_path("getxattr", AT_FDCWD, path, MAY_FAIL))
        return -1;
    int fd = sim_open(fiber_process(), AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? -1 : code_kept((int) sim_fgetxattr(fd, name, value, size), fd);
}

/* ---- changes ---- */

CALL(int, linkat, int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    return at_path("linkat", to_dir, to, MAY_FAIL | MAY_BE_FULL)
               ? sim_linkat(from_dir, from, to_dir, to, flags)
               : -1;
}

CALL(int, unlinkat, int dir, const char *path, int flags)
{
    return at_path("unlinkat", dir, path, MAY_FAIL) ? sim_unlinkat(dir, path, flags) : -1;
}

CALL(int, unlink, const char *path)
{
    return call_unlinkat(AT_FDCWD, path, 0);
}

CALL(int, rmdir, const char *path)
{
    return call_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* A file system cannot be left: the mount of the new name is that of the old one, or it fails. */
CALL(int, renameat2, int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    return at_path("renameat", to_dir, to, MAY_FAIL | MAY_BE_FULL)
               ? sim_renameat2(from_dir, from, to_dir, to, flags)
               : -1;
}

CALL(int, renameat, int from_dir, const char *from, int to_dir, const char *to)
{
    return call_renameat2(from_dir, from, to_dir, to, 0);
}

CALL(int, rename, const char *from, const char *to)
{
    return call_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

CALL(int, mkdirat, int dir, const char *path, mode_t mode)
{
    return at_path("mkdirat", dir, path, MAY_FAIL | MAY_BE_FULL) ? sim_mkdirat(dir, path, mode)
                                                                 : -1;
}

CALL(int, mkdir, const char *path, mode_t mode)
{
    return call_mkdirat(AT_FDCWD, path, mode);
}

CALL(int, fchmod, int fd, mode_t mode)
{
    return at_fd("fchmod", fd, MAY_FAIL) ? sim_fchmod(fd, mode) : -1;
}

CALL(int, chmod, const char *path, mode_t mode)
{
    if (!at_path("chmod", AT_FDCWD, path, MAY_FAIL))
        return -1;
    int fd = sim_open(fiber_process(), AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    return fd < 0 ? -1 : code_kept(sim_fchmod(fd, mode), fd);
}

CALL(int, fchown, int fd, uid_t user, gid_t group)
{
    return at_fd("fchown", fd, MAY_FAIL) ? sim_fchown(fd, user, group) : -1;
}

CALL(int, futimens, int fd, const struct timespec times[2])
{
    return at_fd("futimens", fd, MAY_FAIL) ? sim_futimens(fd, times) : -1;
}

CALL(int, flock, int fd, int operation)
{
    return at_fd("flock", fd, 0) ? sim_flock(fd, operation) : -1;
}

/* Locks of open files (F_OFD_*) mark what a hotfolder has locked, for another one: there is none.
 */
static int lock_by_fcntl(int command, struct flock *lock)
{
    if (command == F_OFD_GETLK)
        lock->l_type = F_UNLCK;
    return 0;
}

CALL(int, fcntl64, int fd, int command, ...)
{
    va_list rest;

    va_start(rest, command);
    long argument = va_arg(rest, long);
    va_end(rest);
    point("fcntl");
    if (command == F_OFD_SETLK || command == F_OFD_GETLK)
        return lock_by_fcntl(command, (struct flock *) argument);
    if (command == F_DUPFD_CLOEXEC && !call_begins_with("dup", -1, TAKES_NUMBER))
        return -1;
    return sim_fcntl(fd, command, argument);
}

/* ---- listings ---- */

typedef struct Listing {
    int fd;
    off_t at;
    struct dirent64 entry;
} Listing;

CALL(DIR *, fdopendir, int fd)
{
    struct stat st;

    if (!at_fd("fdopendir", fd, MAY_FAIL) || sim_fstat(fd, &st))
        return NULL;
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    Listing *listing = calloc(1, sizeof(*listing));
    listing->fd = fd;
    return (DIR *) listing;
}

CALL(struct dirent64 *, readdir64, DIR *directory)
{
    Listing *listing = (Listing *) directory;
    const char *name = NULL;

    if (!at_fd("readdir", listing->fd, MAY_FAIL) ||
        !sim_readdir(listing->fd, &listing->at, &name, &listing->entry.d_ino,
                     &listing->entry.d_type))
        return NULL;
    strncpy(listing->entry.d_name, name, sizeof(listing->entry.d_name) - 1);
    return &listing->entry;
}

CALL(int, dirfd, DIR *directory)
{
    return ((Listing *) directory)->fd;
}

CALL(int, closedir, DIR *directory)
{
    int fd = ((Listing *) directory)->fd;

    free(directory);
    return call_close(fd);
}
