/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turn - turn the picture by right angles, and mirror it: every pixel stays as it is.
 *
 * `upright` turns a picture as its camera was held; this one turns one that is upright. Any other
 * angle is `rotate`'s. */
#include "actions/action.h"
#include "actions/planar.h"
#include "actions/planar_shape.h"

typedef struct Turn {
    int angle;
    int mirror;
} Turn;

enum { NO_MIRROR, ACROSS, DOWN };

static const Choice angles[] = {
    { "none", 0, "the picture is not turned" },
    { "90", 1, "a quarter to the right" },
    { "180", 2, "upside down" },
    { "270", 3, "a quarter to the left" },
    { 0 },
};

static const Choice mirrors[] = {
    { "none", NO_MIRROR, "the picture is not mirrored" },
    { "horizontal", ACROSS, "left becomes right" },
    { "vertical", DOWN, "top becomes bottom" },
    { "across", ACROSS, "the same as horizontal" },
    { "down", DOWN, "the same as vertical" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Turn, angle, .def = "none", .choices = angles, .elsewhere = "rotate takes any angle",
           .help = "degrees clockwise"),
    CHOICE(Turn, mirror, .def = "none", .choices = mirrors, .also = "flip",
           .help = "in which direction the picture is mirrored, before it is turned: in the order "
                   "of EXIF's orientations"),
    { 0 },
};

/* What EXIF calls it: 1 is as it was. */
static int orientation(const Turn *s)
{
    static const int orientations[][4] = {
        [NO_MIRROR] = { 1, 6, 3, 8 }, [ACROSS] = { 2, 7, 4, 5 }, [DOWN] = { 4, 5, 2, 7 }
    };

    return orientations[s->mirror][s->angle];
}

/* Only left and right exchanged: each row is made of one. */
static bool stays_in_rows(const Turn *s)
{
    return orientation(s) == 2;
}

static VipsImage *turned(const Turn *s, VipsImage *in)
{
    g_autoptr(VipsImage) mirrored = NULL;
    VipsImage *out = NULL;

    if (s->mirror == NO_MIRROR)
        mirrored = g_object_ref(in);
    else if (vips_flip(in, &mirrored,
                       s->mirror == ACROSS ? VIPS_DIRECTION_HORIZONTAL : VIPS_DIRECTION_VERTICAL,
                       NULL))
        return NULL;
    return vips_rot(mirrored, &out, (VipsAngle) s->angle, NULL) ? NULL : out;
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Turn *s = settings;
    VipsImage *pixels = orientation(s) > 1 ? image_pixels(image, err) : NULL;

    if (!pixels)
        return orientation(s) == 1;
    bool planes = planar_turns(pixels);
    if (!planes && !stays_in_rows(s) &&
        !(image_to_memory(image, err) && (pixels = image_pixels(image, err))))
        return false;
    VipsImage *out =
        planes ? planar_turned(pixels, orientation_turn(orientation(s))) : turned(s, pixels);
    if (!out)
        return libvips_error(err, "turn the picture");
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Turn *s = settings;
    const Shape from = *shape;

    if (orientation(s) == 1) {
        shape->shrink = 0;
        shape->as_stored = true;
        return true;
    }
    planar_plan_turned(&from, shape);
    shape->settles |= !shape->by_planes && !stays_in_rows(s);
    if (s->angle % 2) {
        shape->width = from.height;
        shape->height = from.width;
    }
    return true;
}

const Action action_turn = {
    .name = "turn",
    .group = "geometry",
    .summary = "turn the picture by right angles, or mirror it",
    .aliases = "transpose flip flop rotate90 rotate180 rotate270",
    .example = "turn { angle = 90 mirror = horizontal }",
    .params = params,
    .size = sizeof(Turn),
    .flags = ACTION_INKS,
    .idle = "angle = none mirror = none",
    .plan = plan,
    .geometry = geometry,
};
