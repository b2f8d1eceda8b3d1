/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shim - stops or troubles the daemon at a call by which it changes a file or its ledger.
 *
 * Loaded by LD_PRELOAD. It counts the points: calls of the C library, SQLite's among them, that
 * create, write, sync, name, remove or describe something below one of FAULTS_BELOW's directories.
 * Only hotfolderd, or FAULTS_PROGRAM, is touched; the shim takes itself out of the environment, so
 * that its workers are what they always are. By environment:
 *
 *     FAULTS_BELOW=DIR:DIR...        nothing is a point without it
 *     FAULTS_TRACE=FILE              appends a line a point: NUMBER CALL PATH
 *     FAULTS_KILL="N before|after"   SIGKILL to itself before or after the N-th point
 *     FAULTS_ERROR="CODE N COUNT"    the N-th and the next COUNT - 1 points fail with errno CODE
 *     FAULTS_NAME=PATH               nothing can be given this name: EILSEQ
 *     FAULTS_CURE=FILE               no point fails once this file is there
 *     FAULTS_CRASH=TEXT              SIGSEGV when it hands a worker a file with TEXT in its path
 *     FAULTS_NO_UNNAMED=1            no file system knows O_TMPFILE */
#undef _FILE_OFFSET_BITS /* else the headers rename what is to be defined here, once each */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LONGEST = 4096, NOTHING = -1, CREATES = O_CREAT | (O_TMPFILE & ~O_DIRECTORY) };

#define EXPORT __attribute__((visibility("default")))

/* Read before main(); nothing changes it afterwards. */
static struct {
    bool on;
    char *below, *cure, *crash, *name;
    bool no_unnamed;
    long kill_at, error_at, error_count;
    bool kill_after;
    int error;
    int trace;
} plan = { .trace = NOTHING };

static atomic_long points;

/* ---- the plan ---- */

static void read_kill(const char *text)
{
    char *end = NULL;

    if (!text)
        return;
    plan.kill_at = strtol(text, &end, 10);
    plan.kill_after = !strcmp(end, " after");
}

static void read_error(const char *text)
{
    char *end = NULL;

    if (!text)
        return;
    plan.error = (int) strtol(text, &end, 10);
    plan.error_at = strtol(end, &end, 10);
    plan.error_count = strtol(end, &end, 10);
}

static char *kept(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): before any thread */

    return value ? strdup(value) : NULL;
}

__attribute__((constructor)) static void begin(void)
{
    char *trace = kept("FAULTS_TRACE"), *kill_at = kept("FAULTS_KILL");
    char *error = kept("FAULTS_ERROR"), *no_unnamed = kept("FAULTS_NO_UNNAMED");

    char *program = kept("FAULTS_PROGRAM");

    if (!strcmp(program_invocation_short_name, program ? program : "hotfolderd")) {
        unsetenv("LD_PRELOAD"); /* NOLINT(concurrency-mt-unsafe): before any thread */
        plan.below = kept("FAULTS_BELOW");
        plan.cure = kept("FAULTS_CURE");
        plan.crash = kept("FAULTS_CRASH");
        plan.name = kept("FAULTS_NAME");
        plan.no_unnamed = no_unnamed != NULL;
        read_kill(kill_at);
        read_error(error);
        if (trace)
            plan.trace = (int) syscall(SYS_openat, AT_FDCWD, trace,
                                       O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0666);
        plan.on = plan.below != NULL;
    }
    free(program);
    free(trace);
    free(kill_at);
    free(error);
    free(no_unnamed);
}

/* ---- where a call leads ---- */

/* What the descriptor names: "" where there is no way to know. */
static void path_of_fd(int fd, char path[LONGEST])
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, LONGEST - 1);
    path[length > 0 ? length : 0] = '\0';
}

/* The path of `name` in `dir`, or of `dir` itself where name is NULL. */
static void path_of(int dir, const char *name, char path[LONGEST])
{
    if (name && *name == '/') {
        snprintf(path, LONGEST, "%s", name);
    } else if (dir == AT_FDCWD) {
        *path = '\0'; /* the daemon names nothing by its working directory */
    } else {
        path_of_fd(dir, path);
        size_t length = strlen(path);
        if (name && length)
            snprintf(path + length, LONGEST - length, "/%s", name);
    }
}

static bool is_below(const char *path)
{
    const char *part = plan.below;

    while (part && *part) {
        size_t length = strcspn(part, ":");
        if (length && !strncmp(path, part, length) && (!path[length] || path[length] == '/'))
            return true;
        part += length + (part[length] == ':');
    }
    return false;
}

