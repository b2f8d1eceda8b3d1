/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carddisks - a card and disks that fail, under `hotfolder import`.
 *
 * Loaded by LD_PRELOAD into the command alone: it takes itself out of the environment. By
 * environment:
 *
 *     CARDDISKS_CARD=DIR              what is below it is the card
 *     CARDDISKS_COPIES=DIR:DIR...     what is below these lies on the disks of copies
 *     CARDDISKS_FAULT="KIND N SEED"   what happens, at which call of those that it can happen to
 *     CARDDISKS_LOG=FILE              gets a line "KIND PATH" when it happens
 *
 * Kinds, and the calls that they count:
 *     card-eio     a file of the card cannot be read from here on    (reading the card)
 *     card-once    one reading fails, and works when it is tried again
 *     card-short   a file of the card ends here
 *     card-flip    one bit of what is read is wrong, once
 *     pull         the card is gone from here on
 *     flip         a synced copy has a wrong bit on its disk         (syncing a file of copies)
 *     stale        the same, and the cache shows the right one until it is dropped
 *     sticky       the same, and the cache is never dropped; O_DIRECT is refused
 *     syncs-fail   fdatasync(2), fsync(2) fail here, once
 *     lost         a copy that was linked has no name on its disk    (linking in copies)
 *     full         the disk of copies is full from here on           (writing to copies)
 *     write-eio    one write fails
 *     copy-eio     a copy cannot be read back from here on           (reading copies)
 *     copy-short   a copy that is read back ends here */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef O_DIRECT
#define O_DIRECT 040000
#endif

enum { LONGEST = 4096, PAGE = 4096 };

#define EXPORT __attribute__((visibility("default")))

typedef enum Side { NOWHERE, CARD, COPIES } Side;

/* Set before main(). */
static struct {
    bool on;
    char *card, *copies, *log;
    char kind[32];
    long at;
    unsigned seed;
} plan;

/* What has happened; guarded by the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long reached;
static bool happened;
static dev_t bad_dev; /* the file that it happened to */
static ino_t bad_ino;
static off_t bad_at;      /* of the byte with the wrong bit */
static unsigned char was; /* what the cache still shows */
static bool is_dropped;   /* the cache was dropped since */

static char *kept(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */

    return value ? strdup(value) : NULL;
}

__attribute__((constructor)) static void begin(void)
{
    char *fault = kept("CARDDISKS_FAULT");

    if (!strcmp(program_invocation_short_name, "hotfolder")) {
        unsetenv("LD_PRELOAD"); /* NOLINT(concurrency-mt-unsafe): before any thread */
        plan.card = kept("CARDDISKS_CARD");
        plan.copies = kept("CARDDISKS_COPIES");
        plan.log = kept("CARDDISKS_LOG");
        plan.on = fault && plan.card && plan.copies &&
                  sscanf(fault, "%31s %ld %u", plan.kind, &plan.at, &plan.seed) == 3;
    }
    free(fault);
}

static bool is_kind(const char *kind)
{
    return !strcmp(plan.kind, kind);
}

/* ---- where a call leads ---- */

static bool below(const char *roots, const char *path)
{
    for (const char *part = roots; *part;) {
        size_t length = strcspn(part, ":");
        if (length && !strncmp(path, part, length) && (!path[length] || path[length] == '/'))
            return true;
        part += length + (part[length] == ':');
    }
    return false;
}

static Side side_of_path(const char *path)
{
    return below(plan.card, path) ? CARD : below(plan.copies, path) ? COPIES : NOWHERE;
}

static void path_of_fd(int fd, char path[LONGEST])
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, LONGEST - 1);
    path[length > 0 ? length : 0] = '\0';
}

static void path_at(int dir, const char *name, char path[LONGEST])
{
    if (*name == '/') {
        snprintf(path, LONGEST, "%s", name);
        return;
    }
    path_of_fd(dir, path);
    size_t length = strlen(path);
    snprintf(path + length, LONGEST - length, "/%s", name);
}

static bool is_file(int fd, struct stat *st)
{
    return syscall(SYS_fstat, (long) fd, st) == 0 && S_ISREG(st->st_mode);
}

