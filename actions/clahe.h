/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* clahe.h - contrast limited adaptive histogram equalization, as K. Zuiderveld describes it in
 * Graphics Gems IV (1994): the picture is divided into windows of one size, each of which has its
 * curve, and a pixel becomes a mean of the four curves of the windows around it.
 *
 * The curve of a window is the cumulative histogram of 256 bins. No bin counts more than `slope`
 * times the mean; what is cut off raises all bins that have room for it alike. Of a bin, half
 * counts as darker than its value, and black and white stay. Each colour is changed by itself, and
 * pixels that are fully transparent do not count. One thread. */
#pragma once

#include "actions/libvips.h"
#include "actions/shape.h"

/* The pixels (pixels.h), which are read at once, with as many windows across and down as there fit,
 * whose sides are `window` pixels, but at least 16. Lazy and newly referenced; NULL with libvips'
 * error set. */
VipsImage *clahe(VipsImage *pixels, double window, double slope);

/* Bytes that it holds of a picture, beside the pixels; 0 where there is no window. */
double clahe_held(const Shape *shape, double window);
