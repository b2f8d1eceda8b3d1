/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/rows.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VipsRegion, g_object_unref)

/* About as many pixels as libvips computes at a time, whose tiles may be narrower than the picture:
 * a scaler makes each strip's edges again, and higher strips take memory. */
static int rows_of_strip(VipsImage *pixels)
{
    enum { LEAST = 16 };
    int width = 0, height = 0, lines = 0;

    vips_get_tile_size(pixels, &width, &height, &lines);
    return MIN(height, MAX(LEAST, width * height / pixels->Xsize));
}

int rows_each(VipsImage *pixels, VipsRegionWrite take, void *user)
{
    g_autoptr(VipsRegion) region = vips_region_new(pixels);
    VipsRect strip = { .width = pixels->Xsize, .height = rows_of_strip(pixels) };
    int failed = vips_image_pio_input(pixels);

    for (; !failed && strip.top < pixels->Ysize; strip.top += strip.height) {
        strip.height = MIN(strip.height, pixels->Ysize - strip.top);
        failed = vips_region_prepare(region, &strip) || take(region, &strip, user);
    }
    vips_image_minimise_all(pixels);
    return failed ? -1 : 0;
}
