/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* roll - move the picture; what leaves it at one edge comes in at the opposite one. */
#include <math.h>

#include "actions/action.h"

typedef struct Roll {
    Length x, y;
} Roll;

static const Param params[] = {
    LENGTH(Roll, x, .def = "50%", .min = -100000, .max = 100000, .of = OF_WIDTH,
           .help = "how far it moves to the right; below 0 to the left"),
    LENGTH(Roll, y, .def = "50%", .min = -100000, .max = 100000, .of = OF_HEIGHT,
           .help = "how far it moves down; below 0 up"),
    { 0 },
};

/* In whole pixels, as far as it differs from a whole side. */
static int distance(Length length, int side)
{
    double rest = fmod(floor(length.px + 0.5), side);

    return (int) (rest < 0 ? rest + side : rest);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Roll *s = settings;
    int x = distance(s->x, image_width(image)), y = distance(s->y, image_height(image));
    VipsImage *out = NULL;

    if (!image_to_memory(image, err))
        return false;
    VipsImage *pixels = image_pixels(image, err);
    if (!pixels)
        return false;
    if (vips_wrap(pixels, &out, "x", x, "y", y, NULL))
        return libvips_error(err, "move the picture");
    image_view(image, out);
    return true;
}

static bool plan(const void *settings G_GNUC_UNUSED, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->settles = true;
    shape->planes = (ShapePlanes){ 0 };
    return true;
}

const Action action_roll = {
    .name = "roll",
    .group = "geometry",
    .summary = "move the picture, and let it come in at the other edge",
    .aliases = "offset wrap wrap-around",
    .example = "roll { x = 25% y = 20px }",
    .params = params,
    .size = sizeof(Roll),
    .flags = ACTION_INKS,
    .idle = "x = 0 y = 0",
    .plan = plan,
    .geometry = geometry,
};
