/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/curves.h"

#include <glib.h>
#include <math.h>

double curve_stretch(const void *stretch, double value)
{
    const Stretch *s = stretch;
    double part = (value - s->black) / (s->white - s->black);

    return s->gamma == 1 ? part : pow(CLAMP(part, 0, 1), 1 / s->gamma);
}

double curve_line(const void *line, double value)
{
    const Line *l = line;

    return l->pivot + (value - l->pivot) * l->slope;
}

double curve_nearest(double value, int count)
{
    return floor(value * (count - 1) + 0.5) / (count - 1);
}

double curve_bits(double value, int bits)
{
    static const double rounding = 1e-9; /* what is a whole number stays one */
    double step = ldexp(1, 8 - bits) / 255;

    return floor(value / step + rounding) * step;
}

static double logistic(double steepness, double pivot, double value)
{
    return tanh(steepness / 2 * (value - pivot));
}

double curve_sigmoid(const void *sigmoid, double value)
{
    static const double least = 1e-12; /* what is less steep is a straight line */
    const Sigmoid *s = sigmoid;
    double steep = fabs(s->steepness);
    double low = logistic(steep, s->pivot, 0), high = logistic(steep, s->pivot, 1);

    if (steep < least)
        return value;
    if (s->steepness > 0)
        return (logistic(steep, s->pivot, value) - low) / (high - low);
    return s->pivot + 2 / steep * atanh(CLAMP(low + value * (high - low), low, high));
}
