/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/automatic.h"

#include <math.h>

#include "actions/curves.h"
#include "actions/histogram.h"
#include "actions/lightness.h"
#include "actions/tones.h"

/* ---- levels ---- */

VipsImage *automatic_levels(VipsImage *pixels, double cutoff, bool each)
{
    g_autoptr(Histogram) histogram = histogram_new(pixels);
    Stretch bounds[3];

    for (int band = 0; histogram && band < histogram_bands(histogram); band++) {
        Stretch *s = &bounds[band];
        if (histogram_bounds(histogram, each ? band : HISTOGRAM_ALL, cutoff, &s->black, &s->white))
            s->gamma = 1;
        else
            *s = (Stretch){ 0, 1, 1 };
    }
    return histogram ? tones_of_each(pixels, curve_stretch, bounds, each ? sizeof(*bounds) : 0)
                     : NULL;
}

VipsImage *automatic_lightness(VipsImage *pixels, double cutoff)
{
    g_autoptr(VipsImage) lightness = lightness_of(pixels);
    g_autoptr(VipsImage) more = lightness ? automatic_levels(lightness, cutoff, false) : NULL;

    return more ? lightness_put(pixels, more) : NULL;
}

/* ---- equal values ---- */

/* What each value becomes, from 0 to 1. */
typedef struct Ranks {
    double last;
    double *to;
} Ranks;

static double rank(const void *ranks, double value)
{
    const Ranks *r = ranks;

    return r->to[(size_t) rint(value * r->last)];
}

static void fill(const Ranks *ranks, const uint64_t *counts)
{
    uint64_t sum = 0, step = 0, darker = 0;
    size_t most = 0, last = (size_t) ranks->last;

    for (size_t i = 0; i <= last; i++) {
        sum += counts[i];
        most = counts[i] ? i : most;
    }
    step = (sum - counts[most]) / 255;
    for (size_t i = 0; i <= last; darker += counts[i++])
        ranks->to[i] = step ? (double) darker / ((double) step * 255) : (double) i / ranks->last;
}

VipsImage *automatic_equal(VipsImage *pixels)
{
    g_autoptr(Histogram) histogram = histogram_new(pixels);
    size_t values = histogram ? (size_t) histogram_values(histogram) : 1;
    g_autofree double *to = g_new0(double, 3 * values);
    Ranks ranks[3];

    for (int band = 0; histogram && band < histogram_bands(histogram); band++) {
        ranks[band] = (Ranks){ (double) values - 1, to + (size_t) band * values };
        fill(&ranks[band], histogram_counts(histogram, band));
    }
    return histogram ? tones_of_each(pixels, rank, ranks, sizeof(*ranks)) : NULL;
}
