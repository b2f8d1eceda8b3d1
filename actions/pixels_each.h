/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pixels_each.h - makes a picture of another, pixel by pixel. */
#pragma once

#include "actions/libvips.h"

/* Changes one pixel: as many values as the picture had bands, from 0 (black) to 1 (white); the
 * function leaves as many as it is to have. */
typedef void (*PixelsEach)(const void *state, float pixel[4]);

/* A picture of `bands` bands, in the format of `in` (pixels.h), rounded and limited to that; floats
 * are as they come out. `state` is `size` bytes, which are copied. Lazy and newly referenced; NULL
 * with libvips' error set. */
VipsImage *pixels_each(VipsImage *in, int bands, PixelsEach each, const void *state, size_t size);

/* The same of RGB, whose alpha stays; grey, which has no colour to change, stays too. */
VipsImage *pixels_each_colour(VipsImage *in, PixelsEach each, const void *state, size_t size);
