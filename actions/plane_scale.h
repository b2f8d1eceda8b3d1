/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plane_scale.h - resamples a plane of 8 bits, each axis by itself: Lanczos with three lobes, as
 * libvips has it, from any place between samples.
 *
 * A sample stands in its middle. Beyond the part that may be seen the outermost sample goes on.
 * Numbers in between have 6 more bits, so that a result is rounded once. No state. */
#pragma once

#include <stdbool.h>

#include "actions/planes.h"

typedef enum PlaneFilter {
    PLANE_LANCZOS, /* any step; a step of 1 between whole samples copies them */
    PLANE_AVERAGE, /* a step of 2: as libjpeg halves colour */
    PLANE_LINEAR,  /* a step of 0.5: as libjpeg doubles colour */
} PlaneFilter;

/* How one axis is resampled: result i is taken where start + (i + 0.5) * step lies in the samples,
 * of which the first reaches from 0 to 1. */
typedef struct PlaneAxis {
    PlaneFilter filter;
    double start, step;
    int count;     /* of results */
    int low, high; /* samples that may be seen: low to high - 1 */
} PlaneAxis;

/* Fills so many planes from `out` on, of across->count x down->count samples, from as many that are
 * of one size. Behind the last sample of `in` that may be seen, PLANES_SPARE more bytes are read,
 * whatever they are. */
void plane_scale(const Plane *in, int count, const PlaneAxis *across, const PlaneAxis *down,
                 const Plane *out);
