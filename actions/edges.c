/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/edges.h"

#include <string.h>

#include "actions/colour.h"
#include "actions/histogram.h"
#include "actions/pixels.h"
#include "actions/samples.h"
#include "actions/sweep.h"

/* ---- edges ---- */

typedef struct Finder {
    const VipsImage *in;
    int radius;
} Finder;

/* Beyond the edges lie the pixels of the edges, again and again. */
static const void *row_at(const Finder *finder, int y)
{
    return VIPS_IMAGE_ADDR(finder->in, 0, CLAMP(y, 0, finder->in->Ysize - 1));
}

static void add_row(const Finder *finder, double *sums, size_t first, size_t end, int y)
{
    const void *row = row_at(finder, y);

    for (size_t i = first; i < end; i++)
        sums[i] += samples_get(finder->in->BandFmt, row, i);
}

/* The sums of the columns, as high as the window: of the row above before. */
static void move_down(const Finder *finder, double *sums, size_t first, size_t end, int y)
{
    const void *out = row_at(finder, y - 1 - finder->radius);
    const void *in = row_at(finder, y + finder->radius);
    VipsBandFormat format = finder->in->BandFmt;

    for (size_t i = first; i < end; i++)
        sums[i] += samples_get(format, in, i) - samples_get(format, out, i);
}

static void sum_columns(const Finder *finder, const SweepRun *run, double *sums)
{
    size_t bands = (size_t) finder->in->Bands;
    size_t first = bands * (size_t) MAX(0, run->x - finder->radius);
    size_t end = bands * (size_t) MIN(finder->in->Xsize, run->x + run->count + finder->radius);

    if (run->follows) {
        move_down(finder, sums, first, end, run->y);
        return;
    }
    memset(sums + first, 0, (end - first) * sizeof(*sums));
    for (int y = run->y - finder->radius; y <= run->y + finder->radius; y++)
        add_row(finder, sums, first, end, y);
}

/* The sum of the column at x of one band. */
static double column(const Finder *finder, const double *sums, int x, int band)
{
    return sums[CLAMP(x, 0, finder->in->Xsize - 1) * finder->in->Bands + band];
}

static void find_in_band(const Finder *finder, const SweepRun *run, const double *sums, int band)
{
    VipsBandFormat format = finder->in->BandFmt;
    double white = samples_white(format);
    double pixels = (2.0 * finder->radius + 1) * (2.0 * finder->radius + 1);
    const void *row = row_at(finder, run->y);
    double sum = 0;

    for (int x = run->x - finder->radius; x <= run->x + finder->radius; x++)
        sum += column(finder, sums, x, band);
    for (int i = 0; i < run->count; i++) {
        int x = run->x + i;
        size_t bands = (size_t) finder->in->Bands;
        if (i > 0)
            sum += column(finder, sums, x + finder->radius, band) -
                   column(finder, sums, x - 1 - finder->radius, band);
        double own = samples_get(format, row, (size_t) x * bands + (size_t) band);
        samples_put(format, run->to, (size_t) i * bands + (size_t) band,
                    CLAMP(pixels * own - sum, 0, white));
    }
}

static void find(const SweepRun *run, const void *state)
{
    const Finder *finder = state;

    sum_columns(finder, run, run->memory);
    for (int band = 0; band < finder->in->Bands; band++)
        find_in_band(finder, run, run->memory, band);
}

VipsImage *edges_found(VipsImage *in, int radius)
{
    const Finder finder = { in, MIN(radius, EDGES_RADIUS_MAX) };

    return sweep_map(in, NULL, in->Bands, in->BandFmt, find, &finder, sizeof(finder),
                     (size_t) edges_held(in->Xsize, in->Bands));
}

double edges_held(int width, int colours)
{
    return (double) sizeof(double) * width * colours;
}

/* ---- drawing ---- */

typedef struct Drawing {
    int bands;
    double low, high; /* of the values */
} Drawing;

static double stretched(const Drawing *drawing, double value)
{
    if (drawing->low < drawing->high)
        return CLAMP((value - drawing->low) / (drawing->high - drawing->low), 0, 1);
    return value > drawing->high ? 1 : 0;
}

static void draw(const PixelsRun *run, const void *state)
{
    const Drawing *drawing = state;
    const float *from = run->from;
    float *to = run->to;

    for (int i = 0; i < run->count; i++, from += drawing->bands) {
        double sum = drawing->bands == 1 ? stretched(drawing, from[0]) : 0;
        for (int band = 0; band < drawing->bands && drawing->bands > 1; band++)
            sum += colour_luma_709[band] * stretched(drawing, from[band]);
        to[i] = (float) (1 - sum);
    }
}

/* Of floats on the scale of 16 bits, as a histogram counts them. */
static VipsImage *luma(VipsImage *edges, double white)
{
    g_autoptr(VipsImage) matrix =
        vips_image_new_matrix_from_array(3, 1, colour_luma_709, G_N_ELEMENTS(colour_luma_709));
    double scale = samples_white(VIPS_FORMAT_FLOAT) / white;
    g_autoptr(VipsImage) light = NULL;
    VipsImage *out = NULL;

    if (edges->Bands == 1 ? vips_copy(edges, &light, NULL)
                          : vips_recomb(edges, &light, matrix, NULL))
        return NULL;
    return vips_linear1(light, &out, scale, 0, NULL) ? NULL : out;
}

VipsImage *edges_drawn(VipsImage *edges, double white)
{
    static const double dark = 0.15, light = 0.05; /* % */
    g_autoptr(VipsImage) grey = luma(edges, white);
    g_autoptr(Histogram) histogram = grey ? histogram_new(grey) : NULL;
    Drawing drawing = { .bands = edges->Bands };
    double unused = 0;

    if (!histogram)
        return NULL;
    histogram_bounds(histogram, 0, dark, &drawing.low, &unused);
    histogram_bounds(histogram, 0, light, &unused, &drawing.high);
    drawing.low *= white;
    drawing.high *= white;
    return pixels_map(edges, NULL, 1, VIPS_FORMAT_FLOAT, draw, &drawing, sizeof(drawing));
}
