/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* canvas - lay the picture on a canvas of another size, without scaling it: what is beside the
 * picture is filled, and what lies beside the canvas is cut off. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/bands.h"
#include "actions/gauss.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/where.h"

typedef struct Canvas {
    Length width, height;
    Place place;
    double ratio;
    Colour background;
    int fill;
} Canvas;

enum { FILL_COLOUR, FILL_BLUR, FILL_EDGE, FILL_MIRROR };

static const Choice fills[] = {
    { "colour", FILL_COLOUR, "the background's colour" },
    { "blur", FILL_BLUR, "the picture itself, large and blurred" },
    { "edge", FILL_EDGE, "the outermost pixels of the picture" },
    { "mirror", FILL_MIRROR, "the picture mirrored at its edges" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Canvas, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the canvas's width; auto: as ratio says, else the picture's longer side"),
    LENGTH(Canvas, height, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the canvas's height; auto: as ratio says, else the picture's longer side"),
    PLACE(Canvas, place, .def = "centre", .min = -100000, .max = 100000, .also = "where",
          .help = "where the picture lies; of \"x y\" a length is where it begins on the canvas, "
                  "and a % how much of the room lies before it"),
    REAL(Canvas, ratio, .def = "auto", .zero = "auto", .min = 0.05, .max = 20,
         .unit = PARAM_PROPORTION,
         .help = "how many times as wide as high the canvas is; without width and height the "
                 "smallest that holds the picture"),
    BACKGROUND_ROW(Canvas),
    CHOICE(Canvas, fill, .def = "colour", .choices = fills, .help = "what is beside the picture"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const Canvas *s = settings;

    return s->ratio == 0 || s->width.amount == 0 || s->height.amount == 0 ||
           error_set(err, ERROR_CONFIG, "remove one of them",
                     "width, height and ratio: two of them say the third");
}

/* ---- where the picture lies ---- */

/* The canvas, and on it the picture, whose size area is not. */
static VipsRect canvas_of(const Canvas *s, int width, int height)
{
    double across = s->width.px, down = s->height.px;
    bool wide = s->width.amount > 0, high = s->height.amount > 0;

    if (s->ratio > 0 && !wide && !high) {
        across = fmax(width, height * s->ratio);
        down = fmax(height, width / s->ratio);
    } else {
        across = wide ? across : s->ratio > 0 ? shape_side(down) * s->ratio : MAX(width, height);
        down = high ? down : s->ratio > 0 ? shape_side(across) / s->ratio : MAX(width, height);
    }
    const VipsRect size = { 0, 0, shape_side(across), shape_side(down) };
    return (VipsRect){ (int) where_begins(&s->place, true, size.width, width),
                       (int) where_begins(&s->place, false, size.height, height), size.width,
                       size.height };
}

/* Whether room beside the picture is seen. */
static bool has_room(const VipsRect *canvas, int width, int height)
{
    return canvas->left > 0 || canvas->top > 0 || canvas->left + width < canvas->width ||
           canvas->top + height < canvas->height;
}

/* Whether any of the picture is. */
static bool is_seen(const VipsRect *canvas, int width, int height)
{
    return canvas->left < canvas->width && canvas->left + width > 0 &&
           canvas->top < canvas->height && canvas->top + height > 0;
}

static bool has_colour(const Canvas *s, const VipsRect *canvas, int width, int height)
{
    return s->fill == FILL_COLOUR && has_room(canvas, width, height);
}

/* ---- what is beside it ---- */

static VipsImage *continued(VipsImage *pixels, const VipsRect *canvas, VipsExtend extend)
{
    VipsImage *out = NULL;

    return vips_embed(pixels, &out, canvas->left, canvas->top, canvas->width, canvas->height,
                      "extend", extend, NULL)
               ? NULL
               : out;
}

/* A blurred picture has no detail that a smaller one lacks: it is blurred with this many pixels on
 * its longer side. */
enum { BLURRED_SIDE = 96 };

static const double blur_share = 0.025; /* of that side */

static VipsImage *blurred(VipsImage *pixels, int width, int height)
{
    double times = fmin(1, BLURRED_SIDE / (double) MAX(width, height));
    double ratio = fmin((double) pixels->Xsize / width, (double) pixels->Ysize / height);
    const ImagePart part = { (pixels->Xsize - width * ratio) / 2,
                             (pixels->Ysize - height * ratio) / 2, width * ratio, height * ratio };
    const ImagePart all = part_whole(shape_side(width * times), shape_side(height * times));
    g_autoptr(VipsImage) small =
        resample(pixels, &part, (int) all.width, (int) all.height, KERNEL_AUTO);
    g_autoptr(VipsImage) weighted = small ? bands_premultiplied(small) : NULL;
    g_autoptr(VipsImage) soft =
        weighted ? gauss_blurred(weighted, blur_share * BLURRED_SIDE) : NULL;
    g_autoptr(VipsImage) plain = soft ? bands_unpremultiplied(soft) : NULL;
    g_autoptr(VipsImage) rounded = plain ? bands_rounded(plain, pixels->BandFmt) : NULL;
    g_autoptr(VipsImage) memory = rounded ? pixels_in_memory(rounded) : NULL;

    return memory ? resample(memory, &all, width, height, KERNEL_AUTO) : NULL;
}

static VipsImage *on_blurred(VipsImage *pixels, const VipsRect *canvas)
{
    g_autoptr(VipsImage) behind = blurred(pixels, canvas->width, canvas->height);
    VipsImage *out = NULL;

    if (!behind || vips_insert(behind, pixels, &out, canvas->left, canvas->top, NULL))
        return NULL;
    return out;
}

static VipsImage *laid(const Canvas *s, VipsImage *pixels, const VipsRect *canvas)
{
    switch (s->fill) {
    case FILL_BLUR:
        return on_blurred(pixels, canvas);
    case FILL_EDGE:
        return continued(pixels, canvas, VIPS_EXTEND_COPY);
    case FILL_MIRROR:
        return continued(pixels, canvas, VIPS_EXTEND_MIRROR);
    default:
        return backdrop_laid(pixels, &s->background, canvas);
    }
}

/* ---- the action ---- */

static bool beside(Error **err)
{
    return error_set(err, ERROR_PICTURE, "give a place on the canvas",
                     "the picture lies beside its canvas");
}

/* Only what lies on the canvas. */
static VipsRect cut_of(const VipsRect *canvas)
{
    return (VipsRect){ -canvas->left, -canvas->top, canvas->width, canvas->height };
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Canvas *s = settings;
    int width = image_width(image), height = image_height(image);
    const VipsRect canvas = canvas_of(s, width, height);

    if (!is_seen(&canvas, width, height))
        return beside(err);
    if (!has_room(&canvas, width, height))
        return image_cut(image, cut_of(&canvas), err);
    if (s->fill != FILL_COLOUR && !image_to_memory(image, err))
        return false;
    VipsImage *pixels = has_colour(s, &canvas, width, height)
                            ? backdrop_pixels(image, &s->background, err)
                            : image_pixels(image, err);
    VipsImage *out = pixels ? laid(s, pixels, &canvas) : NULL;
    if (!out)
        return pixels ? libvips_error(err, "lay the picture on a canvas") : false;
    image_view(image, out);
    if (s->fill == FILL_BLUR)
        image_fork(image);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Canvas *s = settings;
    int width = shape->width, height = shape->height;
    const VipsRect canvas = canvas_of(s, width, height);

    if (!is_seen(&canvas, width, height))
        return beside(err);
    if (!has_room(&canvas, width, height)) {
        const VipsRect cut = cut_of(&canvas);
        shape_cut(shape, &cut);
        shape->as_stored = true;
        shape->by_planes = shape->planes.bytes > 0;
        if (shape->by_planes) /* a part of them is still in its file */
            shape->shrink = 0;
        return true;
    }
    shape->width = canvas.width;
    shape->height = canvas.height;
    shape->planes = (ShapePlanes){ 0 };
    shape->settles |= s->fill != FILL_COLOUR;
    if (has_colour(s, &canvas, width, height))
        backdrop_plan(&s->background, shape);
    if (s->fill == FILL_BLUR)
        shape->forked = true;
    return true;
}

const Action action_canvas = {
    .name = "canvas",
    .group = "geometry",
    .summary = "lay the picture on a canvas of another size, without scaling it",
    .aliases = "extent pad letterbox pillarbox canvas-size matte",
    .example = "canvas { ratio = 1:1 fill = blur }",
    .params = params,
    .size = sizeof(Canvas),
    .flags = ACTION_SETS_DPI,
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
