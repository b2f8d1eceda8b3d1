/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watermark - lay a second picture over the first.
 *
 * The mark is read once and kept in memory for every picture. */
#include <math.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/pixels.h"
#include "actions/resample.h"

typedef struct Watermark {
    Asset file;
    int method;
    Place place;
    Length width;
    Length margin;
    double opacity;
} Watermark;

enum { ONCE, TILE, SCALE };

static const Choice methods[] = {
    { "place", ONCE, "once, at `place`, as wide as `width`" },
    { "tile", TILE, "repeated, as wide as `width`, with `margin` between" },
    { "scale", SCALE, "once, as large as the picture and the margin allow" },
    { 0 },
};

static const Param params[] = {
    PICTURE(Watermark, file, .help = "the picture to lay over; its transparency is kept"),
    CHOICE(Watermark, method, .def = "place", .choices = methods,
           .help = "how it is laid over: placed once, tiled, or scaled to fill"),
    PLACE(Watermark, place, .def = "bottom-right", .min = -100000, .max = 100000,
          .help = "where it is placed; with \"x y\" the margin does not count"),
    LENGTH(Watermark, width, .def = "20%", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "width of the mark, its height follows"),
    LENGTH(Watermark, margin, .def = "2%", .min = 0, .max = 100000, .of = OF_SHORTER,
           .help = "distance from the edges, or between tiles"),
    REAL(Watermark, opacity, .def = "80", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the mark shows"),
    { 0 },
};

/* Its size inside the margins. */
static double scale_of(const Watermark *s, const VipsImage *mark, const Shape *photo)
{
    double width = MAX(1, photo->width - 2 * floor(s->margin.px));
    double height = MAX(1, photo->height - 2 * floor(s->margin.px));
    double wanted = s->method == SCALE ? width : MIN(round(s->width.px), width);

    return MIN(MAX(1, wanted) / mark->Xsize, height / mark->Ysize);
}

static bool ink(const void *settings, Image *photo, Ink *ink, Error **err)
{
    const Watermark *s = settings;
    VipsImage *mark = asset_picture(&s->file);
    const Shape shape = image_shape(photo);
    int margin = (int) s->margin.px;

    double scale = scale_of(s, mark, &shape);
    ink->picture =
        resample_all(mark, shape_side(mark->Xsize * scale), shape_side(mark->Ysize * scale));
    if (!ink->picture)
        return libvips_error(err, "scale the watermark");
    ink->opacity = s->opacity / 100;
    ink->tiled = s->method == TILE;
    ink->gap = margin;
    ink->x =
        ink->tiled ? margin / 2 : place_left(&s->place, shape.width, ink->picture->Xsize, margin);
    ink->y =
        ink->tiled ? margin / 2 : place_top(&s->place, shape.height, ink->picture->Ysize, margin);
    return true;
}

/* The mark as it is laid over, at most as large as the photo. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Watermark *s = settings;
    const VipsImage *mark = asset_picture(&s->file);
    double scale = scale_of(s, mark, shape);
    shape->held = scale * scale * mark->Xsize * mark->Ysize * mark->Bands;
    if (mark->Bands > 2)
        shape->colours = 3;
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
    .plan = plan,
    .ink = ink,
};
