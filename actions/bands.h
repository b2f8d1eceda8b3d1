/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bands.h - takes alpha off pixels, puts it back, and mixes two pictures.
 *
 * Pixels are as pixels.h says. Each function gives a picture that is lazy and newly referenced, or
 * NULL with libvips' error set. */
#pragma once

#include "actions/libvips.h"

/* The first `count` bands. */
VipsImage *bands_first(VipsImage *in, int count);

/* Only the colours. */
VipsImage *bands_colours(VipsImage *pixels);

/* `in` without its ICC profile. */
VipsImage *bands_without_profile(VipsImage *in);

/* `colours`, which have no alpha, with the band of `in` that stands behind its first `from` bands,
 * on their scale; as they are where there is none. */
VipsImage *bands_with_alpha(VipsImage *colours, VipsImage *in, int from);

/* Grey as three bands that are the same, with its alpha. */
VipsImage *bands_grey_as_three(VipsImage *grey);

/* Floats on the same scale, colours multiplied by alpha; as they are without alpha. */
VipsImage *bands_premultiplied(VipsImage *pixels);
VipsImage *bands_unpremultiplied(VipsImage *pixels);

/* Numbers on the scale of `format` as pixels of it: rounded and limited to it. */
VipsImage *bands_rounded(VipsImage *in, VipsBandFormat format);

/* `after` over `before`, both of one size and format; `amount`, 0 to 1, is how much of it shows,
 * where `mask` (one band of 8 bits, the same size; NULL: everywhere) is white. RGB where one of
 * them is, with alpha where one has it. */
VipsImage *bands_mixed(VipsImage *before, VipsImage *after, double amount, VipsImage *mask);
