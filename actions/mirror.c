/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mirror - put the picture beside its mirror image: tiles of the result have no seams. */
#include "actions/action.h"

typedef struct Mirror {
    int direction;
} Mirror;

enum { ACROSS = 1, DOWN = 2 };

static const Choice directions[] = {
    { "both", ACROSS | DOWN, "four pictures: to the right, below, and both" },
    { "horizontal", ACROSS, "a second one to the right" },
    { "vertical", DOWN, "a second one below" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Mirror, direction, .def = "both", .choices = directions,
           .help = "where mirror images come; turn flips the picture alone"),
    { 0 },
};

/* Newly referenced; NULL with libvips' error set. */
static VipsImage *doubled(VipsImage *in, VipsDirection direction)
{
    g_autoptr(VipsImage) flipped = NULL;
    VipsImage *out = NULL;

    if (vips_flip(in, &flipped, direction, NULL) || vips_join(in, flipped, &out, direction, NULL))
        return NULL;
    return out;
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    int direction = ((const Mirror *) settings)->direction;

    if (!image_to_memory(image, err))
        return false;
    VipsImage *pixels = image_pixels(image, err);
    if (!pixels)
        return false;
    g_autoptr(VipsImage) row =
        direction & ACROSS ? doubled(pixels, VIPS_DIRECTION_HORIZONTAL) : g_object_ref(pixels);
    VipsImage *out = NULL;
    if (row)
        out = direction & DOWN ? doubled(row, VIPS_DIRECTION_VERTICAL) : g_object_ref(row);
    if (!out)
        return libvips_error(err, "mirror the picture");
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    int direction = ((const Mirror *) settings)->direction;

    shape->settles = true;
    shape->planes = (ShapePlanes){ 0 };
    shape->width *= direction & ACROSS ? 2 : 1;
    shape->height *= direction & DOWN ? 2 : 1;
    return true;
}

const Action action_mirror = {
    .name = "mirror",
    .group = "geometry",
    .summary = "put the picture beside its mirror image, which doubles its size",
    .aliases = "kaleidoscope seamless",
    .example = "mirror { direction = horizontal }",
    .params = params,
    .size = sizeof(Mirror),
    .flags = ACTION_INKS,
    .plan = plan,
    .geometry = geometry,
};
