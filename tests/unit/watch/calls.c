/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/watch/calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

static Calls calls;

Calls calls_take(void)
{
    Calls taken = calls;

    calls = (Calls){ 0 };
    return taken;
}

/* The linker gives both names. */
#define WRAPPED(type, name, ...)                                                                   \
    type __real_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__);                                                               \
    type __wrap_##name(__VA_ARGS__)

/* Its arguments are as many as its kind of call has: the six that there can be are passed on. */
WRAPPED(long, syscall, long number, long a, long b, long c, long d, long e, long f)
{
    calls.opens++; /* there is no other that the watcher makes in this way: openat2 */
    return __real_syscall(number, a, b, c, d, e, f);
}

WRAPPED(int, open64, const char *path, int flags, mode_t mode)
{
    calls.opens++;
    return __real_open64(path, flags, mode);
}

WRAPPED(int, openat64, int at, const char *path, int flags, mode_t mode)
{
    calls.opens++;
    return __real_openat64(at, path, flags, mode);
}

WRAPPED(int, __open64_2, const char *path, int flags)
{
    calls.opens++;
    return __real___open64_2(path, flags);
}

WRAPPED(int, __openat64_2, int at, const char *path, int flags)
{
    calls.opens++;
    return __real___openat64_2(at, path, flags);
}

WRAPPED(int, fstat64, int fd, struct stat *st)
{
    calls.stats++;
    return __real_fstat64(fd, st);
}

WRAPPED(int, fstatat64, int at, const char *path, struct stat *st, int flags)
{
    calls.stats++;
    return __real_fstatat64(at, path, st, flags);
}

WRAPPED(int, statx, int at, const char *path, int flags, unsigned mask, struct statx *st)
{
    calls.stats++;
    return __real_statx(at, path, flags, mask, st);
}

WRAPPED(DIR *, fdopendir, int fd)
{
    calls.lists++;
    return __real_fdopendir(fd);
}
