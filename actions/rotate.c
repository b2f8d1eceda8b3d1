/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rotate - turn the picture by any angle: right angles exactly, others resampled. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/warp.h"

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

typedef struct Size {
    double width, height;
} Size;

/* How many right angles; -1: it is none. */
static int right_angles(double angle)
{
    double turns = angle / 90;

    return turns == floor(turns) ? ((int) turns % 4 + 4) % 4 : -1;
}

/* Of the upright box around the turned picture. */
static Size around(Size in, double sine, double cosine)
{
    return (Size){ in.width * cosine + in.height * sine, in.width * sine + in.height * cosine };
}

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

/* At least as long as `wanted`, and by whole pixels longer than `side` at both ends, so that the
 * same pixels come out as without expand. */
static double grown(double side, double wanted)
{
    return side + 2 * ceil((wanted - side) / 2 - tiny);
}

static Size size_of(const Rotate *s, double width, double height)
{
    double sine = fabs(sin(s->angle * G_PI / 180)), cosine = fabs(cos(s->angle * G_PI / 180));
    const Size in = { width, height };
    int angles = right_angles(s->angle);

    if (angles >= 0 && (s->expand || s->keep == INSIDE))
        return angles % 2 ? (Size){ height, width } : in;
    if (s->keep == INSIDE) {
        const Size box = inside(in, sine, cosine);
        return (Size){ fmax(1, floor(box.width + tiny)), fmax(1, floor(box.height + tiny)) };
    }
    if (!s->expand)
        return in;
    const Size box = around(in, sine, cosine);
    return (Size){ grown(width, box.width), grown(height, box.height) };
}

/* ---- any angle ---- */

typedef struct Turn {
    double sine, cosine;
    WarpPlace from, to; /* the middle of the picture, and of the result */
} Turn;

static WarpPlace place(const void *state, double x, double y)
{
    const Turn *turn = state;
    double right = x - turn->to.x, down = y - turn->to.y;

    return (WarpPlace){ turn->from.x + right * turn->cosine + down * turn->sine,
                        turn->from.y - right * turn->sine + down * turn->cosine };
}

static Turn turn_of(const Rotate *s, double width, double height)
{
    double angle = s->angle * G_PI / 180;
    const Size to = size_of(s, width, height);

    return (Turn){ sin(angle),
                   cos(angle),
                   { (width - 1) / 2, (height - 1) / 2 },
                   { (to.width - 1) / 2, (to.height - 1) / 2 } };
}

static Warp warp_of(const Rotate *s, const Turn *turn)
{
    return (Warp){ .map = place,
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
    bool lies = right_angles(s->angle) % 2;

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
    if (vips_rot(pixels, &turned, (VipsAngle) right_angles(s->angle), NULL))
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
    int angles = right_angles(s->angle);
    const Turn turn = turn_of(s, image_width(image), image_height(image));
    const Warp warp = warp_of(s, &turn);

    if (angles < 0)
        return warp_image(image, &warp, err);
    return angles == 0 || turn_right(s, image, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Rotate *s = settings;
    int angles = right_angles(s->angle);
    const Turn turn = turn_of(s, shape->width, shape->height);
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
    .advise = advise,
    .plan = plan,
    .geometry = geometry,
};
