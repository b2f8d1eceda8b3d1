/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* convert - what a picture is made of: grey or colours, how many bits, with alpha or without. */
#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/bilevel.h"
#include "actions/colour.h"
#include "actions/pixels.h"

typedef struct Convert {
    int to, depth, alpha;
    bool dither;
} Convert;

enum { KEEP, GREY, RGB, ADD, DROP, BITS_1, BITS_8, BITS_16 };

static const Choice kinds[] = {
    { "keep", KEEP, "as it is" },
    { "grey", GREY, "one value for each pixel: luma of Rec. 601, in sRGB" },
    { "rgb", RGB, "red, green and blue" },
    { 0 },
};

static const Choice depths[] = {
    { "keep", KEEP, "as it is" },
    { "8", BITS_8, "8 bits, as JPEG, WebP and most screens have" },
    { "16", BITS_16, "16 bits; the picture looks the same, and steps after this round less" },
    { "1", BITS_1, "black and white; a PNG has 1 bit then, as a TIFF with compression = ccitt" },
    { 0 },
};

static const Choice alphas[] = {
    { "keep", KEEP, "as it is" },
    { "add", ADD, "all of a picture without transparency is opaque" },
    { "drop", DROP, "the picture is laid on white, as save does where a format has none" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Convert, to, .def = "keep", .choices = kinds, .help = "grey or colours"),
    CHOICE(Convert, depth, .def = "keep", .choices = depths, .help = "bits of each value"),
    CHOICE(Convert, alpha, .def = "keep", .choices = alphas, .help = "transparency"),
    BOOL(Convert, dither, .def = "yes", .only_with = "depth = 1",
         .help = "with depth = 1: dots, dense where it is dark; no: black below 128 of 255"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const Convert *s = settings;

    return s->depth != BITS_1 || s->to != RGB ||
           error_set(err, ERROR_CONFIG, "remove to = rgb",
                     "depth = 1 makes black and white, which has no colours");
}

static VipsImage *with_alpha(const Convert *s, VipsImage *in)
{
    static const Colour clear = { 0 };
    static const double white[] = { 255, 255, 255 };

    if (s->alpha == DROP)
        return pixels_flattened(in, white);
    return s->alpha == ADD ? backdrop_room(in, &clear) : g_object_ref(in);
}

static VipsBandFormat format_of(const Convert *s, VipsBandFormat format)
{
    return s->depth == KEEP ? format : s->depth == BITS_16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
}

static VipsImage *as_kind(const Convert *s, VipsImage *in)
{
    if (s->depth == BITS_1)
        return bilevel(in, s->dither);
    g_autoptr(VipsImage) kind = s->to == GREY  ? colour_as_grey(in)
                                : s->to == RGB ? colour_rgb(in)
                                               : g_object_ref(in);
    return kind ? pixels_in_format(kind, format_of(s, in->BandFmt)) : NULL;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    VipsImage *pixels = image_pixels(image, err);
    g_autoptr(VipsImage) whole = pixels ? with_alpha(settings, pixels) : NULL;
    VipsImage *made = whole ? as_kind(settings, whole) : NULL;

    if (made)
        image_replace(image, made);
    return made || (pixels && libvips_error(err, "convert the picture"));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Convert *s = settings;

    shape->alpha = s->alpha == KEEP ? shape->alpha : s->alpha == ADD;
    if (s->to != KEEP || s->depth == BITS_1)
        shape->colours = s->to == RGB ? 3 : 1;
    shape->format = format_of(s, shape->format);
    if (s->depth == BITS_1) {
        shape->few_colours = true;
        shape->held = shape_bytes(shape);
        shape->let_go = true;
    }
    return true;
}

const Action action_convert = {
    .name = "convert",
    .group = "colour",
    .summary = "make the picture grey or RGB, of 1, 8 or 16 bits, with or without alpha",
    .aliases = "convert-mode depth bit-depth bitmap dither threshold flatten-alpha",
    .example = "convert { to = grey alpha = drop }",
    .params = params,
    .size = sizeof(Convert),
    .idle = "to = keep depth = keep alpha = keep",
    .check = check,
    .plan = plan,
    .apply = apply,
};
