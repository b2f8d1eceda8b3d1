/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planes.h - a picture as a JPEG codes it: a plane of lightness, and two of colour (Y, Cb, Cr) that
 * may have fewer samples; grey has one plane. Samples have 8 bits.
 *
 * Planes do not change once they are made; each user holds a reference. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "actions/orientation.h"

/* Bytes behind the last sample that may be read. */
enum { PLANES_MOST = 3, PLANES_SPARE = 32 };

typedef struct Plane {
    uint8_t *samples; /* of its first row */
    size_t stride;    /* bytes from row to row */
    int width, height;
    double across, down; /* pixels of the picture that a sample covers; the first one begins where
                            the picture does, the last ones may leave it */
} Plane;

typedef struct Planes {
    gint users;        /* atomic */
    int width, height; /* of the picture, in pixels */
    int count;         /* 1 or 3 */
    Plane plane[PLANES_MOST];
    uint8_t *memory;
} Planes;

/* Samples of a plane, and those for which it has room. */
typedef struct PlaneSize {
    int width, height, wide, high;
} PlaneSize;

/* Planes of these sizes, not filled; the caller sets what their samples cover. NULL with libvips'
 * error set where memory lacks. */
Planes *planes_new(int width, int height, int count, const PlaneSize *sizes);

/* The same where a sample of colour covers `across` x `down` pixels, and one of lightness one. */
Planes *planes_new_sampled(int width, int height, int count, int across, int down);

double planes_bytes(const Planes *planes);

Planes *planes_ref(Planes *planes);
void planes_unref(Planes *planes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Planes, planes_unref)

/* Lets each row go on with its last sample, to its stride: a JPEG is written in whole blocks. */
void planes_complete(Planes *planes);

/* The same turned, newly allocated; NULL as above. What is mirrored begins with the last sample:
 * where that leaves the picture, so does the first one then. */
Planes *planes_turned(const Planes *in, TurnKind turn);

/* Pixels x to x + count - 1 of row y, grey or RGB, to `to`. Of planes that all have a sample for
 * each pixel. */
void planes_pixels(const Planes *planes, int x, int y, int count, uint8_t *to);
