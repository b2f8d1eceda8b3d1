/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gpx.h - reads the points of tracks out of a GPX file, of version 1.0 or 1.1. Routes and waypoints
 * are left out: their times are not those at which somebody was there. One thread. */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* 1e-7 of a degree is a centimetre. */
enum { GPX_DEGREE = 10000000 };

typedef struct GpxPoint {
    int64_t at_ms;               /* since 1970, UTC */
    int32_t latitude, longitude; /* in GPX_DEGREE; north and east are positive */
    float altitude;              /* metres above the sea; NAN: the point does not say it */
} GpxPoint;

/* Appends the points of the file open as `fd`, from its offset on, that have a time, in the file's
 * order; `points` never becomes longer than `most`. A file that is damaged, or that was cut off,
 * gives those before the damage: *damage says it, newly allocated, and is NULL else. False with
 * *err of kind CONFIG where it is no GPX, has no such point or too many. */
bool gpx_read(int fd, guint most, GArray *points, char **damage, Error **err);
