/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turn - turn the picture by any angle: right angles exactly, others resampled.
 *
 * `upright` turns a picture as its camera was held; this one turns one that is upright. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/planar.h"
#include "actions/planar_shape.h"

typedef struct Turn {
    double angle;
    int corners;
    Colour background;
} Turn;

enum { FILL, CUT };

static const Choice corner_choices[] = {
    { "fill", FILL, "the picture grows, and its corners have the background's colour" },
    { "cut", CUT, "the largest part without empty corners, with the picture's proportions" },
    { 0 },
};

static const Param params[] = {
    REAL(Turn, angle, .def = "90", .min = -360, .max = 360,
         .help = "degrees clockwise; below 0 counterclockwise"),
    CHOICE(Turn, corners, .def = "fill", .choices = corner_choices,
           .help = "what becomes of the corners, which are empty unless the angle is a right one"),
    COLOUR(Turn, background, .def = "#ffffff00",
           .help = "the colour of empty corners; the default is transparent, and JPEG then shows "
                   "the background of save"),
    { 0 },
};

/* ---- the turned picture ---- */

/* How many right angles; -1: it is none. */
static int right_angles(double angle)
{
    double turns = angle / 90;

    return turns == floor(turns) ? ((int) turns % 4 + 4) % 4 : -1;
}

static VipsImage *turned_right(VipsImage *in, int angles)
{
    static const int orientations[] = { 1, 6, 3, 8 }; /* that are turned so */
    VipsImage *out = NULL;

    if (planar_turns(in))
        return planar_turned(in, orientation_turn(orientations[angles]));
    return vips_rot(in, &out, (VipsAngle) angles, NULL) ? NULL : out;
}

/* The background as the values of `pixels`, whose colours may be multiplied by alpha. */
static bool background_of(const Turn *s, VipsImage *pixels, double values[4])
{
    double white = pixels_white(pixels) / 255;
    int colours = pixels_colours(pixels);
    bool alpha = pixels->Bands > colours;

    if (!overlay_colour(pixels, &s->background, values))
        return false;
    for (int i = 0; i < colours; i++)
        values[i] *= white * (alpha ? s->background.a / 255 : 1);
    values[colours] = s->background.a * white;
    return true;
}

/* `in` with alpha as its last band where the background shows through, or where it has it. */
static VipsImage *with_room_for(const Turn *s, VipsImage *in)
{
    VipsImage *out = NULL;

    if (s->background.a == 255 || s->corners == CUT || in->Bands > pixels_colours(in))
        return g_object_ref(in);
    return vips_addalpha(in, &out, NULL) ? NULL : out;
}

/* Alpha is weighted: colours under transparent pixels do not show in edges. */
static VipsImage *turned_freely(const Turn *s, VipsImage *in)
{
    g_autoptr(VipsImage) whole = with_room_for(s, in);
    g_autoptr(VipsInterpolate) cubic = vips_interpolate_new("bicubic");
    g_autoptr(VipsImage) weighted = NULL;
    g_autoptr(VipsImage) turned = NULL;
    g_autoptr(VipsImage) plain = NULL;
    VipsArrayDouble *background = NULL;
    double values[4], turn = s->angle * G_PI / 180;

    if (!whole || !background_of(s, whole, values) || !(weighted = bands_premultiplied(whole)))
        return NULL;
    background = vips_array_double_new(values, whole->Bands);
    bool failed =
        vips_affine(weighted, &turned, cos(turn), -sin(turn), sin(turn), cos(turn), "interpolate",
                    cubic, "background", background, "premultiplied", TRUE, NULL) ||
        !(plain = bands_unpremultiplied(turned));
    vips_area_unref(VIPS_AREA(background));
    return failed ? NULL : bands_rounded(plain, in->BandFmt);
}

/* ---- the part without empty corners ---- */

/* How much of width and height is left: a rectangle of the same proportions in the turned one. */
static double share_inside(double width, double height, double degrees)
{
    double angle = degrees * G_PI / 180;
    double across = width * fabs(cos(angle)) + height * fabs(sin(angle));
    double down = width * fabs(sin(angle)) + height * fabs(cos(angle));

    return fmin(width / across, height / down);
}

/* Its edges lie a pixel inside: those of the turned picture are mixed with the background. */
static VipsImage *cut_inside(VipsImage *turned, int width, int height, double degrees)
{
    double share = share_inside(width, height, degrees);
    int across = (int) MAX(1, floor(width * share) - 2);
    int down = (int) MAX(1, floor(height * share) - 2);
    VipsImage *out = NULL;

    if (vips_extract_area(turned, &out, (turned->Xsize - across) / 2, (turned->Ysize - down) / 2,
                          across, down, NULL))
        return NULL;
    return out;
}

static VipsImage *turned(const Turn *s, VipsImage *in)
{
    int angles = right_angles(s->angle);
    g_autoptr(VipsImage) out = angles >= 0 ? turned_right(in, angles) : turned_freely(s, in);

    if (!out || angles >= 0 || s->corners == FILL)
        return g_steal_pointer(&out);
    return cut_inside(out, in->Xsize, in->Ysize, s->angle);
}

/* ---- the action ---- */

/* A grey picture gets a background with colours only as RGB. */
static bool has_colour(const Turn *s)
{
    return right_angles(s->angle) < 0 && s->corners == FILL && overlay_has_colour(&s->background);
}

/* By planes, where there are some. */
static bool turns_pixels(const Turn *s, bool planes)
{
    return right_angles(s->angle) < 0 || !planes;
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Turn *s = settings;
    if (right_angles(s->angle) == 0)
        return true;
    VipsImage *now = image_pixels(image, err);
    if (!now || (turns_pixels(s, planar_turns(now)) && !image_to_memory(image, err)))
        return false;
    VipsImage *pixels = right_angles(s->angle) < 0 ? image_overlay_pixels(image, has_colour(s), err)
                                                   : image_pixels(image, err);
    VipsImage *out = pixels ? turned(s, pixels) : NULL;

    if (!out)
        return pixels ? libvips_error(err, "turn the picture") : false;
    image_view(image, out);
    return true;
}

/* libvips says how large the result is: of a picture without pixels. */
static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Turn *s = settings;
    const Shape from = *shape;
    g_autoptr(VipsImage) empty = NULL;
    g_autoptr(VipsImage) out = NULL;

    if (vips_black(&empty, shape->width, shape->height, NULL) || !(out = turned(s, empty)))
        return libvips_error(err, "turn the picture");
    if (right_angles(s->angle) == 0) {
        shape->shrink = 0;
        shape->as_stored = true;
        return true;
    }
    if (right_angles(s->angle) > 0)
        planar_plan_turned(&from, shape);
    else
        shape->planes = (ShapePlanes){ 0 };
    shape->settles = !shape->by_planes;
    shape->width = out->Xsize;
    shape->height = out->Ysize;
    if (right_angles(s->angle) < 0 && s->corners == FILL) {
        shape->alpha |= s->background.a < 255;
        shape->colours = has_colour(s) ? 3 : shape->colours;
    }
    return true;
}

const Action action_turn = {
    .name = "turn",
    .group = "geometry",
    .summary = "turn the picture by any angle",
    .aliases = "flip",
    .example = "turn { angle = 10 background = \"#204060\" }",
    .params = params,
    .size = sizeof(Turn),
    .plan = plan,
    .geometry = geometry,
};
