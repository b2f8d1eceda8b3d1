/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pixels.h - arithmetic on the pixels that actions work on, all of it rounded to the nearest.
 *
 * Pixels are grey or RGB (1 or 3 bands), or the same with alpha (2 or 4), which is not
 * premultiplied; of 8 bits, 16, or float on the scale of 16 bits. After `icc` to a profile of CMYK
 * they are four inks without alpha (see ACTION_INKS). Functions that give a picture are lazy; it is
 * newly referenced, or NULL with libvips' error set. */
#pragma once

#include "actions/blend.h"
#include "actions/libvips.h"

enum { PIXELS_INKS = 4 }; /* how many CMYK has */

/* A run of pixels in one row. */
typedef struct PixelsRun {
    const void *from, *other; /* where the pixels of both pictures are */
    void *to;                 /* where the results belong */
    int x, y, count;
} PixelsRun;

typedef void (*PixelsFunction)(const PixelsRun *run, const void *state);

/* Calls `function` for runs that cover the picture `in`, to make one of `bands` of `format` of it,
 * and of `other`, which has the same size; NULL: there is none. As many inks stay inks. `state` is
 * `size` bytes, which are copied; 0: it is not, and lives as long as the picture. */
VipsImage *pixels_map(VipsImage *in, VipsImage *other, int bands, VipsBandFormat format,
                      PixelsFunction function, const void *state, size_t size);

/* The value of white, and of opaque. */
double pixels_white(const VipsImage *pixels);

/* How many bands are colours: 1, 3 or PIXELS_INKS. */
int pixels_colours(const VipsImage *pixels);

/* The interpretation of grey or RGB pixels of a format. */
VipsInterpretation pixels_type(VipsBandFormat format, int bands);

/* A copy in memory, whose rows come in any order: libvips leaves the mark of a file that is read
 * from the top on it, for which all rows that are cut off would be made at once. The picture itself
 * where it is in memory. NULL: it cannot be made. */
VipsImage *pixels_in_memory(VipsImage *pixels);

/* The same in another format, on its scale. */
VipsImage *pixels_in_format(VipsImage *pixels, VipsBandFormat format);

/* The same as numbers of `bits`, 10 or 12, in the upper bits of 16. */
VipsImage *pixels_of_bits(VipsImage *pixels, int bits);

/* The same without alpha, on a background of that colour: a value of 0 to 255 for each colour. */
VipsImage *pixels_flattened(VipsImage *pixels, const double background[3]);

/* `mark` (with alpha, as many colours, any format, the same size) over the pixels; its opacity
 * counts `opacity` times, 0 to 1. Its colours count alone where the pixels are transparent, and
 * where they are opaque, those that `blend` makes of both. */
VipsImage *pixels_under(VipsImage *pixels, VipsImage *mark, double opacity, Blend blend);

/* The pixels, but what is transparent has the colours that are near it: for a filter that looks
 * `sigma` pixels far around each pixel. */
VipsImage *pixels_without_hidden(VipsImage *pixels, double sigma);
