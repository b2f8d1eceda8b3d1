/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* automatic.h - changes that the values of a whole picture ask for. What is fully transparent does
 * not count. Each function reads the pixels (pixels.h) at once, and gives a picture that is lazy
 * and newly referenced, or NULL with libvips' error set. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

/* Stretched so that the darkest value becomes black, and the lightest white, after `cutoff` % of
 * all are left out of account at either end: each colour by itself, or all alike. What has only one
 * value stays. */
VipsImage *automatic_levels(VipsImage *pixels, double cutoff, bool each);

/* The same of the lightness of RGB: hue and chroma stay. */
VipsImage *automatic_lightness(VipsImage *pixels, double cutoff);

/* Each value of a colour becomes the share of values that are darker, in whole steps of 255, as
 * Pillow reckons it; where the pixels are too few for one step, it stays. */
VipsImage *automatic_equal(VipsImage *pixels);
