/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wallclock - preloaded into a program, it moves the program's wall clock and nothing else.
 *
 * The file named by WALLCLOCK holds how many seconds; it may change at any time. What the kernel
 * waits for by its own clocks stays true, unlike with libfaketime, which also moves the absolute
 * times of timers on clocks that can't be set. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The headers have other names for the parameters, which only they may have. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

#define SHOWN __attribute__((visibility("default")))

static time_t jump(void)
{
    const char *file = getenv("WALLCLOCK");
    char text[32] = "";
    int before = errno, fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    errno = before;
    return got > 0 ? strtoll(text, NULL, 10) : 0;
}

SHOWN int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    int code = 0;

    if (!real)
        *(void **) &real = dlsym(RTLD_NEXT, "clock_gettime");
    code = real(id, now);
    if (code == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        now->tv_sec += jump();
    return code;
}

SHOWN int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time;
    int code = clock_gettime(CLOCK_REALTIME, &time);

    (void) zone;
    *now = (struct timeval){ time.tv_sec, time.tv_nsec / 1000 };
    return code;
}

SHOWN time_t time(time_t *at)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
