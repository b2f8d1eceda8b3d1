/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gauss.h - a Gaussian blur: a large one takes no longer than a small one. */
#pragma once

#include "actions/shape.h"

/* `in` with each pixel spread by a normal distribution of `sigma` pixels; numbers on the same
 * scale. Alpha, if there is one, is to be multiplied into the colours before. Newly referenced;
 * NULL with libvips' error set. A large blur reads all of `in` at once. */
VipsImage *gauss_blurred(VipsImage *in, double sigma);

/* The same, but each row is read in order: for a small blur. */
VipsImage *gauss_in_order(VipsImage *in, double sigma);

/* How many times smaller, across and down, the copy is that a large blur makes in memory, of
 * floats; 1: none. */
int gauss_factor(double sigma);

/* Bytes that they hold. */
double gauss_held(const Shape *shape, double sigma);
double gauss_in_order_held(const Shape *shape, double sigma);

/* The plan of a step that does nothing else. */
void gauss_plan(Shape *shape, double sigma);

/* ---- for other blurs ---- */

/* A blurred picture has no detail that a smaller one lacks: what `filter` makes of a copy of `in`
 * that is `factor` times smaller, put into memory and made large again. */
VipsImage *gauss_by_smaller(VipsImage *in, int factor,
                            VipsImage *(*filter)(VipsImage *in, double setting), double setting);

/* Bytes that this holds. */
double gauss_by_smaller_held(const Shape *shape, int factor);
void gauss_by_smaller_plan(Shape *shape, int factor);

/* What is left of a variance, in pixels `factor` times as large, for the filter. */
double gauss_variance_left(double variance, int factor);
