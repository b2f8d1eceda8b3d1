/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* automatic.h - changes that the values of a whole picture ask for. What is fully transparent does
 * not count. Each function reads the pixels (pixels.h) at once, and gives a picture that is lazy
 * and newly referenced, or NULL with libvips' error set. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

enum {
    LEVELS_TOGETHER,  /* of all colours alike */
    LEVELS_EACH,      /* of each colour by itself */
    LEVELS_LIGHTNESS, /* of the lightness of RGB: hue and chroma stay */
};

/* Stretched so that the darkest value becomes black, and the lightest white, after `cutoff` % of
 * all are left out of account at either end. What has only one value stays. */
VipsImage *automatic_levels(VipsImage *pixels, double cutoff, int way);

/* The mean of luma (Rec. 601), from 0 to 1. False with libvips' error set. */
bool automatic_luma(VipsImage *pixels, double *luma);

enum {
    BALANCE_NONE,
    BALANCE_GREY_WORLD,  /* red, green and blue get the same mean, that of all three */
    BALANCE_WHITE_PATCH, /* the largest red, green and blue become white */
};

/* Each colour multiplied by what that asks for, and by its own of the `factors`, all of which are
 * divided by what luma (Rec. 709) of white becomes with them; grey stays. Values are multiplied as
 * they are stored: in a curve that is an exponent this is the same as to multiply light, by another
 * number. */
VipsImage *automatic_balance(VipsImage *pixels, int way, const double factors[3]);

/* Each value of a colour becomes the share of values that are darker, in whole steps of 255, as
 * Pillow reckons it; where the pixels are too few for one step, it stays. */
VipsImage *automatic_equal(VipsImage *pixels);
