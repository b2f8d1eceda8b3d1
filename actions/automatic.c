/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/automatic.h"

#include <math.h>

#include "actions/colour.h"
#include "actions/curves.h"
#include "actions/histogram.h"
#include "actions/lightness.h"
#include "actions/pixels.h"
#include "actions/pixels_each.h"
#include "actions/tones.h"

/* ---- levels ---- */

static VipsImage *stretched(VipsImage *pixels, double cutoff, bool each)
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

static VipsImage *stretched_lightness(VipsImage *pixels, double cutoff)
{
    g_autoptr(VipsImage) lightness = lightness_of(pixels);
    g_autoptr(VipsImage) more = lightness ? stretched(lightness, cutoff, false) : NULL;

    return more ? lightness_put(pixels, more) : NULL;
}

VipsImage *automatic_levels(VipsImage *pixels, double cutoff, int way)
{
    return way == LEVELS_LIGHTNESS && pixels_colours(pixels) > 1
               ? stretched_lightness(pixels, cutoff)
               : stretched(pixels, cutoff, way == LEVELS_EACH);
}

bool automatic_luma(VipsImage *pixels, double *luma)
{
    g_autoptr(Histogram) histogram = histogram_new(pixels);

    if (histogram)
        *luma = histogram_luma(histogram);
    return histogram;
}

/* ---- balance ---- */

/* What a way asks to multiply each colour by; false with libvips' error set. */
static bool measure(int way, VipsImage *pixels, double gains[3])
{
    g_autoptr(Histogram) histogram = way == BALANCE_NONE ? NULL : histogram_new(pixels);
    double mean = 0;

    for (int i = 0; histogram && i < 3; i++)
        mean += histogram_mean(histogram, i) / 3;
    for (int i = 0; histogram && i < 3; i++) {
        double least = 0, most = 0;
        histogram_bounds(histogram, i, 0, &least, &most);
        double now = way == BALANCE_WHITE_PATCH ? most : histogram_mean(histogram, i);
        gains[i] = now > 0 ? (way == BALANCE_WHITE_PATCH ? 1 : mean) / now : 1;
    }
    return way == BALANCE_NONE || histogram;
}

static void multiply(const void *state, float pixel[4])
{
    const float *gains = state;

    for (int i = 0; i < 3; i++)
        pixel[i] *= gains[i];
}

VipsImage *automatic_balance(VipsImage *pixels, int way, const double factors[3])
{
    double gains[] = { 1, 1, 1 }, white = 0;
    float both[3];

    if (pixels_colours(pixels) > 1 && !measure(way, pixels, gains))
        return NULL;
    for (int i = 0; i < 3; i++)
        white += colour_luma_709[i] * factors[i];
    for (int i = 0; i < 3; i++)
        both[i] = (float) (gains[i] * factors[i] / white);
    return pixels_each_colour(pixels, multiply, both, sizeof(both));
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
