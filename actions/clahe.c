/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/clahe.h"

#include <math.h>
#include <string.h>

#include "actions/pixels.h"
#include "actions/rows.h"
#include "actions/samples.h"

enum { BINS = 256, COLOURS_MAX = 3, WINDOW_LEAST = 16 };

/* What the value of each bin becomes, 0 to 1. */
typedef struct Curve {
    float to[BINS];
} Curve;

typedef struct Clahe {
    VipsBandFormat format;
    int bands, colours, width, height;
    int across, down; /* windows */
    double slope, white;
    Curve *curves;          /* of each window, of each colour */
    int row;                /* of windows: which is counted */
    double (*counts)[BINS]; /* of each window in it, of each colour */
} Clahe;

static int windows(int pixels, double window)
{
    return (int) MAX(1, floor(pixels / MAX(window, WINDOW_LEAST)));
}

double clahe_held(const Shape *shape, double window)
{
    if (window == 0)
        return 0;
    double across = windows(shape->width, window), down = windows(shape->height, window);
    return across * shape->colours * (down * sizeof(Curve) + BINS * sizeof(double));
}

static void clahe_free(void *data)
{
    Clahe *clahe = data;

    g_free(clahe->curves);
    g_free(clahe->counts);
    g_free(clahe);
}

static Clahe *clahe_new(VipsImage *pixels, double window, double slope)
{
    Clahe *clahe = g_new0(Clahe, 1);

    clahe->format = pixels->BandFmt;
    clahe->bands = pixels->Bands;
    clahe->colours = pixels_colours(pixels);
    clahe->width = pixels->Xsize;
    clahe->height = pixels->Ysize;
    clahe->across = windows(pixels->Xsize, window);
    clahe->down = windows(pixels->Ysize, window);
    clahe->slope = slope;
    clahe->white = pixels_white(pixels);
    size_t in_a_row = (size_t) clahe->across * (size_t) clahe->colours;
    clahe->curves = g_malloc_n(in_a_row * (size_t) clahe->down, sizeof(Curve));
    clahe->counts = g_malloc0_n(in_a_row, sizeof(*clahe->counts));
    return clahe;
}

/* ---- the curve of a window ---- */

static double sum_of(const double *counts)
{
    double sum = 0;

    for (int i = 0; i < BINS; i++)
        sum += counts[i];
    return sum;
}

/* Cuts off what is over the limit, and gives it to bins that have room, to each as much, until
 * nothing is left. */
static void limit(double *counts, double most)
{
    static const double little = 1e-6;
    double over = 0;

    for (int i = 0; i < BINS; i++) {
        over += MAX(counts[i] - most, 0);
        counts[i] = MIN(counts[i], most);
    }
    for (int open = BINS; over > little * most && open > 0;) {
        double each = 0;
        open = 0;
        for (int i = 0; i < BINS; i++)
            open += counts[i] < most;
        each = open ? over / open : 0;
        for (int i = 0; i < BINS; i++) {
            double more = counts[i] < most ? MIN(each, most - counts[i]) : 0;
            counts[i] += more;
            over -= more;
        }
    }
}

static void make_curve(double *counts, double slope, Curve *curve)
{
    double sum = sum_of(counts), darker = 0;

    if (sum > 0)
        limit(counts, slope * sum / BINS);
    double whole = sum - (counts[0] + counts[BINS - 1]) / 2;
    for (int i = 0; i < BINS; i++) {
        curve->to[i] = (float) (sum > 0 ? darker / whole : (double) i / (BINS - 1));
        darker += (counts[i] + counts[MIN(i + 1, BINS - 1)]) / 2;
    }
}

/* ---- counting ---- */

static Curve *curves_at(const Clahe *clahe, int column, int row)
{
    return clahe->curves + ((size_t) row * clahe->across + column) * clahe->colours;
}

static void end_windows(Clahe *clahe)
{
    int count = clahe->across * clahe->colours;
    Curve *curves = curves_at(clahe, 0, clahe->row);

    for (int i = 0; i < count; i++)
        make_curve(clahe->counts[i], clahe->slope, &curves[i]);
    memset(clahe->counts, 0, (size_t) count * sizeof(*clahe->counts));
}

