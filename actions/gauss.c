/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/gauss.h"

#include <math.h>

/* Below this, a filter of all its pixels is fast enough. */
static const double small_sigma = 6;

/* In floats: with whole numbers libvips' filter is off by up to 3 of 255. */
static VipsImage *filtered(VipsImage *in, double sigma)
{
    VipsImage *out = NULL;

    return vips_gaussblur(in, &out, sigma, "min_ampl", 0.02, "precision", VIPS_PRECISION_FLOAT,
                          NULL)
               ? NULL
               : out;
}

/* What is left of sigma, in pixels `factor` times as large: joining pixels spreads them by a box,
 * and making them large again by a triangle. Their variances are (f^2 - 1) / 12 and f^2 / 6. */
static double sigma_between(double sigma, int factor)
{
    double squared = (double) factor * factor;
    double rest = sigma * sigma - (squared - 1) / 12 - squared / 6;

    return sqrt(rest) / factor;
}

int gauss_factor(double sigma)
{
    return sigma <= small_sigma ? 1 : (int) (sigma / (small_sigma / 2));
}

/* A blurred picture has no detail that a smaller one lacks. */
static VipsImage *by_smaller(VipsImage *in, double sigma, int factor)
{
    g_autoptr(VipsImage) shrunk = NULL;
    g_autoptr(VipsImage) soft = NULL;
    g_autoptr(VipsImage) memory = NULL;
    g_autoptr(VipsImage) large = NULL;
    int across = MIN(factor, in->Xsize);
    int down = MIN(factor, in->Ysize);
    VipsImage *out = NULL;

    if (vips_shrink(in, &shrunk, across, down, "ceil", TRUE, NULL) ||
        !(soft = filtered(shrunk, sigma_between(sigma, factor))) ||
        !(memory = vips_image_copy_memory(soft)) ||
        vips_resize(memory, &large, across, "vscale", (double) down, "kernel", VIPS_KERNEL_LINEAR,
                    NULL) ||
        vips_extract_area(large, &out, 0, 0, in->Xsize, in->Ysize, NULL))
        return NULL;
    return out;
}

/* From some times the picture's size on, all of it is one colour. */
VipsImage *gauss_blurred(VipsImage *in, double sigma)
{
    double most = 4.0 * MAX(in->Xsize, in->Ysize) + small_sigma;
    int factor = gauss_factor(MIN(sigma, most));

    return factor == 1 ? filtered(in, sigma) : by_smaller(in, MIN(sigma, most), factor);
}

/* Once as it is made, and once as it is read. */
double gauss_held(int width, int height, int bands, double sigma)
{
    double factor = gauss_factor(sigma);

    return factor > 1 ? 2 * ceil(width / factor) * ceil(height / factor) * bands * sizeof(float)
                      : 0;
}
