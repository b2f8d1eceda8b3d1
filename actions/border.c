/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* border - draw a border around the picture, which grows by it, or over its edges. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"

typedef struct Border {
    Length width, left, right, top, bottom;
    bool inside;
    Colour colour;
    double opacity;
} Border;

static const Param params[] = {
    LENGTH(Border, width, .def = "1px", .max = 100000, .of = OF_MEAN,
           .help = "how wide it is on every side; left, right, top and bottom replace it"),
    LENGTH(Border, left, .def = "0", .max = 100000, .of = OF_WIDTH,
           .help = "how wide it is on the left; where a side is given, those that are not have no "
                   "border"),
    LENGTH(Border, right, .def = "0", .max = 100000, .of = OF_WIDTH,
           .help = "how wide it is on the right"),
    LENGTH(Border, top, .def = "0", .max = 100000, .of = OF_HEIGHT,
           .help = "how wide it is at the top"),
    LENGTH(Border, bottom, .def = "0", .max = 100000, .of = OF_HEIGHT,
           .help = "how wide it is at the bottom"),
    BOOL(Border, inside, .def = "no",
         .help = "whether it lies over the edges of the picture, which keeps its size"),
    COLOUR(Border, colour, .def = "#000000", .help = "the colour of the border"),
    REAL(Border, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the border shows"),
    { 0 },
};

/* Whether a side is given. */
static bool has_sides(const Border *s)
{
    return s->left.amount > 0 || s->right.amount > 0 || s->top.amount > 0 || s->bottom.amount > 0;
}

static bool check(const void *settings, Error **err)
{
    return !has_sides(settings) || param_is(params, settings, params->def) ||
           error_set(err, ERROR_CONFIG, "remove width, or give all sides and no width",
                     "width is that of every side, and left, right, top and bottom are that of one "
                     "each");
}

/* ---- where it lies ---- */

static int pixels_of(const Border *s, const Length *side)
{
    return (int) lround(has_sides(s) ? side->px : s->width.px);
}

static int side(int whole, int before, int after)
{
    return (int) MIN((int64_t) whole + before + after, VIPS_MAX_COORD);
}

/* Where the picture lies in what has the border around it, and the size of that. */
static VipsRect around(const Border *s, int width, int height)
{
    int left = pixels_of(s, &s->left), top = pixels_of(s, &s->top);

    return (VipsRect){ left, top, side(width, left, pixels_of(s, &s->right)),
                       side(height, top, pixels_of(s, &s->bottom)) };
}

/* What the border leaves of the picture. */
static VipsRect left_inside(const Border *s, int width, int height)
{
    int left = pixels_of(s, &s->left), top = pixels_of(s, &s->top);

    return (VipsRect){ left, top, width - left - pixels_of(s, &s->right),
                       height - top - pixels_of(s, &s->bottom) };
}

/* ---- pixels ---- */

static Colour colour_of(const Border *s)
{
    Colour colour = s->colour;

    colour.a *= s->opacity / 100;
    return colour;
}

/* The colour, opaque, around a hole; where there is none, that is a pixel beside the photo. */
static VipsImage *frame(VipsImage *photo, const Colour *colour, const VipsRect *hole)
{
    int colours = pixels_colours(photo), more = vips_rect_isempty(hole);
    const VipsRect canvas = { more ? 0 : hole->left, more ? 0 : hole->top, photo->Xsize + more,
                              photo->Ysize + more };
    g_autoptr(VipsImage) black = NULL;
    g_autoptr(VipsImage) empty = NULL;
    g_autoptr(VipsImage) whole = NULL;
    VipsImage *out = NULL;
    double values[4];

    if (!backdrop_values(photo, colour, false, values) ||
        vips_black(&black, more ? 1 : hole->width, more ? 1 : hole->height, "bands", colours + 1,
                   NULL) ||
        vips_cast(black, &empty, photo->BandFmt, NULL))
        return NULL;
    values[colours] = pixels_white(photo);
    whole = backdrop_around(empty, values, &canvas);
    if (!whole || vips_extract_area(whole, &out, more, more, photo->Xsize, photo->Ysize, NULL))
        return NULL;
    return out;
}

static VipsImage *drawn_over(const Border *s, VipsImage *photo)
{
    const Colour colour = colour_of(s);
    const VipsRect hole = left_inside(s, photo->Xsize, photo->Ysize);
    g_autoptr(VipsImage) mark = frame(photo, &colour, &hole);

    return mark ? pixels_under(photo, mark, colour.a / 255, BLEND_OVER) : NULL;
}

static VipsImage *drawn_around(const Border *s, VipsImage *photo)
{
    const Colour colour = colour_of(s);
    const VipsRect canvas = around(s, photo->Xsize, photo->Ysize);

    return backdrop_laid(photo, &colour, &canvas);
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Border *s = settings;
    const Colour colour = colour_of(s);
    VipsImage *photo = backdrop_pixels(image, &colour, err);

    if (!photo)
        return false;
    VipsImage *out = s->inside ? drawn_over(s, photo) : drawn_around(s, photo);
    if (!out)
        return libvips_error(err, "draw the border");
    if (s->inside)
        image_replace(image, out);
    else
        image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Border *s = settings;
    const Colour colour = colour_of(s);
    const VipsRect whole = around(s, shape->width, shape->height);

    shape->planes = (ShapePlanes){ 0 };
    if (s->inside) {
        if (overlay_has_colour(&colour))
            shape->colours = 3;
        return true;
    }
    shape->width = whole.width;
    shape->height = whole.height;
    backdrop_plan(&colour, shape);
    return true;
}

const Action action_border = {
    .name = "border",
    .group = "decoration",
    .summary = "draw a border around the picture, or over its edges",
    .aliases = "frame photo-frame picture-frame mount",
    .example = "border { width = 6% colour = \"#204060\" }",
    .params = params,
    .size = sizeof(Border),
    .idle = "width = 0 left = 0 right = 0 top = 0 bottom = 0",
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