/* ---- the points ---- */

static void end_now(void)
{
    for (;;) {
        syscall(SYS_kill, (long) getpid(), (long) SIGKILL);
        pause();
    }
}

static void trace(long number, const char *call, const char *path)
{
    char line[LONGEST + 64];

    if (plan.trace == NOTHING)
        return;
    int length = snprintf(line, sizeof(line), "%ld %s %s\n", number, call, path);
    syscall(SYS_write, (long) plan.trace, line, (long) length);
}

static bool gives_a_name(const char *call)
{
    return !strncmp(call, "rename", strlen("rename")) || !strcmp(call, "linkat");
}

static bool cured(void)
{
    return plan.cure && syscall(SYS_faccessat, (long) AT_FDCWD, plan.cure, (long) F_OK) == 0;
}

/* Before a call: its number, or 0 where it is no point. It does not return where the plan is to be
 * killed here. *code is how it fails instead of being made, or 0. */
static long reach(const char *call, int dir, const char *name, int *code)
{
    char path[LONGEST];
    int before = errno;
    long number = 0;

    *code = 0;
    if (!plan.on)
        return 0;
    path_of(dir, name, path);
    if (is_below(path)) {
        number = atomic_fetch_add(&points, 1) + 1;
        trace(number, call, path);
        if (number == plan.kill_at && !plan.kill_after)
            end_now();
        if (plan.error && number >= plan.error_at && number - plan.error_at < plan.error_count &&
            !cured())
            *code = plan.error;
        if (plan.name && !strcmp(path, plan.name) && gives_a_name(call))
            *code = EILSEQ;
    }
    errno = before;
    return number;
}

static void leave(long number)
{
    if (number && number == plan.kill_at && plan.kill_after)
        end_now();
}

/* The C library's own function, as a number: ISO C knows no way from an object's pointer to a
 * function's. Calls may come before begin(). */
static uintptr_t find(atomic_uintptr_t *real, const char *name)
{
    uintptr_t found = atomic_load(real);

    if (!found) {
        found = (uintptr_t) dlsym(RTLD_NEXT, name);
        atomic_store(real, found);
    }
    return found;
}

/* The C library's own names of parameters are reserved; a macro cannot put ( ) around a
 * declaration.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-macro-parentheses) */

/* A function that says failure by -1 and errno. `dir` and `path` are where it leads; a point only
 * where `counts`. */
#define WRAP(type, name, parameters, arguments, dir, path, counts)                                 \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        static atomic_uintptr_t real;                                                              \
        type(*call) parameters = (__typeof__(call)) find(&real, #name);                            \
        int code = 0;                                                                              \
        long number = (counts) ? reach(#name, dir, path, &code) : 0;                               \
        if (code) {                                                                                \
            errno = code;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        type result = call arguments;                                                              \
        leave(number);                                                                             \
        return result;                                                                             \
    }

/* One that returns the error's number. */
#define WRAP_CODE(name, parameters, arguments, fd)                                                 \
    EXPORT int name parameters                                                                     \
    {                                                                                              \
        static atomic_uintptr_t real;                                                              \
        int(*call) parameters = (__typeof__(call)) find(&real, #name);                             \
        int code = 0;                                                                              \
        long number = reach(#name, fd, NULL, &code);                                               \
        if (code)                                                                                  \
            return code;                                                                           \
        int result = call arguments;                                                               \
        leave(number);                                                                             \
        return result;                                                                             \
    }

/* open(2) and its kin: the mode is there only where something is created. */
static mode_t mode_of(int flags, va_list more)
{
    return flags & CREATES ? va_arg(more, mode_t) : 0;
}

static bool refused(int flags)
{
    return plan.no_unnamed && (flags & O_TMPFILE) == O_TMPFILE;
}

static int open_at(const char *call, int dir, const char *path, int flags, mode_t mode)
{
    int code = refused(flags) ? EOPNOTSUPP : 0;
    long number = !code && flags & CREATES ? reach(call, dir, path, &code) : 0;

    if (code) {
        errno = code;
        return -1;
    }
    int fd = (int) syscall(SYS_openat, (long) dir, path, (long) flags, (long) mode);
    leave(number);
    return fd;
}

#define OPEN(name)                                                                                 \
    EXPORT int name(const char *path, int flags, ...)                                              \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return open_at(#name, AT_FDCWD, path, flags, mode);                                        \
    }

#define OPENAT(name)                                                                               \
    EXPORT int name(int dir, const char *path, int flags, ...)                                     \
    {                                                                                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode_t mode = mode_of(flags, more);                                                        \
        va_end(more);                                                                              \
        return open_at(#name, dir, path, flags, mode);                                             \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
WRAP(int, creat, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path, true)
WRAP(int, creat64, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path, true)

WRAP(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), fd, NULL, true)
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), fd,
     NULL, true)
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
     fd, NULL, true)
WRAP(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd, NULL,
     true)
WRAP(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at),
     (fd, parts, count, at), fd, NULL, true)
WRAP(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at),
     (fd, parts, count, at), fd, NULL, true)
