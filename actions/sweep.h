/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sweep.h - filters of our own that look far around each pixel, at a picture in memory: what they
 * know of the window around a pixel they take along to the next one, and to the next row. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

/* Pixels of a row to be made. */
typedef struct SweepRun {
    void *to;
    int x, y, count;
    bool
        follows; /* the run before it was of the same x and count, in the row above: what `memory`
                    holds is of that one. Otherwise it holds what some other run left, at first 0 */
    void *memory;
} SweepRun;

typedef void (*SweepFunction)(const SweepRun *run, const void *state);

/* Calls `function` for runs that cover the picture `in`, which is in memory, to make one of `bands`
 * of `format` of it and of `other`, which is in memory, too; NULL: there is none. `state` is `size`
 * bytes, which are copied, and may point to both. Runs share `memory` bytes. Lazy and newly
 * referenced; NULL with libvips' error set. */
VipsImage *sweep_map(VipsImage *in, VipsImage *other, int bands, VipsBandFormat format,
                     SweepFunction function, const void *state, size_t size, size_t memory);
