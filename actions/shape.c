/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/shape.h"

#include <math.h>

#include "actions/pixels.h"

double shape_bytes(const Shape *shape)
{
    return (double) shape->width * shape->height * (shape->colours + shape->alpha) *
           (double) vips_format_sizeof_unsafe(shape->format);
}

/* Measured at widths of 6,000 and 9,000: 3 to 4 KB a column of 8 bits at most, with all steps but
 * those that say themselves what they hold. */
double shape_rows(const Shape *shape)
{
    enum { ROWS = 4096 };

    return (double) ROWS * shape->width * (double) vips_format_sizeof_unsafe(shape->format);
}

/* Colours that are weighted by alpha or are light are wider numbers. Without either the other rows
 * are enough. */
static size_t resampled_bytes(const Shape *shape, bool linear)
{
    if (linear)
        return sizeof(float);
    if (!shape->alpha)
        return 0;
    return shape->format == VIPS_FORMAT_UCHAR ? sizeof(uint16_t) : sizeof(float);
}

/* Measured at a width of 6,000: 560 to 620 rows; of a picture that becomes much narrower, those
 * in which whole pixels were joined first. */
double shape_resampling(const Shape *from, const Shape *to, bool linear)
{
    enum { ROWS = 640, REDUCED = 2 };
    double joined = MAX(1, floor((double) from->width / to->width / REDUCED));

    if (from->width == to->width && from->height == to->height)
        return 0;
    return ROWS * (MAX(from->width, to->width) / joined) * (from->colours + from->alpha) *
           (double) resampled_bytes(from, linear);
}

Shape shape_of(const VipsImage *pixels)
{
    int colours = pixels_colours(pixels);

    return (Shape){ .width = pixels->Xsize,
                    .height = pixels->Ysize,
                    .colours = colours,
                    .alpha = pixels->Bands > colours,
                    .format = pixels->BandFmt };
}

static int whole_pixels(double length)
{
    return (int) MAX(1, floor(length + 0.5));
}

double shape_shrink(const Shape *from, const Shape *to)
{
    return MIN((double) from->width / to->width, (double) from->height / to->height);
}

void shape_resize(Shape *shape, int width, int height, VipsSize size, bool cover)
{
    double across = (double) width / shape->width;
    double down = (double) height / shape->height;
    double scale = cover ? MAX(across, down) : MIN(across, down);

    const Shape in = *shape;

    if (size == VIPS_SIZE_DOWN)
        scale = MIN(scale, 1);
    if (size == VIPS_SIZE_UP)
        scale = MAX(scale, 1);
    shape->width = size == VIPS_SIZE_FORCE ? width : whole_pixels(in.width * scale);
    shape->height = size == VIPS_SIZE_FORCE ? height : whole_pixels(in.height * scale);
    bool larger = shape->width > in.width || shape->height > in.height;
    bool same = shape->width == in.width && shape->height == in.height;
    shape->settles |= !in.fresh && (larger || (in.alpha && !same));
}
