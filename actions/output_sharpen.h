/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* output_sharpen.h - what a picture that became smaller loses of its crispness, given back:
 * lightness plus `amount` times what it differs from its mean over 3 x 3 pixels, weighted 1 2 1 in
 * each direction. Colours are moved as much as lightness: 0.299 R + 0.587 G + 0.114 B, which a JPEG
 * has as a plane. */
#pragma once

#include "actions/libvips.h"
#include "actions/planes.h"
#include "config/choice.h"

enum { OUTPUT_SHARPEN_NONE, OUTPUT_SHARPEN_LIGHT, OUTPUT_SHARPEN_STRONG };

enum { OUTPUT_SHARPEN_ROWS = 16 }; /* of pixels that it keeps at once, four times 128 in all */

extern const Choice output_sharpen_choices[];

/* The amount that a word stands for, 0 to 1. */
double output_sharpen_amount(int word);

/* Pixels as pixels.h says; neighbours are weighted by their alpha. Lazy and newly referenced; NULL
 * with libvips' error set. */
VipsImage *output_sharpen(VipsImage *pixels, double amount);

/* A plane of lightness, in place. */
void output_sharpen_plane(const Plane *plane, double amount);
