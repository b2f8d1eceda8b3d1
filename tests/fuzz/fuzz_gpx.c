/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a track: points on the globe, each with a time, or an error that says what to do;
 * the same twice; and of a file that is cut off, no other points than of the whole one. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/gpx.h"

enum { MOST = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check(const GpxPoint *point)
{
    static const int64_t year_10000_ms = 253402300800000;

    demand(abs(point->latitude) <= 90 * GPX_DEGREE && abs(point->longitude) <= 180 * GPX_DEGREE);
    demand(point->at_ms < year_10000_ms && point->at_ms > -year_10000_ms);
}

static GArray *read_bytes(const uint8_t *data, size_t size)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(GpxPoint));
    g_autofree char *damage = NULL;
    g_autoptr(Error) error = NULL;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    demand(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
    bool good = gpx_read(fd, MOST, points, &damage, &error);
    close(fd);
    demand(good == !error && good == (points->len > 0) && points->len <= MOST);
    demand(good || (!damage && error->kind == ERROR_CONFIG && error->fix));
    for (guint i = 0; i < points->len; i++)
        check(&g_array_index(points, GpxPoint, i));
    return points;
}

static bool begins_with(const GArray *whole, const GArray *part)
{
    return !part->len || (part->len <= whole->len &&
                          !memcmp(whole->data, part->data, part->len * sizeof(GpxPoint)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GArray) whole = read_bytes(data, size);
    g_autoptr(GArray) again = read_bytes(data, size);
    g_autoptr(GArray) half = read_bytes(data, size / 2);

    demand(whole->len == again->len && begins_with(whole, again));
    if (whole->len) /* else its second half may be what was refused */
        demand(begins_with(whole, half));
    return 0;
}
