/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* failing.h - calls of a copier that fail, wait or let time pass, for the tests that link with
 * --wrap: pread64, write, fsync, clock_ms. */
#pragma once

#include <errno.h>
#include <pthread.h>
#include <sys/file.h>

#include "tests/unit/import/copying.h"
#include "tests/unit/openat.h"

enum { BUFFER = 1024 * 1024 };

/* ---- calls that fail ---- */

/* Where a call fails; nothing is said about the others. */
static struct {
    const char *read;      /* a part of the path of files whose reading fails, ... */
    int64_t read_at;       /* at this offset, or after it */
    atomic_int read_fails; /* so often */
    void (*before_read)(void);

    const char *write; /* the same of a destination's directory */
    atomic_int write_code;
    const char *slow;    /* writing there waits until release() */
    const char *hanging; /* the same of another one, and resume() */
    const char *locked;  /* the file of a lock that another one has at each writing */
    const char *sync;    /* fsync(2) of files there fails */
    bool unnamed_fails;
    atomic_int passed_ms; /* time that a test lets pass */
    atomic_int unlocked;  /* writings when it was free */
    atomic_int written;   /* bytes, in the slow one */
} fault;

static pthread_mutex_t slow_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t slow_cond = PTHREAD_COND_INITIALIZER;
static bool released, resumed;

static inline bool is_at(int fd, const char *part)
{
    char self[32], path[PATH_MAX];

    if (!part)
        return false;
    g_snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(self, path, sizeof(path) - 1);
    path[MAX(length, 0)] = '\0';
    return strstr(path, part) != NULL;
}

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
ssize_t __real_pread64(int fd, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t at)
{
    if (is_at(fd, "/card/") && fault.before_read)
        fault.before_read();
    if (!is_at(fd, fault.read) || at + (int64_t) length <= fault.read_at)
        return __real_pread64(fd, bytes, length, at);
    if (at < fault.read_at)
        return __real_pread64(fd, bytes, (size_t) (fault.read_at - at), at);
    if (atomic_fetch_sub(&fault.read_fails, 1) <= 0)
        return __real_pread64(fd, bytes, length, at);
    errno = EIO;
    return -1;
}

static inline void wait_for(const bool *flag)
{
    pthread_mutex_lock(&slow_lock);
    while (!*flag)
        pthread_cond_wait(&slow_cond, &slow_lock);
    pthread_mutex_unlock(&slow_lock);
}

static inline void set(bool *flag)
{
    pthread_mutex_lock(&slow_lock);
    *flag = true;
    pthread_cond_broadcast(&slow_cond);
    pthread_mutex_unlock(&slow_lock);
}

static inline void release(void)
{
    set(&released);
}

static inline void resume(void)
{
    set(&resumed);
}

static inline void check_locked(void)
{
    int fd = open(fault.locked, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        atomic_fetch_add(&fault.unlocked, 1);
    if (fd >= 0)
        close(fd);
}

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    if (is_at(fd, fault.slow)) {
        wait_for(&released);
        atomic_fetch_add(&fault.written, (int) length);
    }
    if (is_at(fd, fault.hanging))
        wait_for(&resumed);
    if (fault.locked && is_at(fd, "/to"))
        check_locked();
    int code = is_at(fd, fault.write) ? atomic_load(&fault.write_code) : 0;
    if (!code)
        return __real_write(fd, bytes, length);
    errno = code;
    return -1;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    if (!is_at(fd, fault.sync))
        return __real_fsync(fd);
    errno = EIO;
    return -1;
}

int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
    return __real_clock_ms() + atomic_load(&fault.passed_ms);
}

/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static int before_open(int flags, mode_t mode)
{
    (void) mode;
    return fault.unnamed_fails ? no_unnamed_files(flags) : 0;
}

static inline World *new_world(unsigned count)
{
    memset(&fault, 0, sizeof(fault));
    released = resumed = false;
    return world_new(count);
}

static inline void add_files(World *world, unsigned count, size_t size)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%03u.jpg", i);
        world_add(world, path, size);
    }
}
