/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/gauss.h"

#include <math.h>

#include "actions/convolve.h"
#include "actions/pixels.h"

/* Up to twice this, a filter of all its pixels is fast enough. */
static const double small_sigma = 4;

/* What lies farther than this many sigma is less than a thousandth. */
static const double far = 3.5;

VipsImage *gauss_in_order(VipsImage *in, double sigma)
{
    int reach = (int) ceil(far * sigma);
    g_autofree double *weights = g_new0(double, 2 * reach + 1);
    double sum = 0;

    for (int i = -reach; i <= reach; i++)
        sum += weights[i + reach] = exp(-i * i / (2 * sigma * sigma));
    for (int i = 0; i <= 2 * reach; i++)
        weights[i] /= sum;
    return convolve_both(in, weights, reach);
}

/* Joining pixels spreads them by a box, and making them large again by a triangle: their variances
 * are (f^2 - 1) / 12 and f^2 / 6. */
double gauss_variance_left(double variance, int factor)
{
    double squared = (double) factor * factor;

    return (variance - (squared - 1) / 12 - squared / 6) / squared;
}

int gauss_factor(double sigma)
{
    return (int) MAX(1, sigma / small_sigma);
}

/* How many blocks of pixels a side has, with one before it and one behind. */
static int blocks(int pixels, int factor)
{
    return (pixels + factor - 1) / factor + 2;
}

/* A pixel of each block. The pixels of the edges lie beyond them: what `filter` then sees there is
 * that, and not the mean of the block at the edge. */
static VipsImage *shrunk(VipsImage *in, int across, int down)
{
    g_autoptr(VipsImage) floats = NULL;
    g_autoptr(VipsImage) wide = NULL;
    VipsImage *out = NULL;

    if (vips_cast_float(in, &floats, NULL) ||
        vips_embed(floats, &wide, across, down, blocks(in->Xsize, across) * across,
                   blocks(in->Ysize, down) * down, "extend", VIPS_EXTEND_COPY, NULL) ||
        vips_shrink(wide, &out, across, down, NULL))
        return NULL;
    return out;
}

/* The middle of each pixel becomes that of its block: vips_resize() moves all of them by half a
 * pixel. */
static VipsImage *enlarged(VipsImage *small, int across, int down, const VipsImage *like)
{
    g_autoptr(VipsInterpolate) linear = vips_interpolate_new("bilinear");
    VipsArrayInt *area = vips_array_int_newv(4, 0, 0, like->Xsize, like->Ysize);
    VipsImage *out = NULL;
    int failed = vips_affine(small, &out, across, 0, 0, down, "oarea", area, "odx",
                             (across - 1) / 2.0 - across, "ody", (down - 1) / 2.0 - down,
                             "interpolate", linear, NULL);

    vips_area_unref(VIPS_AREA(area));
    return failed ? NULL : out;
}

VipsImage *gauss_by_smaller(VipsImage *in, int factor,
                            VipsImage *(*filter)(VipsImage *in, double setting), double setting)
{
    int across = MIN(factor, in->Xsize);
    int down = MIN(factor, in->Ysize);
    g_autoptr(VipsImage) small = shrunk(in, across, down);
    g_autoptr(VipsImage) soft = small ? filter(small, setting) : NULL;
    g_autoptr(VipsImage) memory = soft ? pixels_in_memory(soft) : NULL;

    return memory ? enlarged(memory, across, down, in) : NULL;
}

static Shape small_shape(const Shape *shape, int factor)
{
    Shape small = *shape;

    small.width = blocks(shape->width, factor);
    small.height = blocks(shape->height, factor);
    small.format = VIPS_FORMAT_FLOAT;
    return small;
}

/* Rows that are already lower wait for those of the picture in a cache (vips_shrinkv()). */
static double making_smaller(const Shape *shape, const Shape *small)
{
    enum { CACHE = 4 * 128 };
    double row = shape_bytes(small) / small->width / small->height * shape->width;
    double reach = far * 2 * small_sigma;

    return convolve_held(small, reach) + (shape->in_order ? row * MIN(CACHE, small->height) : 0);
}

double gauss_by_smaller_held(const Shape *shape, int factor)
{
    const Shape small = small_shape(shape, factor);

    return shape_bytes(&small) + making_smaller(shape, &small);
}

void gauss_by_smaller_plan(Shape *shape, int factor)
{
    const Shape small = small_shape(shape, factor);

    shape->held = shape_bytes(&small);
    shape->making = making_smaller(shape, &small);
    shape->let_go = true;
}

double gauss_in_order_held(const Shape *shape, double sigma)
{
    return convolve_held(shape, far * sigma);
}

double gauss_held(const Shape *shape, double sigma)
{
    int factor = gauss_factor(sigma);

    return factor == 1 ? gauss_in_order_held(shape, sigma) : gauss_by_smaller_held(shape, factor);
}

void gauss_plan(Shape *shape, double sigma)
{
    int factor = gauss_factor(sigma);

    if (factor > 1)
        gauss_by_smaller_plan(shape, factor);
    else
        shape->held = gauss_in_order_held(shape, sigma);
}

/* From some times the picture's size on, all of it is one colour. */
VipsImage *gauss_blurred(VipsImage *in, double sigma)
{
    double most = MIN(sigma, 4.0 * MAX(in->Xsize, in->Ysize) + small_sigma);
    int factor = gauss_factor(most);

    if (factor == 1)
        return gauss_in_order(in, sigma);
    return gauss_by_smaller(in, factor, gauss_in_order,
                            sqrt(gauss_variance_left(most * most, factor)));
}
