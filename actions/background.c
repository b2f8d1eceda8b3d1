/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* background - lay a colour, or a second picture, behind what is transparent. A picture that is
 * opaque stays as it is. */
#include <math.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/colour.h"
#include "actions/ink_place.h"
#include "actions/layers.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/where.h"

typedef struct Background {
    Colour colour;
    Asset file;
    double opacity;
    int method;
    InkPlace lies;
    Length width;
    bool solid; /* no pixel of the file is seen through; found by prepare() */
} Background;

enum { COVER, ONCE, TILE, SCALE };

static const Choice methods[] = {
    { "cover", COVER,
      "once, so large that it covers the picture; `place` says which part is seen" },
    { "place", ONCE, "once, at `place`, as wide as `width`" },
    { "tile", TILE, "repeated, as wide as `width`, with `margin` between" },
    { "by-offset", ONCE, "the same as place" },
    { "scale", SCALE, "once, as large as the picture and the margin allow, at `place`" },
    { 0 },
};

static const Param params[] = {
    COLOUR(Background, colour, .def = "#ffffff", .help = "the colour behind the picture"),
    PICTURE(Background, file, .def = "none", .zero = "none",
            .help = "a picture in place of the colour; its transparency is kept"),
    REAL(Background, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the background shows"),
    CHOICE(Background, method, .def = "cover", .choices = methods,
           .help = "how the file is laid: so that it covers all, once, or tiled"),
    INK_PLACE_UPRIGHT_ROWS(Background, lies., "centre", "0"),
    LENGTH(Background, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000,
           .of = OF_WIDTH,
           .help = "width of the file, its height follows; auto: as many pixels as it has"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const Background *s = settings;
    bool white = s->colour.r == 255 && s->colour.g == 255 && s->colour.b == 255;

    return !s->file.path || (white && s->colour.a == 255) ||
           error_set(err, ERROR_CONFIG,
                     "remove one of them, or put a step background with the colour behind it",
                     "a background is a colour or a file");
}

/* A setting that only a file has, and the first one that has no effect; NULL: none. */
static const char *of_file(const Background *s)
{
    return s->method != COVER                   ? "method"
           : s->lies.turn                       ? "turn"
           : s->lies.place.word != PLACE_CENTRE ? "place"
           : s->width.amount > 0                ? "width"
           : s->lies.margin.amount > 0          ? "margin"
                                                : NULL;
}

static const char *idle(const Background *s)
{
    if (!s->file.path)
        return of_file(s);
    if (s->width.amount > 0 && (s->method == COVER || s->method == SCALE))
        return "width";
    if (s->lies.margin.amount > 0 && s->method == COVER)
        return "margin";
    return s->lies.place.word != PLACE_CENTRE && s->method == TILE ? "place" : NULL;
}

static bool advise(const void *settings, Error **err)
{
    const Background *s = settings;
    const char *name = idle(s);

    if (!name)
        return ink_place_advise(&s->lies, err);
    return error_set(
        err, ERROR_CONFIG,
        s->file.path ? "remove it, or give another method" : "remove it, or give a file",
        "%s has no effect %s", name, s->file.path ? "with this method" : "without a file");
}

static bool is_solid(VipsImage *file)
{
    const uint8_t *values = VIPS_IMAGE_ADDR(file, 0, 0);
    size_t count = (size_t) file->Xsize * file->Ysize * file->Bands;

    for (size_t i = file->Bands - 1; i < count; i += file->Bands)
        if (values[i] < UINT8_MAX)
            return false;
    return true;
}

static bool prepare(void *settings, Error **err G_GNUC_UNUSED)
{
    Background *s = settings;
    VipsImage *file = asset_picture(&s->file);

    s->solid = file && is_solid(file);
    return true;
}

/* Whether nothing of it is seen through. */
static bool is_opaque(const Background *s)
{
    bool covers = s->method == COVER || (s->method == TILE && (int) s->lies.margin.px == 0);

    return s->opacity == 100 && (asset_picture(&s->file) ? s->solid && covers : s->colour.a == 255);
}

static bool has_colour(const Background *s)
{
    VipsImage *file = asset_picture(&s->file);

    return file ? pixels_colours(file) == 3 : overlay_has_colour(&s->colour);
}

/* ---- a file ---- */

/* How many times larger a file of that size is laid on a photo of this one. */
static double scale_of(const Background *s, int width, int height, double across, double down)
{
    double room = 2 * floor(s->lies.margin.px);

    switch (s->method) {
    case COVER:
        return fmax(across / width, down / height);
    case SCALE:
        return fmin(fmax(1, across - room) / width, fmax(1, down - room) / height);
    default:
        return s->width.amount > 0 ? fmax(1, round(s->width.px)) / width : 1;
    }
}

static VipsImage *scaled(const Background *s, VipsImage *file, VipsImage *photo)
{
    double scale = scale_of(s, file->Xsize, file->Ysize, photo->Xsize, photo->Ysize);
    const ImagePart all = part_whole(file->Xsize, file->Ysize);

    if (s->method != COVER)
        return resample_all(file, shape_side(file->Xsize * scale), shape_side(file->Ysize * scale));
    const ImagePart part =
        where_part(&s->lies.place, &all, photo->Xsize / scale, photo->Ysize / scale);
    return resample(file, &part, photo->Xsize, photo->Ysize, KERNEL_AUTO);
}

static VipsImage *sheet(const Background *s, VipsImage *photo)
{
    g_autoptr(VipsImage) turned = ink_turned(asset_picture(&s->file), s->lies.turn);
    g_autoptr(VipsImage) there = turned ? ink_in_colours_of(photo, turned) : NULL;
    g_autoptr(VipsImage) file = there ? scaled(s, there, photo) : NULL;
    Ink ink = { .tiled = s->method == TILE };

    if (!file || s->method == COVER)
        return g_steal_pointer(&file);
    ink_place_lay(&s->lies, file, photo->Xsize, photo->Ysize, &ink);
    g_autoptr(VipsImage) tile = ink.tiled ? pixels_in_memory(file) : g_object_ref(file);
    return tile ? ink_sheet(&ink, tile, photo) : NULL;
}

/* ---- behind the picture ---- */

typedef struct Behind {
    Layers layers;
    Layer colour;
    bool file;
    float opacity;
} Behind;

/* What pixel `i` of the sheet, of 8 bits, is. */
static Layer file_at(const Behind *behind, const PixelsRun *run, int i)
{
    enum { WHITE = 255 };
    int colours = behind->layers.colours;
    const uint8_t *from = (const uint8_t *) run->other + (size_t) i * (colours + 1);
    float alpha = behind->opacity * (float) from[colours] / WHITE;
    Layer layer = { 0 };

    for (int band = 0; band < colours; band++)
        layer[band] = alpha * (float) from[band] / WHITE;
    layer[LAYER_ALPHA] = alpha;
    return layer;
}

static void lay_run(const PixelsRun *run, const void *state)
{
    const Behind *behind = state;

    for (int i = 0; i < run->count; i++)
        layers_lay(&behind->layers, run, i, 1,
                   behind->file ? file_at(behind, run, i) : behind->colour);
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Background *s = settings;
    g_autoptr(VipsImage) photo = NULL;
    g_autoptr(VipsImage) file = NULL;

    if (in->Bands == pixels_colours(in) || s->opacity == 0)
        return g_object_ref(in);
    photo = colour_for_overlays(in, has_colour(s));
    if (!photo)
        return NULL;
    Behind behind = { .layers = layers_of(photo, true),
                      .file = asset_picture(&s->file),
                      .opacity = (float) (s->opacity / 100) };
    if (behind.file ? !(file = sheet(s, photo)) : !layers_colour(photo, &s->colour, &behind.colour))
        return NULL;
    behind.colour *= behind.opacity;
    if (is_opaque(s))
        behind.layers.out_bands = behind.layers.colours;
    return pixels_map(photo, file, behind.layers.out_bands, behind.layers.format, lay_run, &behind,
                      sizeof(behind));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Background *s = settings;
    const VipsImage *file = asset_picture(&s->file);
    double scale = 1;

    if (!shape->alpha || s->opacity == 0)
        return true;
    if (has_colour(s))
        shape->colours = 3;
    shape->alpha = !is_opaque(s);
    if (!file || s->method != TILE)
        return true;
    scale = scale_of(s, s->lies.turn % 2 ? file->Ysize : file->Xsize,
                     s->lies.turn % 2 ? file->Xsize : file->Ysize, shape->width, shape->height);
    shape->held = scale * scale * file->Xsize * file->Ysize * (shape->colours + 1);
    return true;
}

const Action action_background = {
    .name = "background",
    .group = "decoration",
    .summary = "lay a colour, or a second picture, behind what is transparent",
    .aliases = "flatten backdrop underlay behind background-color background-image remove-alpha",
    .example = "background { colour = \"#c8d8f0\" }",
    .params = params,
    .size = sizeof(Background),
    .flags = ACTION_POINTWISE,
    .check = check,
    .advise = advise,
    .idle = "opacity = 0",
    .prepare = prepare,
    .plan = plan,
    .pixels = pixels,
};
