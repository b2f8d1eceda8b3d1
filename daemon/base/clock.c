/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

char *clock_rfc3339(int64_t wall_ms)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall_ms / 1000);
    char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

    return text ? text : g_strdup("");
}

char *clock_text(int64_t wall_ms)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(wall_ms / 1000);
    bool today = clock_local_day(wall_ms) == clock_local_day(clock_wall_ms());
    char *text = time ? g_date_time_format(time, today ? "%H:%M" : "%Y-%m-%d %H:%M") : NULL;

    return text ? text : g_strdup("?");
}

int clock_local_day(int64_t wall_ms)
{
    const time_t seconds = (time_t) (wall_ms / 1000);
    struct tm local;

    return localtime_r(&seconds, &local)
               ? (local.tm_year + 1900) * 10000 + (local.tm_mon + 1) * 100 + local.tm_mday
               : 0;
}

static char boot_id[37];

static void read_boot_id(void)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (read(fd, boot_id, 36) != 36)
        boot_id[0] = '\0';
    close(fd);
}

const char *clock_boot_id(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, read_boot_id);
    return boot_id;
}

struct timespec clock_after(int64_t ms)
{
    struct timespec limit;

    clock_gettime(CLOCK_MONOTONIC, &limit);
    int64_t nsec = limit.tv_nsec + ms % 1000 * 1000000;
    limit.tv_sec += ms / 1000 + nsec / 1000000000;
    limit.tv_nsec = nsec % 1000000000;
    return limit;
}