WRAP(ssize_t, copy_file_range,
     (int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags),
     (from, from_at, to, to_at, size, flags), to, NULL, true)
WRAP(ssize_t, sendfile, (int to, int from, off_t *at, size_t size), (to, from, at, size), to, NULL,
     true)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), fd, NULL, true)
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size), fd, NULL, true)
WRAP(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), fd, NULL, true)
WRAP(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), fd, NULL,
     true)
WRAP_CODE(posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size), fd)
WRAP_CODE(posix_fallocate64, (int fd, off64_t at, off64_t size), (fd, at, size), fd)

WRAP(int, fsync, (int fd), (fd), fd, NULL, true)
WRAP(int, fdatasync, (int fd), (fd), fd, NULL, true)

WRAP(int, link, (const char *from, const char *to), (from, to), AT_FDCWD, to, true)
WRAP(int, linkat, (int from_dir, const char *from, int dir, const char *to, int flags),
     (from_dir, from, dir, to, flags), dir, to, true)
WRAP(int, rename, (const char *from, const char *to), (from, to), AT_FDCWD, to, true)
WRAP(int, renameat, (int from_dir, const char *from, int dir, const char *to),
     (from_dir, from, dir, to), dir, to, true)
WRAP(int, renameat2, (int from_dir, const char *from, int dir, const char *to, unsigned flags),
     (from_dir, from, dir, to, flags), dir, to, true)
WRAP(int, unlink, (const char *path), (path), AT_FDCWD, path, true)
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), dir, path, true)
WRAP(int, rmdir, (const char *path), (path), AT_FDCWD, path, true)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path, true)
WRAP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), dir, path, true)

WRAP(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags),
     (fd, name, value, size, flags), fd, NULL, true)
WRAP(int, fremovexattr, (int fd, const char *name), (fd, name), fd, NULL, true)
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), fd, NULL, true)
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path, true)
WRAP(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), fd, NULL, true)
WRAP(int, futimens, (int fd, const struct timespec times[2]), (fd, times), fd, NULL, true)

/* ---- calls without a wrapper of their own ---- */

static bool creates(const long a[6])
{
    const struct open_how *how = (const struct open_how *) (intptr_t) a[2];

    return how->flags & CREATES;
}

EXPORT long syscall(long which, ...)
{
    static atomic_uintptr_t real;
    long (*call)(long, ...) = (__typeof__(call)) find(&real, "syscall");
    long a[6], number = 0;
    int code = 0;
    va_list more;

    va_start(more, which);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    if (which == SYS_openat2 && creates(a))
        number = reach("openat2", (int) a[0], (const char *) (intptr_t) a[1], &code);
    if (code) {
        errno = code;
        return -1;
    }
    long result = call(which, a[0], a[1], a[2], a[3], a[4], a[5]);
    leave(number);
    return result;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-macro-parentheses) */

/* ---- the picture that takes the daemon down ---- */

static bool hands_over(const struct msghdr *message)
{
    char path[LONGEST];
    int fd = NOTHING;

    const struct cmsghdr *c = message->msg_controllen ? CMSG_FIRSTHDR(message) : NULL;
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return false;
    memcpy(&fd, CMSG_DATA(c), sizeof(fd));
    path_of_fd(fd, path);
    return strstr(path, plan.crash) != NULL;
}

static int *volatile nowhere;

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    static atomic_uintptr_t real;
    ssize_t (*call)(int, const struct msghdr *, int) = (__typeof__(call)) find(&real, "sendmsg");

    if (plan.on && plan.crash && hands_over(message))
        *nowhere = 1; /* a true fault: raise(3) is held back where a thread blocks signals */
    return call(fd, message, flags);
}
