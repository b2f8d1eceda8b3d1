/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watermark - lay a second picture over the first.
 *
 * The mark is read once and kept in memory for every picture. */
#include <math.h>

#include "actions/assets.h"
#include "actions/ink_place.h"
#include "actions/pixels.h"
#include "actions/resample.h"

typedef struct Watermark {
    Asset file;
    int method;
    InkPlace lies;
    Length width;
    double opacity;
    int blend;
} Watermark;

enum { ONCE, TILE, SCALE };

static const Choice methods[] = {
    { "place", ONCE, "once, at `place`, as wide as `width`" },
    { "tile", TILE, "repeated, as wide as `width`, with `margin` between" },
    { "scale", SCALE, "once, as large as the picture and the margin allow" },
    { "by-offset", ONCE, "the same as place" },
    { 0 },
};

static const Param params[] = {
    PICTURE(Watermark, file, .help = "the picture to lay over; its transparency is kept"),
    CHOICE(Watermark, method, .def = "place", .choices = methods,
           .help = "how it is laid over: placed once, tiled, or scaled to fill"),
    INK_PLACE_ROWS(Watermark, lies., "bottom-right", "2%"),
    LENGTH(Watermark, width, .def = "20%", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "width of the mark after `turn` and before `angle`, its height follows"),
    REAL(Watermark, opacity, .def = "80", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the mark shows"),
    BLEND_ROW(Watermark),
    { 0 },
};

static bool advise(const void *settings, Error **err)
{
    return ink_place_advise(&((const Watermark *) settings)->lies, err);
}

/* Its size before it is turned: the upright box around it lies inside the margins. */
static void find_size(const Watermark *s, const Shape *photo, int *width, int *height)
{
    const VipsImage *mark = asset_picture(&s->file);
    double angle = ink_place_angle(&s->lies) * G_PI / 180;
    double sine = fabs(sin(angle)), cosine = fabs(cos(angle));
    double across = mark->Xsize * cosine + mark->Ysize * sine;
    double down = mark->Xsize * sine + mark->Ysize * cosine;
    double edges = 2 * floor(s->lies.margin.px);
    double scale =
        fmin(fmax(1, photo->width - edges) / across, fmax(1, photo->height - edges) / down);

    if (s->method != SCALE)
        scale = fmin(scale,
                     fmax(1, round(s->width.px)) / (s->lies.turn % 2 ? mark->Ysize : mark->Xsize));
    *width = shape_side(mark->Xsize * scale);
    *height = shape_side(mark->Ysize * scale);
}

static bool ink(const void *settings, Image *photo, Ink *ink, Error **err)
{
    const Watermark *s = settings;
    const Shape shape = image_shape(photo);
    int width = 0, height = 0;

    find_size(s, &shape, &width, &height);
    g_autoptr(VipsImage) sized = resample_all(asset_picture(&s->file), width, height);
    ink->picture = sized ? ink_place_turned(&s->lies, sized) : NULL;
    if (!ink->picture)
        return libvips_error(err, "scale the watermark");
    ink->opacity = s->opacity / 100;
    ink->blend = (Blend) s->blend;
    ink->tiled = s->method == TILE;
    ink_place_lay(&s->lies, ink->picture, image_width(photo), image_height(photo), ink);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Watermark *s = settings;
    const VipsImage *mark = asset_picture(&s->file);
    int width = 0, height = 0;

    find_size(s, shape, &width, &height);
    if (pixels_colours(mark) == 3)
        shape->colours = 3;
    shape->held = ink_place_held(&s->lies, width, height, mark->Bands, shape);
    return true;
}

const Action action_watermark = {
    .name = "watermark",
    .group = "decoration",
    .summary = "lay a second picture over the first",
    .aliases = "overlay composite logo stamp mark insert",
    .example =
        "watermark { file = \"" HOTFOLDER_DATADIR "/mark.png\" place = centre opacity = 40% }",
    .params = params,
    .size = sizeof(Watermark),
    .advise = advise,
    .idle = "opacity = 0",
    .plan = plan,
    .ink = ink,
};
