/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* warp.h - resamples a picture along a map, which says for each pixel of the result from which
 * place of the picture it comes.
 *
 * A filter makes a pixel of those around its place, of colours that count by their alpha. Where the
 * map makes the picture smaller, a pixel is the mean of as many places as it covers samples, so
 * that fine detail does not flicker. Edges are as smooth as one pixel of the result, but not those
 * of `nearest`. */
#pragma once

#include "actions/image.h"
#include "actions/kernel.h"
#include "config/param.h"

typedef struct WarpPlace {
    double x, y; /* 0, 0 is the middle of the first pixel */
} WarpPlace;

/* The place from which the middle of pixel x, y of the result comes; it may lie outside, and is NAN
 * where there is none. Along a row, and along a column, it moves evenly. */
typedef WarpPlace (*WarpMap)(const void *state, double x, double y);

typedef struct Warp {
    WarpMap map;
    const void *state; /* `size` bytes, which are copied */
    size_t size;
    int width, height; /* of the result */
    Kernel kernel;
    const Colour *background; /* borrowed; NULL: the result has nothing but the picture */
} Warp;

/* Takes the picture along. False with *err set. */
bool warp_image(Image *image, const Warp *warp, Error **err);

/* The same of pixels, which are read in any order, as a picture that is lazy and newly referenced;
 * NULL with libvips' error set. */
VipsImage *warp_pixels(VipsImage *pixels, const Warp *warp);

/* Makes of a picture's shape that of the result. False with *err of kind PICTURE where it is larger
 * than any picture. */
bool warp_plan(const Warp *warp, Shape *shape, Error **err);
