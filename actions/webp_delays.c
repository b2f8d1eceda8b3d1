/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/webp_delays.h"

#include <string.h>
#include <unistd.h>

#include "formats/bytes.h"

enum {
    WEBP_HEAD = 12,
    CHUNK_HEAD = 8,
    DURATION_AT = 12,    /* in the frame's chunk, three bytes */
    LIKE_A_BROWSER = 10, /* ms, up to which it becomes: */
    OF_LIBVIPS = 100,
};

/* As libvips wrote it. */
static unsigned written(int delay)
{
    return delay <= LIKE_A_BROWSER ? OF_LIBVIPS : (unsigned) delay;
}

static bool any_differs(const GArray *delays)
{
    for (guint i = 0; i < delays->len; i++)
        if (g_array_index(delays, int, i) <= LIKE_A_BROWSER)
            return true;
    return false;
}

/* The frames from *next on that were written with this duration altogether; -1: there are none. */
static int duration_of(const GArray *delays, guint *next, unsigned duration)
{
    unsigned sum = 0;
    int right = 0;

    while (*next < delays->len && sum < duration) {
        int delay = g_array_index(delays, int, (*next)++);
        sum += written(delay);
        right += MAX(delay, 0);
    }
    return sum == duration ? right : -1;
}

static bool set_duration(int fd, off_t at, const GArray *delays, guint *next, bool *known)
{
    unsigned char duration[4] = "";

    *known = pread(fd, duration, 3, at) == 3;
    int right = *known ? duration_of(delays, next, le32(duration)) : -1;
    *known &= right >= 0;
    const guint32 little = GUINT32_TO_LE((guint32) MAX(right, 0));
    return !*known || pwrite(fd, &little, 3, at) == 3;
}

bool webp_delays_set(int fd, const GArray *delays)
{
    unsigned char head[CHUNK_HEAD];
    bool known = true, good = true;
    guint next = 0;

    if (!any_differs(delays))
        return true;
    for (off_t at = WEBP_HEAD;
         good && known && pread(fd, head, sizeof(head), at) == (ssize_t) sizeof(head);
         at += CHUNK_HEAD + ((off_t) le32(head + 4) + 1) / 2 * 2)
        if (memcmp(head, "ANMF", 4) == 0)
            good = set_duration(fd, at + CHUNK_HEAD + DURATION_AT, delays, &next, &known);
    return good;
}
