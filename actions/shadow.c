/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* shadow - let the picture throw a soft shadow on what is behind it. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/bands.h"
#include "actions/gauss.h"
#include "actions/layers.h"
#include "actions/overlay_colour.h"

typedef struct Shadow {
    Length x, y;
    Length blur;
    Length border;
    Colour colour;
    Colour background;
} Shadow;

static const Param params[] = {
    LENGTH(Shadow, x, .def = "2%", .min = -100000, .max = 100000, .of = OF_WIDTH,
           .help = "how far the shadow lies to the right of the picture; below 0 to the left"),
    LENGTH(Shadow, y, .def = "2%", .min = -100000, .max = 100000, .of = OF_HEIGHT,
           .help = "how far it lies below the picture; below 0 above it"),
    LENGTH(Shadow, blur, .def = "1%", .min = 0, .max = 500, .of = OF_MEAN,
           .help = "how soft it is: the standard deviation of a bell curve; 0 is a hard edge"),
    LENGTH(Shadow, border, .def = "4%", .min = 0, .max = 100000, .of = OF_MEAN,
           .help = "the room on every side around the picture and its shadow before it is soft"),
    COLOUR(Shadow, colour, .def = "#444444",
           .help = "the colour of the shadow; its alpha says how dark it is"),
    BACKGROUND_ROW(Shadow),
    { 0 },
};

/* ---- where things lie ---- */

typedef struct Layout {
    VipsRect photo, shadow;
    double width, height; /* of the result */
} Layout;

static Layout layout_of(const Shadow *s, int width, int height)
{
    int x = (int) lround(s->x.px), y = (int) lround(s->y.px), border = (int) lround(s->border.px);
    const VipsRect photo = { border + MAX(0, -x), border + MAX(0, -y), width, height };

    return (Layout){ .photo = photo,
                     .shadow = { photo.left + x, photo.top + y, width, height },
                     .width = (double) width + abs(x) + 2.0 * border,
                     .height = (double) height + abs(y) + 2.0 * border };
}

/* What is farther away is not seen. */
static int reach_of(const Shadow *s)
{
    return (int) ceil(4 * s->blur.px);
}

static bool is_soft(const Shadow *s)
{
    return s->blur.px > 0.01;
}

/* ---- the shadow ---- */

/* How much of each pixel the photo covers, 0 to 1. */
static VipsImage *cover(VipsImage *photo)
{
    g_autoptr(VipsImage) band = NULL;
    VipsImage *out = NULL;
    bool alpha = photo->Bands > pixels_colours(photo);
    bool failed = alpha ? vips_extract_band(photo, &band, photo->Bands - 1, NULL)
                        : vips_black(&band, photo->Xsize, photo->Ysize, NULL);

    if (failed ||
        vips_linear1(band, &out, alpha ? 1 / pixels_white(photo) : 1, alpha ? 0 : 1, NULL))
        return NULL;
    return out;
}

/* The same of the shadow in the result: what leaves it counts where it is soft. */
static VipsImage *shade(const Shadow *s, VipsImage *photo, const Layout *layout)
{
    int reach = reach_of(s), width = (int) layout->width, height = (int) layout->height;
    g_autoptr(VipsImage) hard = cover(photo);
    g_autoptr(VipsImage) wide = NULL;
    VipsImage *out = NULL;

    if (!hard || vips_embed(hard, &wide, layout->shadow.left + reach, layout->shadow.top + reach,
                            width + 2 * reach, height + 2 * reach, NULL))
        return NULL;
    g_autoptr(VipsImage) soft = is_soft(s) ? gauss_blurred(wide, s->blur.px) : g_object_ref(wide);
    if (!soft || vips_extract_area(soft, &out, reach, reach, width, height, NULL))
        return NULL;
    return out;
}

typedef struct Drop {
    Layers layers;
    VipsRect photo;
    Layer colour, background;
} Drop;

static void drop_run(const PixelsRun *run, const void *state)
{
    const Drop *drop = state;
    const float *shaded = run->other;
    bool beside = run->y < drop->photo.top || run->y >= VIPS_RECT_BOTTOM(&drop->photo);

    for (int i = 0; i < run->count; i++) {
        int x = run->x + i;
        bool seen = !beside && x >= drop->photo.left && x < VIPS_RECT_RIGHT(&drop->photo);
        layers_lay(&drop->layers, run, i, seen,
                   layer_over(drop->colour * shaded[i], drop->background));
    }
}

/* NULL with libvips' error set. */
static VipsImage *dropped(const Shadow *s, VipsImage *photo)
{
    const Layout layout = layout_of(s, photo->Xsize, photo->Ysize);
    Drop drop = { .layers = layers_of(photo, s->background.a < 255), .photo = layout.photo };
    g_autoptr(VipsImage) shaded = shade(s, photo, &layout);
    g_autoptr(VipsImage) page = NULL;

    if (!shaded || !layers_colour(photo, &s->colour, &drop.colour) ||
        !layers_colour(photo, &s->background, &drop.background) ||
        vips_embed(photo, &page, layout.photo.left, layout.photo.top, (int) layout.width,
                   (int) layout.height, NULL))
        return NULL;
    return pixels_map(page, shaded, drop.layers.out_bands, drop.layers.format, drop_run, &drop,
                      sizeof(drop));
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Shadow *s = settings;
    bool coloured = overlay_has_colour(&s->colour) || overlay_has_colour(&s->background);

    if (image_shape(image).alpha && !image_to_memory(image, err)) /* it is read twice */
        return false;
    VipsImage *photo = image_overlay_pixels(image, coloured, err);
    VipsImage *out = photo ? dropped(s, photo) : NULL;
    if (!out)
        return photo ? libvips_error(err, "draw the shadow") : false;
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Shadow *s = settings;
    const Layout layout = layout_of(s, shape->width, shape->height);
    Shape shaded = { .colours = 1, .format = VIPS_FORMAT_FLOAT };

    shape->settles |= shape->alpha;
    if (!shape_grow(shape, layout.width, layout.height, err))
        return false;
    shaded.width = shape->width + 2 * reach_of(s);
    shaded.height = shape->height + 2 * reach_of(s);
    shape->held = is_soft(s) ? gauss_held(&shaded, s->blur.px) : 0;
    backdrop_plan(&s->background, shape);
    if (overlay_has_colour(&s->colour))
        shape->colours = 3;
    return true;
}

const Action action_shadow = {
    .name = "shadow",
    .group = "decoration",
    .summary = "let the picture throw a soft shadow on what is behind it",
    .aliases = "drop-shadow box-shadow",
    .example = "shadow { blur = 2% border = 8% background = \"#ffffff\" }",
    .params = params,
    .size = sizeof(Shadow),
    .plan = plan,
    .geometry = geometry,
};