/* Where in the bins a sample lies: 0 to 255. */
static double place_of(const Clahe *clahe, const void *row, size_t at)
{
    double value = samples_get(clahe->format, row, at) * (BINS - 1) / clahe->white;

    return CLAMP(value, 0, BINS - 1);
}

static void count_row(Clahe *clahe, const void *row)
{
    for (int x = 0; x < clahe->width; x++) {
        size_t at = (size_t) x * (size_t) clahe->bands;
        int column = (int) ((int64_t) x * clahe->across / clahe->width);
        if (clahe->bands > clahe->colours &&
            samples_get(clahe->format, row, at + (size_t) clahe->colours) <= 0)
            continue;
        for (int i = 0; i < clahe->colours; i++)
            clahe->counts[column * clahe->colours + i]
                         [(int) rint(place_of(clahe, row, at + (size_t) i))]++;
    }
}

/* A VipsRegionWrite. */
static int count_rows(VipsRegion *region, VipsRect *area, void *user)
{
    Clahe *clahe = user;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        int row = (int) ((int64_t) y * clahe->down / clahe->height);
        if (row > clahe->row)
            end_windows(clahe);
        clahe->row = row;
        count_row(clahe, VIPS_REGION_ADDR(region, 0, y));
    }
    return 0;
}

/* ---- changing ---- */

/* Between which windows a pixel lies, and how near it is to the second. */
typedef struct Between {
    int first, second;
    float part;
} Between;

static Between between(int at, int pixels, int count)
{
    double place = CLAMP((at + 0.5) * count / pixels - 0.5, 0, count - 1);
    int first = (int) place;

    return (Between){ first, MIN(first + 1, count - 1), (float) (place - first) };
}

static float mix(float a, float b, float part)
{
    return a + (b - a) * part;
}

/* What a value in the bins becomes. */
static float curve_at(const Curve *curve, double place)
{
    int bin = MIN((int) place, BINS - 2);

    return mix(curve->to[bin], curve->to[bin + 1], (float) (place - bin));
}

/* The pixel whose first sample is number `at`. */
static void change_pixel(const Clahe *clahe, const PixelsRun *run, size_t at, Between across,
                         Between down)
{
    const Curve *a = curves_at(clahe, across.first, down.first);
    const Curve *b = curves_at(clahe, across.second, down.first);
    const Curve *c = curves_at(clahe, across.first, down.second);
    const Curve *d = curves_at(clahe, across.second, down.second);

    for (int i = 0; i < clahe->colours; i++) {
        double place = place_of(clahe, run->from, at + (size_t) i);
        float upper = mix(curve_at(a + i, place), curve_at(b + i, place), across.part);
        float lower = mix(curve_at(c + i, place), curve_at(d + i, place), across.part);
        samples_put(clahe->format, run->to, at + (size_t) i,
                    mix(upper, lower, down.part) * clahe->white);
    }
    for (int i = clahe->colours; i < clahe->bands; i++) /* alpha */
        samples_put(clahe->format, run->to, at + (size_t) i,
                    samples_get(clahe->format, run->from, at + (size_t) i));
}

static void change(const PixelsRun *run, const void *state)
{
    const Clahe *clahe = state;
    Between down = between(run->y, clahe->height, clahe->down);

    for (int x = 0; x < run->count; x++)
        change_pixel(clahe, run, (size_t) x * (size_t) clahe->bands,
                     between(run->x + x, clahe->width, clahe->across), down);
}

VipsImage *clahe(VipsImage *pixels, double window, double slope)
{
    Clahe *made = clahe_new(pixels, window, slope);
    int failed = rows_each(pixels, count_rows, made);

    end_windows(made);
    VipsImage *out =
        failed ? NULL : pixels_map(pixels, NULL, pixels->Bands, pixels->BandFmt, change, made, 0);
    if (out)
        g_object_set_data_full(G_OBJECT(out), "clahe", made, clahe_free);
    else
        clahe_free(made);
    return out;
}
