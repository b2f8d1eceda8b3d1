/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fit - fill a size exactly: scale until it is covered, cut off the rest.
 *
 * A smaller picture is made larger, because the size is a promise. */
#include <math.h>

#include "actions/action.h"
#include "actions/planar_shape.h"
#include "actions/where.h"

typedef struct Fit {
    Length width, height;
    Place where; /* what remains is */
    double bleed;
    int kernel;
    bool linear;
} Fit;

static const Param params[] = {
    LENGTH(Fit, width, .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the exact width; a smaller picture is enlarged"),
    LENGTH(Fit, height, .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the exact height; a smaller picture is enlarged"),
    WHERE_ROW(Fit),
    REAL(Fit, bleed, .def = "0", .min = 0, .max = 49.9, .unit = "%",
         .help = "how much of width and height is cut off each side first, a border that prints or "
                 "scans have; from 50% on nothing would remain"),
    KERNEL_ROW(Fit),
    BOOL(Fit, linear, .def = "no",
         .help = "mix colours as light does: fine patterns keep their brightness; slower"),
    { 0 },
};

/* ---- the part that remains ---- */

/* What is left of the bleed. */
static ImagePart live(const Fit *s, int width, int height)
{
    double share = s->bleed / 100;

    return (ImagePart){ share * width, share * height, width * (1 - 2 * share),
                        height * (1 - 2 * share) };
}

/* The largest part with the proportions of the wanted size. */
static ImagePart remaining(const Fit *s, int width, int height)
{
    const ImagePart all = live(s, width, height);
    double times = fmin(all.width / shape_side(s->width.px), all.height / shape_side(s->height.px));

    return where_part(&s->where, &all, shape_side(s->width.px) * times,
                      shape_side(s->height.px) * times);
}

/* How large the live part becomes when it covers the wanted size. */
static Shape covering(const Fit *s, const ImagePart *all)
{
    Shape cover = { .width = shape_side(all->width), .height = shape_side(all->height) };

    shape_resize(&cover, shape_side(s->width.px), shape_side(s->height.px), true);
    return cover;
}

/* ---- the action ---- */

static Resampling resampling(const Fit *s)
{
    return (Resampling){ .kernel = (Kernel) s->kernel, .linear = s->linear };
}

/* What is searched: the picture as it covers the size, or as it is where that would be larger. An
 * extreme one, as of 30000 x 1, would cover it with more pixels than memory has. */
static Shape searched(const Fit *s, const ImagePart *all)
{
    const Shape cover = covering(s, all);
    const Shape as_it_is = { .width = shape_side(all->width), .height = shape_side(all->height) };

    return (int64_t) cover.width * cover.height > (int64_t) as_it_is.width * as_it_is.height
               ? as_it_is
               : cover;
}

/* The part of it that has the proportions of the wanted size. */
static Shape found_in(const Fit *s, const Shape *search)
{
    Shape found = { .width = shape_side(s->width.px), .height = shape_side(s->height.px) };

    shape_resize(&found, search->width, search->height, false);
    return found;
}

static bool by_content_of(const Fit *s, Image *image, Error **err)
{
    const ImagePart all = live(s, image_width(image), image_height(image));
    const Shape search = searched(s, &all), found = found_in(s, &search);
    const Resampling how = resampling(s);

    if (!image_resample(image, &all, search.width, search.height, &how, err) ||
        !where_cut(&s->where, image, found.width, found.height, err))
        return false;
    const ImagePart part = part_whole(image_width(image), image_height(image));
    return image_resample(image, &part, shape_side(s->width.px), shape_side(s->height.px), &how,
                          err);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Fit *s = settings;
    const Resampling how = resampling(s);

    if (where_is_by_content(&s->where))
        return by_content_of(s, image, err);
    const ImagePart part = remaining(s, image_width(image), image_height(image));
    return image_resample(image, &part, shape_side(s->width.px), shape_side(s->height.px), &how,
                          err);
}

/* The search for the interesting part reads a copy of the picture. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Fit *s = settings;
    const Resampling how = resampling(s);

    if (!where_is_by_content(&s->where)) {
        const ImagePart part = remaining(s, shape->width, shape->height);
        resampling_plan(&how, &part, shape_side(s->width.px), shape_side(s->height.px), shape);
        return true;
    }
    const ImagePart all = live(s, shape->width, shape->height);
    const Shape search = searched(s, &all), found = found_in(s, &search);
    const int width = shape_side(s->width.px), height = shape_side(s->height.px);
    resampling_plan(&how, &all, search.width, search.height, shape);
    shape->held += shape_bytes(shape) +
                   (shape->by_planes ? planar_shape_bytes(shape, PLANAR_COLOUR_BYTES) : 0);
    shape->planes.in_memory |= shape->by_planes; /* from here on; they are counted */
    shape->width = found.width;
    shape->height = found.height;
    if (found.width != width || found.height != height) {
        const ImagePart part = part_whole(found.width, found.height);
        resampling_plan(&how, &part, width, height, shape);
    }
    return true;
}

const Action action_fit = {
    .name = "fit",
    .group = "geometry",
    .summary =
        "fill a size exactly: scale the picture until it covers the size, and cut off the rest",
    .aliases = "cover fill smartcrop square object-fit",
    .example = "fit { width = 120 height = 120 where = attention }",
    .params = params,
    .size = sizeof(Fit),
    .flags = ACTION_SETS_DPI,
    .plan = plan,
    .geometry = geometry,
};
