/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/convolve.h"

#include <stdlib.h>
#include <string.h>

#include "actions/windows.h"

typedef struct Kernel {
    float offset;
    int count;
    ConvolveTap taps[];
} Kernel;

/* Some values of a row: those of several pixels are one sum. */
typedef float Values __attribute__((vector_size(16)));

enum { VALUES = sizeof(Values) / sizeof(float) };

static Values values_at(const char *from, size_t count)
{
    Values values = { 0 };

    if (count >= VALUES)
        memcpy(&values, from, sizeof(values));
    else
        memcpy(&values, from, count * sizeof(float));
    return values;
}

/* From `from` on; `offsets` are those of the taps, in bytes. */
static Values sums_at(const Kernel *kernel, const ptrdiff_t *offsets, const char *from,
                      size_t count)
{
    const Values none = { 0 };
    Values total = none + kernel->offset;
    Values row = none;

    for (int i = 0; i < kernel->count; i++) {
        row += values_at(from + offsets[i], count) * kernel->taps[i].weight;
        if (i == kernel->count - 1 || kernel->taps[i + 1].y != kernel->taps[i].y) {
            total += row;
            row = none;
        }
    }
    return total;
}

static void sum_run(const WindowsRun *run, const void *state)
{
    const Kernel *kernel = state;
    g_autofree ptrdiff_t *offsets = g_new(ptrdiff_t, kernel->count);
    float *to = run->to;

    for (int i = 0; i < kernel->count; i++)
        offsets[i] = kernel->taps[i].y * run->step +
                     kernel->taps[i].x * (ptrdiff_t) sizeof(float) * run->bands;
    for (size_t at = 0; at < run->count; at += VALUES) {
        size_t count = MIN(VALUES, run->count - at);
        Values sums = sums_at(kernel, offsets, run->from + at * sizeof(float), count);
        memcpy(to + at, &sums, count * sizeof(float));
    }
}

VipsImage *convolve_with(VipsImage *in, const ConvolveTap *taps, int count, double offset)
{
    size_t size = sizeof(Kernel) + (size_t) count * sizeof(ConvolveTap);
    g_autofree Kernel *kernel = g_malloc0(size);
    g_autoptr(VipsImage) floats = NULL;
    int across = 0;
    int down = 0;

    *kernel = (Kernel){ .offset = (float) offset, .count = count };
    for (int i = 0; i < count; i++) {
        kernel->taps[i] = taps[i];
        across = MAX(across, abs(taps[i].x));
        down = MAX(down, abs(taps[i].y));
    }
    if (vips_cast_float(in, &floats, NULL))
        return NULL;
    return windows_map(floats, NULL, across, down, VIPS_FORMAT_FLOAT, sum_run, kernel, size);
}

static VipsImage *along(VipsImage *in, const double *weights, int reach, bool down)
{
    int count = 2 * reach + 1;
    g_autofree ConvolveTap *taps = g_new(ConvolveTap, count);

    for (int i = 0; i < count; i++)
        taps[i] = (ConvolveTap){ down ? 0 : i - reach, down ? i - reach : 0, (float) weights[i] };
    return convolve_with(in, taps, count, 0);
}

/* Down first: rows that are made are then not made again. */
VipsImage *convolve_both(VipsImage *in, const double *weights, int reach)
{
    g_autoptr(VipsImage) columns = along(in, weights, reach, true);

    return columns ? along(columns, weights, reach, false) : NULL;
}

/* As floats, with the edges, and of what is made of them. */
double convolve_held(const Shape *shape, double reach)
{
    double row = (double) shape->width * (shape->colours + shape->alpha) * sizeof(float);

    return 3 * 2 * reach * row;
}
