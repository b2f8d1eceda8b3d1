/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* histogram.h - how often each value is in a picture, and what follows from that: its mean, and
 * between which values most of it lies.
 *
 * A pixel that is fully transparent does not count; any other counts once. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "actions/libvips.h"

typedef struct Histogram Histogram;

/* In place of a band: the values of all bands, in one heap. */
enum { HISTOGRAM_ALL = -1 };

/* Of all pixels (pixels.h), which are read at once: those of 8 bits have 256 values, others 65536,
 * to which floats are rounded. NULL with libvips' error set. */
Histogram *histogram_new(VipsImage *pixels);
void histogram_free(Histogram *histogram);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Histogram, histogram_free)

/* How many values there are, 256 or 65536, and how often each one is in a band; borrowed. */
int histogram_values(const Histogram *histogram);
const uint64_t *histogram_counts(const Histogram *histogram, int band);

/* How many bands are colours: 1 or 3. */
int histogram_bands(const Histogram *histogram);

/* The values, 0 (black) to 1 (white), that remain the darkest and the lightest where `cutoff` % of
 * all are taken away at either end, rounded down to whole ones, as Pillow does it. False where no
 * two different ones remain. */
bool histogram_bounds(const Histogram *histogram, int band, double cutoff, double *low,
                      double *high);

/* The mean of a band's values, and that of luma (Rec. 601, as colour.h has it); 0 to 1. Of
 * no pixels: 0. */
double histogram_mean(const Histogram *histogram, int band);
double histogram_luma(const Histogram *histogram);
