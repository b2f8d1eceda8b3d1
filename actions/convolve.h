/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* convolve.h - replaces each pixel by a weighted sum of those around it. */
#pragma once

#include "actions/shape.h"

typedef struct ConvolveTap {
    int x, y; /* how far right and below it lies */
    float weight;
} ConvolveTap;

/* The sums of all bands, and `offset`, as floats; alpha, if there is one, is to be multiplied into
 * the colours before. Each row of taps, which stand together, is summed by itself. Beyond the edges
 * lie the pixels of the edges. Lazy and newly referenced; NULL with libvips' error set. */
VipsImage *convolve_with(VipsImage *in, const ConvolveTap *taps, int count, double offset);

/* The same for weights across, from `reach` pixels left to `reach` right, and then down. */
VipsImage *convolve_both(VipsImage *in, const double *weights, int reach);

/* Bytes of the rows that are in memory while so many above and below are looked at. */
double convolve_held(const Shape *shape, double reach);