/* ---- what happens ---- */

static void note(const char *path)
{
    char line[LONGEST + 64];

    if (!plan.log)
        return;
    int fd = (int) syscall(SYS_openat, (long) AT_FDCWD, plan.log,
                           (long) (O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC), 0666L);
    int length = snprintf(line, sizeof(line), "%s %s\n", plan.kind, path);
    syscall(SYS_write, (long) fd, line, (long) length);
    syscall(SYS_close, (long) fd);
}

/* Counts a call that the kind can happen to; whether it happens now. The lock is held. */
static bool is_now(const char *path)
{
    if (happened || ++reached < plan.at)
        return false;
    happened = true;
    note(path);
    return true;
}

static bool is_bad(const struct stat *st)
{
    return happened && st->st_dev == bad_dev && st->st_ino == bad_ino;
}

static void mark(const struct stat *st)
{
    bad_dev = st->st_dev;
    bad_ino = st->st_ino;
}

/* Changes a bit on the disk, and remembers what the cache would still show. */
static void spoil(int fd, const struct stat *st)
{
    char link[64];
    unsigned char byte = 0;

    mark(st);
    bad_at = (off_t) (plan.seed % (unsigned long) st->st_size);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    int again = (int) syscall(SYS_openat, (long) AT_FDCWD, link, (long) (O_RDWR | O_CLOEXEC), 0L);
    syscall(SYS_pread64, (long) again, &byte, 1L, (long) bad_at);
    was = byte;
    byte ^= (unsigned char) (1U << plan.seed % 8);
    syscall(SYS_pwrite64, (long) again, &byte, 1L, (long) bad_at);
    syscall(SYS_fdatasync, (long) again);
    syscall(SYS_close, (long) again);
}

/* ---- reading ---- */

/* The C library's own names of parameters are reserved.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-macro-parentheses) */

static bool counts_reading(Side side)
{
    bool of_card = !strncmp(plan.kind, "card-", strlen("card-")) || is_kind("pull");

    return side == (of_card ? CARD : COPIES) && (of_card || !strncmp(plan.kind, "copy-", 5));
}

/* 0, or the errno value of a reading. *ends: it reads nothing. *flips: a bit of it is wrong. */
static int before_reading(int fd, const char *path, const struct stat *st, bool *ends, bool *flips)
{
    bool now = counts_reading(side_of_path(path)) && is_now(path);

    (void) fd;
    if (now)
        mark(st);
    if (is_kind("pull"))
        return happened && side_of_path(path) == CARD ? EIO : 0;
    if (is_kind("card-eio") || is_kind("copy-eio"))
        return is_bad(st) ? EIO : 0;
    *ends = (is_kind("card-short") || is_kind("copy-short")) && is_bad(st);
    *flips = now && is_kind("card-flip");
    return now && is_kind("card-once") ? EIO : 0;
}

/* What a stale page shows: the byte as it was. */
static void show_cache(int fd, const struct stat *st, unsigned char *bytes, ssize_t got, off_t at)
{
    bool direct = fcntl(fd, F_GETFL) & O_DIRECT;
    bool stale = !direct && (is_kind("sticky") || (is_kind("stale") && !is_dropped));

    if (stale && is_bad(st) && bad_at >= at && bad_at < at + got)
        bytes[bad_at - at] = was;
}

static ssize_t read_at(int fd, void *bytes, size_t size, off_t at, bool moves)
{
    char path[LONGEST];
    struct stat st;
    bool ends = false, flips = false;
    int code = 0;

    if (!plan.on || !is_file(fd, &st))
        return moves ? syscall(SYS_read, (long) fd, bytes, (long) size)
                     : syscall(SYS_pread64, (long) fd, bytes, (long) size, (long) at);
    path_of_fd(fd, path);
    pthread_mutex_lock(&lock);
    code = before_reading(fd, path, &st, &ends, &flips);
    pthread_mutex_unlock(&lock);
    if (code) {
        errno = code;
        return -1;
    }
    if (ends)
        return 0;
    off_t from = moves ? lseek(fd, 0, SEEK_CUR) : at;
    ssize_t got = moves ? syscall(SYS_read, (long) fd, bytes, (long) size)
                        : syscall(SYS_pread64, (long) fd, bytes, (long) size, (long) at);
    pthread_mutex_lock(&lock);
    if (got > 0 && flips)
        ((unsigned char *) bytes)[plan.seed % (unsigned long) got] ^=
            (unsigned char) (1U << plan.seed % 8);
    if (got > 0)
        show_cache(fd, &st, bytes, got, from);
    pthread_mutex_unlock(&lock);
    return got;
}

