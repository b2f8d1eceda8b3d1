/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* curves.h - curves that several actions use, as tones.h takes them: what a value from 0 (black) to
 * 1 (white) becomes. Results may be outside of that. Pure functions: any thread may call them. */
#pragma once

/* What lies between `black` and `white`, which is more, becomes all there is; a gamma above 1 then
 * makes the middle lighter. */
typedef struct Stretch {
    double black, white, gamma;
} Stretch;

double curve_stretch(const void *stretch, double value);

/* A straight line, `slope` times as steep as leaving all as it is, on which `pivot` stays. */
typedef struct Line {
    double slope, pivot;
} Line;

double curve_line(const void *line, double value);

/* The nearest of `count` values, which are equally far apart from black to white. */
double curve_nearest(double value, int count);

/* The first `bits` of a number of 8, the others 0. */
double curve_bits(double value, int bits);

/* A logistic function of this steepness around `pivot`, scaled so that black and white stay, as
 * ImageMagick has it: above 0 the middle is steeper, below 0 the ends are, by its inverse. */
typedef struct Sigmoid {
    double steepness, pivot;
} Sigmoid;

double curve_sigmoid(const void *sigmoid, double value);
