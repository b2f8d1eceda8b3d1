/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/shape.h"

#include <math.h>

#include "actions/pixels.h"

double shape_bytes(const Shape *shape)
{
    return (double) shape->width * shape->height * (shape->colours + shape->alpha) *
           (double) vips_format_sizeof_unsafe(shape->format);
}

/* libvips reads a decoder in order through a cache of four times 128 rows and a few that are made
 * at once, and an encoder is given 128 of two buffers: measured 14.4 MB of 6,000 pixels a row, of 8
 * bits and three colours. */
double shape_rows(const Shape *shape)
{
    int rows = MIN(SHAPE_ROWS_DECODED, shape->height) + MIN(SHAPE_ROWS_WRITTEN, shape->height);

    return rows * shape_bytes(shape) / shape->height;
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

static void swap(int *a, int *b)
{
    int other = *a;

    *a = *b;
    *b = other;
}

void shape_lay(Shape *shape)
{
    swap(&shape->width, &shape->height);
    swap(&shape->across, &shape->down);
}

int shape_side(double length)
{
    return (int) CLAMP(floor(length + 0.5), 1, VIPS_MAX_COORD);
}

bool shape_grow(Shape *shape, double width, double height, Error **err)
{
    if (width > VIPS_MAX_COORD || height > VIPS_MAX_COORD)
        return error_set(err, ERROR_PICTURE, "make it smaller before",
                         "a picture of %.0f x %.0f pixels is too large", width, height);
    shape->width = (int) width;
    shape->height = (int) height;
    shape->planes = (ShapePlanes){ 0 };
    return true;
}

void shape_cut(Shape *shape, const VipsRect *area)
{
    int right = shape->width - VIPS_RECT_RIGHT(area),
        below = shape->height - VIPS_RECT_BOTTOM(area);
    const int stored_above[] = { area->top,  area->top, below, below,
                                 area->left, right,     right, area->left };

    shape->above += stored_above[CLAMP(shape->orientation, 1, 8) - 1];
    shape->width = area->width;
    shape->height = area->height;
}

void shape_resize(Shape *shape, int width, int height, bool cover)
{
    double across = (double) width / shape->width;
    double down = (double) height / shape->height;
    double scale = cover ? MAX(across, down) : MIN(across, down);

    shape->width = shape_side(shape->width * scale);
    shape->height = shape_side(shape->height * scale);
}
