/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/histogram.h"

#include <math.h>

#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/rows.h"
#include "actions/samples.h"

enum { BANDS_MAX = 3, VALUES_8 = 256, VALUES_16 = 65536 };

struct Histogram {
    int bands, values;
    uint64_t *counts[BANDS_MAX + 1]; /* of each band, and of all */
};

static Histogram *histogram_empty(VipsImage *pixels)
{
    Histogram *histogram = g_new0(Histogram, 1);

    histogram->bands = pixels_colours(pixels);
    histogram->values = pixels->BandFmt == VIPS_FORMAT_UCHAR ? VALUES_8 : VALUES_16;
    for (int i = 0; i <= BANDS_MAX; i++)
        histogram->counts[i] = g_new0(uint64_t, histogram->values);
    return histogram;
}

void histogram_free(Histogram *histogram)
{
    for (int i = 0; histogram && i <= BANDS_MAX; i++)
        g_free(histogram->counts[i]);
    g_free(histogram);
}

/* ---- counting ---- */

static int value_at(VipsBandFormat format, const void *row, size_t at)
{
    if (format == VIPS_FORMAT_UCHAR)
        return ((const uint8_t *) row)[at];
    if (format == VIPS_FORMAT_USHORT)
        return ((const uint16_t *) row)[at];
    return (int) CLAMP(rintf(((const float *) row)[at]), 0, VALUES_16 - 1);
}

static void count_row(Histogram *histogram, const VipsImage *pixels, const void *row)
{
    int alpha = pixels->Bands > histogram->bands ? histogram->bands : 0;

    for (int x = 0; x < pixels->Xsize; x++) {
        size_t at = (size_t) x * (size_t) pixels->Bands;
        if (alpha && samples_get(pixels->BandFmt, row, at + (size_t) alpha) <= 0)
            continue;
        for (int band = 0; band < histogram->bands; band++)
            histogram->counts[band][value_at(pixels->BandFmt, row, at + (size_t) band)]++;
    }
}

/* A VipsRegionWrite. */
static int count_rows(VipsRegion *region, VipsRect *area, void *histogram)
{
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        count_row(histogram, region->im, VIPS_REGION_ADDR(region, 0, y));
    return 0;
}

static void add_up(Histogram *histogram)
{
    for (int band = 0; band < histogram->bands; band++)
        for (int i = 0; i < histogram->values; i++)
            histogram->counts[BANDS_MAX][i] += histogram->counts[band][i];
}

Histogram *histogram_new(VipsImage *pixels)
{
    g_autoptr(Histogram) histogram = histogram_empty(pixels);

    if (rows_each(pixels, count_rows, histogram))
        return NULL;
    add_up(histogram);
    return g_steal_pointer(&histogram);
}

/* ---- what was counted ---- */

int histogram_values(const Histogram *histogram)
{
    return histogram->values;
}

int histogram_bands(const Histogram *histogram)
{
    return histogram->bands;
}

const uint64_t *histogram_counts(const Histogram *histogram, int band)
{
    return histogram->counts[band == HISTOGRAM_ALL ? BANDS_MAX : band];
}

static uint64_t total(const Histogram *histogram, const uint64_t *counts)
{
    uint64_t sum = 0;

    for (int i = 0; i < histogram->values; i++)
        sum += counts[i];
    return sum;
}

/* The first value, from `at` on in steps of `step`, up to which there are more than `cut`; -1:
 * none. */
static int first_beyond(const Histogram *histogram, const uint64_t *counts, uint64_t cut, int at,
                        int step)
{
    uint64_t sum = 0;

    for (; at >= 0 && at < histogram->values; at += step)
        if ((sum += counts[at]) > cut)
            return at;
    return -1;
}

bool histogram_bounds(const Histogram *histogram, int band, double cutoff, double *low,
                      double *high)
{
    const uint64_t *counts = histogram_counts(histogram, band);
    uint64_t cut = (uint64_t) floor((double) total(histogram, counts) * cutoff / 100);
    int darkest = first_beyond(histogram, counts, cut, 0, 1);
    int lightest = first_beyond(histogram, counts, cut, histogram->values - 1, -1);

    *low = darkest / (histogram->values - 1.0);
    *high = lightest / (histogram->values - 1.0);
    return darkest >= 0 && darkest < lightest;
}

double histogram_mean(const Histogram *histogram, int band)
{
    const uint64_t *counts = histogram_counts(histogram, band);
    uint64_t count = total(histogram, counts);
    double sum = 0;

    for (int i = 0; i < histogram->values; i++)
        sum += (double) counts[i] * i;
    return count ? sum / ((double) count * (histogram->values - 1)) : 0;
}

double histogram_luma(const Histogram *histogram)
{
    double sum = 0;

    for (int band = 0; band < BANDS_MAX; band++)
        sum += colour_luma_601[band] * histogram_mean(histogram, MIN(band, histogram->bands - 1));
    return sum;
}
