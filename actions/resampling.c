/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resampling.h"

#include "actions/planar_shape.h"

bool resampling_is_plain(const Resampling *how)
{
    return !how->linear && kernel_of(how->kernel, true) == KERNEL_LANCZOS3;
}

enum { SHARPENED_ROWS = 4 * 128 }; /* that are kept: see output_sharpen.c */

/* Its pixels are made again for each reader, but those of planes. */
static void plan_rows(const Shape *from, const ImagePart *part, Shape *to)
{
    bool larger = to->width > part->width || to->height > part->height;

    to->across = to->width;
    to->down = to->height;
    to->settles |= !from->fresh && (larger || from->alpha);
    to->forked = !to->by_planes || (from->forked && !to->settles);
}

void resampling_plan(const Resampling *how, const ImagePart *part, int width, int height,
                     Shape *shape)
{
    const Shape from = *shape;
    bool cuts = part_is_only_cut(part, width, height);

    const VipsRect area = { (int) part->left, (int) part->top, (int) part->width,
                            (int) part->height };

    shape_cut(shape, &area);
    shape->width = width;
    shape->height = height;
    shape->linear = how->linear;
    planar_plan(&from, part, resampling_is_plain(how), shape);
    if (!cuts)
        plan_rows(&from, part, shape);
    if (how->sharpen > 0 && !shape->by_planes && part_is_reduced(part, width, height))
        shape->held += shape_bytes(shape) * MIN(SHARPENED_ROWS, height) / height;
    if (cuts && width == from.width && height == from.height)
        shape->shrink = 0;
    else if (resampling_is_plain(how))
        shape->shrink = part_shrink(part, width, height);
}