EXPORT ssize_t read(int fd, void *bytes, size_t size)
{
    return read_at(fd, bytes, size, 0, true);
}

EXPORT ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
    return read_at(fd, bytes, size, at, false);
}

EXPORT ssize_t pread64(int fd, void *bytes, size_t size, off64_t at)
{
    return read_at(fd, bytes, size, at, false);
}

/* ---- the cache ---- */

static int advise(int fd, off_t at, off_t size, int advice)
{
    struct stat st;

    if (plan.on && advice == POSIX_FADV_DONTNEED && is_file(fd, &st)) {
        pthread_mutex_lock(&lock);
        is_dropped |= is_bad(&st);
        pthread_mutex_unlock(&lock);
    }
    long code = syscall(SYS_fadvise64, (long) fd, (long) at, (long) size, (long) advice);
    return code < 0 ? errno : 0;
}

EXPORT int posix_fadvise(int fd, off_t at, off_t size, int advice)
{
    return advise(fd, at, size, advice);
}

EXPORT int posix_fadvise64(int fd, off64_t at, off64_t size, int advice)
{
    return advise(fd, at, size, advice);
}

EXPORT int mincore(void *from, size_t length, unsigned char *pages)
{
    long result = syscall(SYS_mincore, from, (long) length, pages);
    pthread_mutex_lock(&lock);
    if (result == 0 && plan.on && is_kind("sticky") && happened)
        memset(pages, 1, (length + PAGE - 1) / PAGE);
    pthread_mutex_unlock(&lock);
    return (int) result;
}

/* ---- syncing, writing, naming ---- */

static int sync_file(int fd, long which)
{
    char path[LONGEST];
    struct stat st;
    int code = 0;
    long result = syscall(which, (long) fd);

    if (result < 0 || !plan.on || syscall(SYS_fstat, (long) fd, &st) < 0)
        return (int) result;
    path_of_fd(fd, path);
    bool spoils = is_kind("flip") || is_kind("stale") || is_kind("sticky");
    pthread_mutex_lock(&lock);
    if (side_of_path(path) == COPIES) {
        if (spoils && S_ISREG(st.st_mode) && st.st_size > 0 && is_now(path))
            spoil(fd, &st);
        else if (is_kind("syncs-fail") && is_now(path))
            code = EIO;
    }
    pthread_mutex_unlock(&lock);
    errno = code ? code : errno;
    return code ? -1 : 0;
}

EXPORT int fsync(int fd)
{
    return sync_file(fd, SYS_fsync);
}

EXPORT int fdatasync(int fd)
{
    return sync_file(fd, SYS_fdatasync);
}

static int before_writing(int fd)
{
    char path[LONGEST];
    int code = 0;

    if (!plan.on || (!is_kind("full") && !is_kind("write-eio")))
        return 0;
    path_of_fd(fd, path);
    if (side_of_path(path) != COPIES)
        return 0;
    pthread_mutex_lock(&lock);
    bool now = is_now(path);
    if (is_kind("full"))
        code = happened ? ENOSPC : 0;
    else
        code = now ? EIO : 0;
    pthread_mutex_unlock(&lock);
    return code;
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at, bool moves)
{
    int code = before_writing(fd);

    if (code) {
        errno = code;
        return -1;
    }
    return moves ? syscall(SYS_write, (long) fd, bytes, (long) size)
                 : syscall(SYS_pwrite64, (long) fd, bytes, (long) size, (long) at);
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
    return write_at(fd, bytes, size, 0, true);
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return write_at(fd, bytes, size, at, false);
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    return write_at(fd, bytes, size, at, false);
}

