/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fit - fill a size exactly: scale until it is covered, cut off the rest.
 *
 * A smaller picture is made larger, because the size is a promise. */
#include <math.h>

#include "actions/action.h"
#include "actions/planar_shape.h"

typedef struct Fit {
    Length width, height;
    Place place; /* of what remains */
    bool linear;
} Fit;

enum { ATTENTION = PLACE_WORDS, ENTROPY };

static const Choice by_content[] = {
    { "attention", ATTENTION, "what people look at first: faces, bright colours, edges" },
    { "entropy", ENTROPY, "the part with the most detail" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Fit, width, .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the exact width; a smaller picture is enlarged"),
    LENGTH(Fit, height, .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the exact height; a smaller picture is enlarged"),
    PLACE(Fit, place, .def = "centre", .choices = by_content, .max = 100000, .also = "where",
          .help = "the part that remains when something is cut off; \"x y\" is where it begins in "
                  "the picture that comes in"),
    BOOL(Fit, linear, .def = "no",
         .help = "mix colours as light does: fine patterns keep their brightness; slower"),
    { 0 },
};

static int target(Length length)
{
    return (int) CLAMP(floor(length.px + 0.5), 1, VIPS_MAX_COORD);
}

/* The size that covers the wanted one, with the picture's proportions. */
static Shape covering(const Fit *s, Shape shape)
{
    shape_resize(&shape, target(s->width), target(s->height), VIPS_SIZE_BOTH, true);
    return shape;
}

/* What remains of `cover`, which a picture of `before` was scaled to. */
static VipsRect remaining(const Fit *s, const Shape *before, const Shape *cover)
{
    Place place = s->place;
    VipsRect area = { .width = MIN(target(s->width), cover->width),
                      .height = MIN(target(s->height), cover->height) };

    place.x.px *= (double) cover->width / before->width;
    place.y.px *= (double) cover->height / before->height;
    area.left =
        CLAMP(place_left(&place, cover->width, area.width, 0), 0, cover->width - area.width);
    area.top =
        CLAMP(place_top(&place, cover->height, area.height, 0), 0, cover->height - area.height);
    return area;
}

static bool by_place(const Fit *s, Image *image, Error **err)
{
    const Shape before = { .width = image_width(image), .height = image_height(image) };
    const Shape cover = covering(s, before);

    return image_resize(image, cover.width, cover.height, VIPS_SIZE_FORCE, VIPS_INTERESTING_NONE,
                        s->linear, err) &&
           image_cut(image, remaining(s, &before, &cover), err);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Fit *s = settings;

    if (s->place.word < PLACE_WORDS)
        return by_place(s, image, err);
    return image_resize(image, target(s->width), target(s->height), VIPS_SIZE_BOTH,
                        s->place.word == ATTENTION ? VIPS_INTERESTING_ATTENTION
                                                   : VIPS_INTERESTING_ENTROPY,
                        s->linear, err);
}

/* The search for the interesting part reads a copy of the scaled picture. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Fit *s = settings;
    const Shape from = *shape;

    *shape = covering(s, *shape);
    shape->linear = s->linear;
    planar_plan(&from, shape);
    if (!s->linear)
        shape->shrink = shape_shrink(&from, shape);
    if (s->place.word >= PLACE_WORDS)
        shape->held += shape_bytes(shape) +
                       (shape->by_planes ? planar_shape_bytes(shape, PLANAR_COLOUR_BYTES) : 0);
    shape->width = target(s->width);
    shape->height = target(s->height);
    return true;
}

const Action action_fit = {
    .name = "fit",
    .group = "geometry",
    .summary =
        "fill a size exactly: scale the picture until it covers the size, and cut off the rest",
    .aliases = "cover fill smartcrop extent square object-fit",
    .example = "fit { width = 120 height = 120 place = attention }",
    .params = params,
    .size = sizeof(Fit),
    .plan = plan,
    .geometry = geometry,
};
