/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* windows.h - filters of our own that look at the pixels around each one, its window. Beyond the
 * edges of a picture lie the pixels of its edges, again and again. */
#pragma once

#include <stddef.h>

#include "actions/libvips.h"

/* The windows of pixels in a row. The value `reach` rows below number i is at
 * `from + reach * step + i * sizeof(value)`, and that of the next pixel `bands` values later. */
typedef struct WindowsRun {
    const char *from, *other; /* the first value of both pictures; other: NULL, there is none */
    ptrdiff_t step, other_step;
    void *to;
    size_t count; /* of values: pixels times bands */
    int bands;    /* of both pictures, and of the result */
} WindowsRun;

typedef void (*WindowsFunction)(const WindowsRun *run, const void *state);

/* Calls `function` for runs that cover the picture `in`, to make one of `format` of it, and of
 * `other`, which has the same shape; NULL: there is none. It may look as many pixels far as
 * `across` and `down` say. `state` is `size` bytes, which are copied. Lazy and newly referenced;
 * NULL with libvips' error set. */
VipsImage *windows_map(VipsImage *in, VipsImage *other, int across, int down, VipsBandFormat format,
                       WindowsFunction function, const void *state, size_t size);