EXPORT int linkat(int from_dir, const char *from, int dir, const char *to, int flags)
{
    char path[LONGEST];
    long result = syscall(SYS_linkat, (long) from_dir, from, (long) dir, to, (long) flags);

    if (result < 0 || !plan.on || !is_kind("lost"))
        return (int) result;
    path_at(dir, to, path);
    pthread_mutex_lock(&lock);
    if (side_of_path(path) == COPIES && is_now(path))
        syscall(SYS_unlinkat, (long) dir, to, 0L);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* ---- the card that is not there any more ---- */

static bool is_gone(int dir, const char *name)
{
    char path[LONGEST];

    if (!plan.on || !is_kind("pull"))
        return false;
    path_at(dir, name, path);
    pthread_mutex_lock(&lock);
    bool gone = happened && side_of_path(path) == CARD;
    pthread_mutex_unlock(&lock);
    return gone;
}

/* How an opening fails instead of being made: an errno value, or 0. */
static int refusal(int dir, const char *name, int flags)
{
    if (is_gone(dir, name))
        return EIO;
    return plan.on && flags & O_DIRECT && is_kind("sticky") ? EINVAL : 0;
}

static int open_at(int dir, const char *name, int flags, mode_t mode)
{
    int code = refusal(dir, name, flags);

    if (code) {
        errno = code;
        return -1;
    }
    return (int) syscall(SYS_openat, (long) dir, name, (long) flags, (long) mode);
}

#define OPEN(function, before, dir)                                                                \
    EXPORT int function(before const char *name, int flags, ...)                                   \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(more, mode_t) : 0;   \
        va_end(more);                                                                              \
        return open_at(dir, name, flags, mode);                                                    \
    }
#define NOTHING
#define DIR_ARGUMENT int at,

OPEN(open, NOTHING, AT_FDCWD)
OPEN(open64, NOTHING, AT_FDCWD)
OPEN(openat, DIR_ARGUMENT, at)
OPEN(openat64, DIR_ARGUMENT, at)

EXPORT long syscall(long which, ...)
{
    static long (*real)(long, ...);
    long a[6];
    va_list more;

    if (!real)
        real = (long (*)(long, ...))(uintptr_t) dlsym(RTLD_NEXT, "syscall");
    va_start(more, which);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    if (which == SYS_openat2) {
        const struct open_how *how = (const struct open_how *) (intptr_t) a[2];
        int code = refusal((int) a[0], (const char *) (intptr_t) a[1], (int) how->flags);
        if (code) {
            errno = code;
            return -1;
        }
    }
    return real(which, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* A function that looks at a name, which the card that is gone has not. */
#define LOOK(type, name, failure, parameters, arguments, dir, path)                                \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        static type(*call) parameters;                                                             \
        if (!call)                                                                                 \
            call = (type(*) parameters)(uintptr_t) dlsym(RTLD_NEXT, #name);                        \
        if (is_gone(dir, path)) {                                                                  \
            errno = EIO;                                                                           \
            return failure;                                                                        \
        }                                                                                          \
        return call arguments;                                                                     \
    }

LOOK(DIR *, opendir, NULL, (const char *path), (path), AT_FDCWD, path)
LOOK(int, access, -1, (const char *path, int mode), (path, mode), AT_FDCWD, path)
LOOK(int, stat, -1, (const char *path, struct stat *st), (path, st), AT_FDCWD, path)
LOOK(int, stat64, -1, (const char *path, struct stat64 *st), (path, st), AT_FDCWD, path)
LOOK(int, lstat, -1, (const char *path, struct stat *st), (path, st), AT_FDCWD, path)
LOOK(int, lstat64, -1, (const char *path, struct stat64 *st), (path, st), AT_FDCWD, path)
LOOK(int, fstatat, -1, (int at, const char *path, struct stat *st, int flags),
     (at, path, st, flags), at, path)
LOOK(int, fstatat64, -1, (int at, const char *path, struct stat64 *st, int flags),
     (at, path, st, flags), at, path)
LOOK(int, statx, -1, (int at, const char *path, int flags, unsigned mask, struct statx *st),
     (at, path, flags, mask, st), at, path)

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-macro-parentheses) */
