/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The interpolator is ours, since those of libvips know three of these filters, take one of 64
 * places between samples, and shift `nearest` by half a pixel. */
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

/* ---- an interpolator ---- */

/* Between two samples so many places are distinguished: of white beside black the weights are
 * within a tenth of a value of 255. */
enum { PLACES = 1024, TAPS_MOST = 2 * LANCZOS_LOBES, BANDS_MOST = 4 };

typedef struct KernelInterpolate {
    VipsInterpolate parent;
    int taps; /* in each direction */
    float weights[PLACES + 1][TAPS_MOST];
} KernelInterpolate;

typedef struct KernelInterpolateClass {
    VipsInterpolateClass parent;
} KernelInterpolateClass;

static GType kernel_interpolate_get_type(void);
G_DEFINE_TYPE(KernelInterpolate, kernel_interpolate, VIPS_TYPE_INTERPOLATE)

static void add_row(float *sum, const float *from, const float *weights, int taps, int bands,
                    float weight)
{
    for (int i = 0; i < taps; i++)
        for (int band = 0; band < bands; band++)
            sum[band] += weight * weights[i] * from[i * bands + band];
}

static void interpolate(VipsInterpolate *self, void *out, VipsRegion *in, double x, double y)
{
    const KernelInterpolate *kernel = (const KernelInterpolate *) self;
    int left = (int) floor(x), top = (int) floor(y), before = kernel->taps / 2 - 1;
    const float *across = kernel->weights[(int) ((x - left) * PLACES + 0.5)];
    const float *down = kernel->weights[(int) ((y - top) * PLACES + 0.5)];
    int bands = in->im->Bands;
    float sum[BANDS_MOST] = { 0 };

    g_assert(in->im->BandFmt == VIPS_FORMAT_FLOAT && bands <= BANDS_MOST);
    for (int i = 0; i < kernel->taps; i++)
        if (down[i] != 0)
            add_row(sum,
                    (const float *) (const void *) VIPS_REGION_ADDR(in, left - before,
                                                                    top - before + i),
                    across, kernel->taps, bands, down[i]);
    memcpy(out, sum, (size_t) bands * sizeof(float));
}

static int window_size(VipsInterpolate *self)
{
    return ((const KernelInterpolate *) self)->taps;
}

static void kernel_interpolate_class_init(KernelInterpolateClass *class)
{
    VIPS_OBJECT_CLASS(class)->nickname = "hotfolder-kernel";
    VIPS_OBJECT_CLASS(class)->description = "a filter of hotfolder";
    class->parent.interpolate = interpolate;
    class->parent.get_window_size = window_size;
}

static void kernel_interpolate_init(KernelInterpolate *self)
{
    self->taps = 0;
}

static void set_weights(KernelInterpolate *self, Kernel kernel)
{
    int reach = (int) ceil(kernel_reach(kernel));

    self->taps = 2 * reach;
    for (int place = 0; place <= PLACES; place++) {
        double sum = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < self->taps; i++) {
                double x = i - (reach - 1) - (double) place / PLACES;
                double weight = kernel_weight(kernel, x);
                if (pass)
                    self->weights[place][i] = (float) (weight / sum);
                else
                    sum += weight;
            }
    }
}

VipsInterpolate *kernel_interpolator(Kernel kernel)
{
    VipsInterpolate *made = g_object_new(kernel_interpolate_get_type(), NULL);

    set_weights((KernelInterpolate *) made, kernel_of(kernel, false));
    return made;
}
