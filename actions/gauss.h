/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gauss.h - a Gaussian blur: a large one takes no longer than a small one. */
#pragma once

#include "actions/libvips.h"

/* `in` with each pixel spread by a normal distribution of `sigma` pixels; numbers on the same
 * scale. Alpha, if there is one, is to be multiplied into the colours before. Newly referenced;
 * NULL with libvips' error set. A large blur reads all of `in` at once. */
VipsImage *gauss_blurred(VipsImage *in, double sigma);

/* How many times smaller, across and down, the copy is that a large blur makes in memory, of
 * floats; 1: none. */
int gauss_factor(double sigma);

/* Bytes of that copy, for a picture of that size. */
double gauss_held(int width, int height, int bands, double sigma);
