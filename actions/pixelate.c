/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pixelate - give each block of pixels its mean: all of the picture, or a part that is to be
 * hidden. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/pixels.h"

typedef struct Pixelate {
    Length size;
    Area area; /* without a width: all */
} Pixelate;

static const Param params[] = {
    LENGTH(Pixelate, size, .def = "2%", .min = 0.1, .max = 2000, .of = OF_SHORTER,
           .help = "how wide and high a block is, in whole pixels: 6% or more hides a face; below "
                   "1.5 pixels the "
                   "picture stays as it is"),
    AREA(Pixelate, area, .def = "all", .zero = "all", .min = -100000, .max = 100000,
         .help = "the part that is changed: lengths from the left and from the top, its width and "
                 "its height, as in \"10% 20% 200px 80px\""),
    { 0 },
};

/* ---- the area ---- */

static int whole_px(Length length)
{
    return (int) CLAMP(rint(length.px), -VIPS_MAX_COORD, VIPS_MAX_COORD);
}

/* The part of a picture that is changed; false: none. */
static bool area_of(const Pixelate *s, int width, int height, VipsRect *area)
{
    const VipsRect whole = { 0, 0, width, height };

    *area = whole;
    if (s->area.width.amount == 0)
        return true;
    *area = (VipsRect){ whole_px(s->area.x), whole_px(s->area.y), whole_px(s->area.width),
                        whole_px(s->area.height) };
    vips_rect_intersectrect(area, &whole, area);
    return !vips_rect_isempty(area);
}

/* ---- its blocks ---- */

static int blocks(int pixels, int size)
{
    return (pixels + size - 1) / size;
}

static int size_of(const Pixelate *s)
{
    return MAX(1, (int) rint(s->size.px));
}

/* Floats, colours times alpha, and as one more band 1: of a block that is not whole the means of
 * all bands are too small by as much. */
static VipsImage *counted(VipsImage *part, int size)
{
    g_autoptr(VipsImage) weighted = bands_premultiplied(part);
    g_autoptr(VipsImage) floats = NULL;
    g_autoptr(VipsImage) more = NULL;
    VipsImage *out = NULL;

    if (!weighted || vips_cast_float(weighted, &floats, NULL) ||
        vips_bandjoin_const1(floats, &more, 1, NULL) ||
        vips_embed(more, &out, 0, 0, blocks(part->Xsize, size) * size,
                   blocks(part->Ysize, size) * size, NULL))
        return NULL;
    return out;
}

/* A pixel of each block, with the bands of `part`. */
static VipsImage *means(VipsImage *part, int size)
{
    g_autoptr(VipsImage) wide = counted(part, size);
    g_autoptr(VipsImage) small = NULL;
    g_autoptr(VipsImage) sums = NULL;
    g_autoptr(VipsImage) share = NULL;
    g_autoptr(VipsImage) mean = NULL;
    g_autoptr(VipsImage) typed = NULL;
    g_autoptr(VipsImage) plain = NULL;
    g_autoptr(VipsImage) out = NULL;

    if (!wide || vips_shrink(wide, &small, size, size, NULL) ||
        !(sums = bands_first(small, part->Bands)) ||
        vips_extract_band(small, &share, part->Bands, NULL) ||
        vips_divide(sums, share, &mean, NULL) ||
        vips_copy(mean, &typed, "interpretation", part->Type, NULL) ||
        !(plain = bands_unpremultiplied(typed)) || !(out = bands_rounded(plain, part->BandFmt)))
        return NULL;
    return pixels_in_memory(out);
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Pixelate *s = settings;
    int size = size_of(s);
    g_autoptr(VipsImage) part = NULL;
    g_autoptr(VipsImage) small = NULL;
    g_autoptr(VipsImage) large = NULL;
    g_autoptr(VipsImage) whole = NULL;
    VipsImage *out = NULL;
    VipsRect area;

    if (size == 1 || !area_of(s, in->Xsize, in->Ysize, &area))
        return g_object_ref(in);
    if (vips_extract_area(in, &part, area.left, area.top, area.width, area.height, NULL) ||
        !(small = means(part, size)) || vips_zoom(small, &large, size, size, NULL) ||
        vips_extract_area(large, &whole, 0, 0, area.width, area.height, NULL) ||
        vips_insert(in, whole, &out, area.left, area.top, NULL))
        return NULL;
    return out;
}

/* The small picture as it is kept, and the rows of which it is made. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    enum { ROWS_AT_ONCE = 2 * 144 };
    const Pixelate *s = settings;
    int size = size_of(s);
    VipsRect area;

    if (size == 1 || !area_of(s, shape->width, shape->height, &area))
        return true;
    double row = (double) area.width * (shape->colours + shape->alpha + 1) * sizeof(float);
    double pixel = shape_bytes(shape) / shape->width / shape->height;
    shape->held = pixel * blocks(area.width, size) * blocks(area.height, size) +
                  row * MIN(ROWS_AT_ONCE, 2 * blocks(area.height, size));
    return true;
}

const Action action_pixelate = {
    .name = "pixelate",
    .group = "detail",
    .summary = "make the picture or a part of it blocks of one colour, as to hide a face",
    .aliases = "censor blocks",
    .example = "pixelate { size = 6% area = \"40% 10% 45% 50%\" }",
    .params = params,
    .size = sizeof(Pixelate),
    .flags = ACTION_BLENDS | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
