/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What reads between samples is ours, since libvips' interpolators know three of these filters,
 * take one of 64 places between samples, and shift `nearest` by half a pixel. */
#include "actions/kernel.h"

#include <math.h>
#include <string.h>

#include "actions/lanczos.h"

const Choice kernel_choices[] = {
    { "auto", KERNEL_AUTO, "lanczos3 for what becomes smaller, cubic for the rest" },
    { "nearest", KERNEL_NEAREST, "the nearest pixel as it is: for drawings of single pixels" },
    { "linear", KERNEL_LINEAR, "straight between pixels: soft, without bright edges" },
    { "cubic", KERNEL_CUBIC, "curves between pixels: Catmull-Rom" },
    { "mitchell", KERNEL_MITCHELL, "softer curves, with less bright edges than cubic" },
    { "lanczos2", KERNEL_LANCZOS2, "a little sharper than cubic" },
    { "lanczos3", KERNEL_LANCZOS3, "the sharpest, with bright edges beside dark ones" },
    { 0 },
};

Kernel kernel_of(Kernel kernel, bool smaller)
{
    if (kernel != KERNEL_AUTO)
        return kernel;
    return smaller ? KERNEL_LANCZOS3 : KERNEL_CUBIC;
}

/* ---- weights ---- */

static const double reaches[] = {
    [KERNEL_AUTO] = 2,     [KERNEL_NEAREST] = 0.5, [KERNEL_LINEAR] = 1,   [KERNEL_CUBIC] = 2,
    [KERNEL_MITCHELL] = 2, [KERNEL_LANCZOS2] = 2,  [KERNEL_LANCZOS3] = 3,
};

double kernel_reach(Kernel kernel)
{
    return reaches[kernel];
}

/* The cubic filters of Mitchell and Netravali (1988), by their B and C. */
static double cubic(double x, double b, double c)
{
    if (x < 1)
        return ((12 - 9 * b - 6 * c) * x * x * x + (-18 + 12 * b + 6 * c) * x * x + 6 - 2 * b) / 6;
    return ((-b - 6 * c) * x * x * x + (6 * b + 30 * c) * x * x + (-12 * b - 48 * c) * x + 8 * b +
            24 * c) /
           6;
}

static double sinc(double x)
{
    return x < 1e-9 ? 1 : sin(G_PI * x) / (G_PI * x);
}

double kernel_weight(Kernel kernel, double x)
{
    if (kernel == KERNEL_NEAREST) /* of two that are as near the second, as a floor has it */
        return x > -0.5 && x <= 0.5 ? 1 : 0;
    x = fabs(x);
    if (x >= kernel_reach(kernel))
        return 0;
    switch (kernel) {
    case KERNEL_LINEAR:
        return 1 - x;
    case KERNEL_CUBIC:
        return cubic(x, 0, 0.5);
    case KERNEL_MITCHELL:
        return cubic(x, 1.0 / 3, 1.0 / 3);
    case KERNEL_LANCZOS2:
        return sinc(x) * sinc(x / 2);
    case KERNEL_LANCZOS3:
        return lanczos(x);
    case KERNEL_AUTO:
    case KERNEL_NEAREST:
        break;
    }
    g_assert_not_reached();
}

/* ---- between samples ---- */

/* Between two samples so many places are distinguished: of white beside black the weights are
 * within a tenth of a value of 255. */
enum { PLACES = 1024, TAPS_MOST = 2 * LANCZOS_LOBES, CUBIC = 4 };

struct KernelTable {
    int taps; /* in each direction */
    float weights[PLACES + 1][TAPS_MOST];
};

static KernelPixel load(const float *from)
{
    KernelPixel four;

    memcpy(&four, from, sizeof(four));
    return four;
}

/* Two pixels beside each other. Of three bands the first one is read with a value of the second,
 * which is read with one of the first. */
static inline KernelPixel pair_sum(const float *from, const float *weights, int bands)
{
    KernelPixel second = load(from + (bands == 3 ? 2 : bands));

    if (bands == 3)
        second = __builtin_shufflevector(second, second, 1, 2, 3, 0);
    return weights[0] * load(from) + weights[1] * second;
}

static inline KernelPixel row_sum(const float *from, const float *weights, int taps, int bands)
{
    KernelPixel sum = { 0 };

    if (bands >= 3 && taps == CUBIC)
        return pair_sum(from, weights, bands) +
               pair_sum(from + (ptrdiff_t) 2 * bands, weights + 2, bands);
    if (bands >= 3)
        for (int i = 0; i < taps; i += 2)
            sum += pair_sum(from + (ptrdiff_t) i * bands, weights + i, bands);
    else
        for (int i = 0; i < taps; i++)
            for (int band = 0; band < bands; band++)
                sum[band] += weights[i] * from[i * bands + band];
    return sum;
}

/* Bands and taps that the compiler knows cost half of others. */
static inline KernelPixel sum_of(const KernelTable *table, const VipsRegion *in, int bands,
                                 int taps, double x, double y)
{
    int left = (int) x, top = (int) y, before = taps / 2 - 1;
    const float *across = table->weights[(int) ((x - left) * PLACES + 0.5)];
    const float *down = table->weights[(int) ((y - top) * PLACES + 0.5)];
    const VipsPel *from =
        in->data + (ptrdiff_t) (top - before - in->valid.top) * in->bpl +
        (ptrdiff_t) (left - before - in->valid.left) * bands * (ptrdiff_t) sizeof(float);
    KernelPixel sum = { 0 };

    for (int i = 0; i < taps; i++, from += in->bpl)
        if (down[i] != 0)
            sum += down[i] * row_sum((const float *) (const void *) from, across, taps, bands);
    return sum;
}

KernelPixel kernel_between(const KernelTable *table, const VipsRegion *in, double x, double y)
{
    int bands = in->im->Bands, taps = table->taps;

    if (bands == 3 && taps == CUBIC)
        return sum_of(table, in, 3, CUBIC, x, y);
    if (bands == 4 && taps == CUBIC)
        return sum_of(table, in, 4, CUBIC, x, y);
    return sum_of(table, in, bands, taps, x, y);
}

KernelTable *kernel_table(Kernel kernel)
{
    const Kernel own = kernel_of(kernel, false);
    int reach = (int) ceil(kernel_reach(own));
    KernelTable *table = g_new0(KernelTable, 1);

    table->taps = 2 * reach;
    for (int place = 0; place <= PLACES; place++) {
        double sum = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < table->taps; i++) {
                double x = i - (reach - 1) - (double) place / PLACES;
                double weight = kernel_weight(own, x);
                if (pass)
                    table->weights[place][i] = (float) (weight / sum);
                else
                    sum += weight;
            }
    }
    return table;
}
