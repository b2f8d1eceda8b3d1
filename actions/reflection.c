/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reflection - let the picture stand on a polished table, which reflects it. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/bands.h"
#include "actions/gauss.h"
#include "actions/layers.h"
#include "actions/overlay_colour.h"
#include "actions/resample.h"

typedef struct Reflection {
    Length depth;
    Length gap;
    double opacity;
    Length blur;
    bool squeeze;
    Colour background;
} Reflection;

static const Param params[] = {
    LENGTH(Reflection, depth, .def = "10%", .min = 0, .max = 100000, .of = OF_HEIGHT,
           .help = "how high the reflection is; at most as high as the picture, unless squeeze is "
                   "yes"),
    LENGTH(Reflection, gap, .def = "0", .min = 0, .max = 100000, .of = OF_HEIGHT,
           .help =
               "the room between the picture and its reflection; of a shape with empty room below, "
               "cut that off first: crop { mode = trim }"),
    REAL(Reflection, opacity, .def = "60", .min = 0, .max = 100, .unit = "%",
         .help = "how much of it shows at its upper edge; it fades evenly to nothing at the lower "
                 "one"),
    LENGTH(Reflection, blur, .def = "0", .min = 0, .max = 500, .of = OF_MEAN,
           .help = "how soft it is: the standard deviation of a bell curve"),
    BOOL(Reflection, squeeze, .def = "no",
         .help =
             "whether it is the whole picture, made as high as depth says; else it is the lower "
             "part"),
    BACKGROUND_ROW(Reflection),
    { 0 },
};

/* Of the reflection; 0: there is none. */
static int depth_of(const Reflection *s, int height)
{
    int depth = (int) MIN(lround(s->depth.px), VIPS_MAX_COORD);

    return s->squeeze ? depth : MIN(depth, height);
}

static int gap_of(const Reflection *s)
{
    return (int) MIN(lround(s->gap.px), VIPS_MAX_COORD);
}

static bool is_soft(const Reflection *s)
{
    return s->blur.px > 0.01;
}

/* ---- pixels; functions give NULL with libvips' error set ---- */

static VipsImage *flipped(const Reflection *s, VipsImage *photo, int depth)
{
    g_autoptr(VipsImage) turned = NULL;
    VipsImage *out = NULL;

    if (vips_flip(photo, &turned, VIPS_DIRECTION_VERTICAL, NULL))
        return NULL;
    if (s->squeeze)
        return resample_all(turned, photo->Xsize, depth);
    return vips_extract_area(turned, &out, 0, 0, photo->Xsize, depth, NULL) ? NULL : out;
}

static VipsImage *reflected(const Reflection *s, VipsImage *photo, int depth)
{
    g_autoptr(VipsImage) sharp = flipped(s, photo, depth);

    if (!sharp || !is_soft(s))
        return g_steal_pointer(&sharp);
    g_autoptr(VipsImage) weighted = bands_premultiplied(sharp);
    g_autoptr(VipsImage) soft = weighted ? gauss_blurred(weighted, s->blur.px) : NULL;
    g_autoptr(VipsImage) plain = soft ? bands_unpremultiplied(soft) : NULL;
    return plain ? bands_rounded(plain, photo->BandFmt) : NULL;
}

/* The photo and, below it, its reflection. */
static VipsImage *joined(const Reflection *s, VipsImage *photo, int depth, int height)
{
    g_autoptr(VipsImage) page = NULL;
    VipsImage *out = NULL;

    if (vips_embed(photo, &page, 0, 0, photo->Xsize, height, NULL))
        return NULL;
    if (depth == 0)
        return g_steal_pointer(&page);
    g_autoptr(VipsImage) below = reflected(s, photo, depth);
    if (!below || vips_insert(page, below, &out, 0, height - depth, NULL))
        return NULL;
    return out;
}

typedef struct Fade {
    Layers layers;
    int height, from, depth; /* of the photo, and where the reflection begins */
    double opacity;
    Layer background;
} Fade;

static void fade_run(const PixelsRun *run, const void *state)
{
    const Fade *fade = state;
    double down = (run->y - fade->from + 0.5) / MAX(1, fade->depth);
    double share = run->y < fade->from ? run->y < fade->height : fade->opacity * (1 - down);

    for (int i = 0; i < run->count; i++)
        layers_lay(&fade->layers, run, i, (float) share, fade->background);
}

static VipsImage *laid(const Reflection *s, VipsImage *photo)
{
    int depth = depth_of(s, photo->Ysize), from = photo->Ysize + gap_of(s);
    Fade fade = { .layers = layers_of(photo, s->background.a < 255),
                  .height = photo->Ysize,
                  .from = from,
                  .depth = depth,
                  .opacity = s->opacity / 100 };
    g_autoptr(VipsImage) page = joined(s, photo, depth, from + depth);

    if (!page || !layers_colour(photo, &s->background, &fade.background))
        return NULL;
    return pixels_map(page, NULL, fade.layers.out_bands, fade.layers.format, fade_run, &fade,
                      sizeof(fade));
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Reflection *s = settings;

    if (!image_to_memory(image, err))
        return false;
    VipsImage *photo = backdrop_pixels(image, &s->background, err);
    VipsImage *out = photo ? laid(s, photo) : NULL;
    if (!out)
        return photo ? libvips_error(err, "draw the reflection") : false;
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Reflection *s = settings;
    int depth = depth_of(s, shape->height);
    Shape below = *shape;

    backdrop_plan(&s->background, &below);
    below.height = MAX(1, depth);
    below.in_order = false;
    shape->settles = true;
    if (!shape_grow(shape, shape->width, (double) shape->height + gap_of(s) + depth, err))
        return false;
    shape->held = depth > 0 && is_soft(s) ? gauss_held(&below, s->blur.px) : 0;
    backdrop_plan(&s->background, shape);
    return true;
}

const Action action_reflection = {
    .name = "reflection",
    .group = "decoration",
    .summary = "let the picture stand on a polished table, which reflects it",
    .aliases = "reflect mirror-image wet-floor",
    .example = "reflection { depth = 40% gap = 1% background = \"#ffffff\" }",
    .params = params,
    .size = sizeof(Reflection),
    .plan = plan,
    .geometry = geometry,
};
