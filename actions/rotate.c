/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rotate - turn the picture by any angle: right angles exactly, others resampled. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/turning.h"

typedef struct Rotate {
    double angle;
    bool expand;
    int keep;
    Colour background;
    int kernel;
} Rotate;

enum { ALL, INSIDE };

static const Choice keeps[] = {
    { "all", ALL, "the picture with its corners, as far as expand makes room for them" },
    { "inside", INSIDE, "the largest upright box that has no background; expand does not count" },
    { 0 },
};

static const Param params[] = {
    REAL(Rotate, angle, .def = "45", .min = -360, .max = 360,
         .help = "degrees clockwise; below 0 counterclockwise"),
    BOOL(Rotate, expand, .def = "no",
         .help = "whether the result grows until the whole picture is in it; else it has the "
                 "size that the picture had, and what leaves it is cut off"),
    CHOICE(Rotate, keep, .def = "all", .choices = keeps, .help = "what remains"),
    BACKGROUND_ROW(Rotate),
    KERNEL_ROW(Rotate),
    { 0 },
};

static bool advise(const void *settings, Error **err)
{
    const Rotate *s = settings;

    return s->keep != INSIDE || !s->expand ||
           error_set(err, ERROR_CONFIG, "remove expand, or write keep = all",
                     "expand does nothing with keep = inside");
}

/* ---- sizes ---- */

typedef TurningSize Size;

/* Of the largest upright box in the turned picture: two of its corners are on the long sides where
 * the picture is so narrow, else all four are on a side each. */
static Size inside(Size in, double sine, double cosine)
{
    double shorter = fmin(in.width, in.height), longer = fmax(in.width, in.height);
    double half = shorter / 2, difference = cosine * cosine - sine * sine;

    if (shorter > 2 * sine * cosine * longer && fabs(difference) > 1e-9)
        return (Size){ (in.width * cosine - in.height * sine) / difference,
                       (in.height * cosine - in.width * sine) / difference };
    return in.width >= in.height ? (Size){ half / sine, half / cosine }
                                 : (Size){ half / cosine, half / sine };
}

static const double tiny = 1e-6; /* of a pixel: what sines are wrong by */

static Size size_of(const Rotate *s, double width, double height)
{
    double sine = fabs(sin(s->angle * G_PI / 180)), cosine = fabs(cos(s->angle * G_PI / 180));
    const Size in = { width, height };
    bool right = turning_right_angles(s->angle) >= 0;

    if (s->keep == INSIDE && !right) {
        const Size box = inside(in, sine, cosine);
        return (Size){ fmax(1, floor(box.width + tiny)), fmax(1, floor(box.height + tiny)) };
    }
    return s->expand || s->keep == INSIDE ? turning_grown(s->angle, in) : in;
}

/* ---- any angle ---- */

static Turning turn_of(const Rotate *s, double width, double height)
{
    return turning_of(s->angle, (Size){ width, height }, size_of(s, width, height));
}

static Warp warp_of(const Rotate *s, const Turning *turn)
{
    return (Warp){ .map = turning_map,
                   .state = turn,
                   .size = sizeof(*turn),
                   .width = (int) (2 * turn->to.x + 1.5),
                   .height = (int) (2 * turn->to.y + 1.5),
                   .kernel = s->kernel,
                   .background = s->keep == INSIDE ? NULL : &s->background };
}

/* ---- right angles ---- */

/* `pixels` with `width` x `height` pixels around the same middle. */
static VipsImage *with_size(VipsImage *pixels, int width, int height, const Colour *background)
{
    g_autoptr(VipsImage) room = backdrop_room(pixels, background);
    double values[4];
    VipsImage *out = NULL;

    if (!room || !backdrop_values(room, background, false, values))
        return NULL;
    VipsArrayDouble *colour = vips_array_double_new(values, room->Bands);
    bool failed = vips_gravity(room, &out, VIPS_COMPASS_DIRECTION_CENTRE, width, height, "extend",
                               VIPS_EXTEND_BACKGROUND, "background", colour, NULL);
    vips_area_unref(VIPS_AREA(colour));
    return failed ? NULL : out;
}

/* Whether background comes in. */
static bool has_room(const Rotate *s, int width, int height)
{
    const Size to = size_of(s, width, height);
    bool lies = turning_right_angles(s->angle) % 2;

    return to.width != (lies ? height : width) || to.height != (lies ? width : height);
}

static bool turn_right(const Rotate *s, Image *image, Error **err)
{
    int width = image_width(image), height = image_height(image);
    bool room = has_room(s, width, height);
    g_autoptr(VipsImage) turned = NULL;

    if (!image_to_memory(image, err))
        return false;
    VipsImage *pixels =
        room ? backdrop_pixels(image, &s->background, err) : image_pixels(image, err);
    if (!pixels)
        return false;
    if (vips_rot(pixels, &turned, (VipsAngle) turning_right_angles(s->angle), NULL))
        return libvips_error(err, "turn the picture");
    VipsImage *out =
        room ? with_size(turned, width, height, &s->background) : g_steal_pointer(&turned);
    if (!out)
        return libvips_error(err, "turn the picture");
    image_view(image, out);
    return true;
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Rotate *s = settings;
    int angles = turning_right_angles(s->angle);
    const Turning turn = turn_of(s, image_width(image), image_height(image));
    const Warp warp = warp_of(s, &turn);

    if (angles < 0)
        return warp_image(image, &warp, err);
    return angles == 0 || turn_right(s, image, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Rotate *s = settings;
    int angles = turning_right_angles(s->angle);
    const Turning turn = turn_of(s, shape->width, shape->height);
    Warp warp = warp_of(s, &turn);

    if (angles == 0) {
        shape->shrink = 0;
        shape->as_stored = true;
        return true;
    }
    if (angles > 0 && !has_room(s, shape->width, shape->height))
        warp.background = NULL;
    return warp_plan(&warp, shape, err);
}

const Action action_rotate = {
    .name = "rotate",
    .group = "geometry",
    .summary = "turn the picture by any angle",
    .aliases = "rotation straighten deskew rot",
    .example = "rotate { angle = 10 background = \"#204060\" }",
    .params = params,
    .size = sizeof(Rotate),
    .idle = "angle = 0",
    .advise = advise,
    .plan = plan,
    .geometry = geometry,
};
