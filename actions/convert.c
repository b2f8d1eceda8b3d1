/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* convert - what a picture is made of: grey or colours, how many bits, with alpha or without. */
#include "actions/action.h"
#include "actions/bands.h"
#include "actions/bilevel.h"
#include "actions/colour.h"
#include "actions/few_colours.h"
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
    static const double white[] = { 255, 255, 255 };
    VipsImage *out = NULL;

    if (s->alpha == DROP)
        return pixels_flattened(in, white);
    if (s->alpha == KEEP || vips_image_hasalpha(in))
        return g_object_ref(in);
    return vips_addalpha(in, &out, NULL) ? NULL : out;
}

static VipsImage *as_grey(VipsImage *in)
{
    g_autoptr(VipsImage) colours = bands_colours(in);
    g_autoptr(VipsImage) grey = colours ? colour_grey(colours, colour_luma_601) : NULL;
    g_autoptr(VipsImage) joined = grey ? bands_with_alpha(grey, in, pixels_colours(in)) : NULL;

    return joined ? bands_rounded(joined, joined->BandFmt) : NULL;
}

static VipsImage *as_bilevel(const Convert *s, VipsImage *in)
{
    g_autoptr(VipsImage) srgb = colour_in_srgb(in);
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    VipsImage *out = bytes ? bilevel(bytes, s->dither) : NULL;

    if (out)
        few_colours_mark(out);
    return out;
}

static VipsImage *as_kind(const Convert *s, VipsImage *in)
{
    if (s->depth == BITS_1)
        return as_bilevel(s, in);
    g_autoptr(VipsImage) kind = s->to == GREY  ? as_grey(in)
                                : s->to == RGB ? colour_rgb(in)
                                               : g_object_ref(in);
    VipsBandFormat format = s->depth == BITS_8    ? VIPS_FORMAT_UCHAR
                            : s->depth == BITS_16 ? VIPS_FORMAT_USHORT
                                                  : in->BandFmt;
    g_autoptr(VipsImage) out = kind ? pixels_in_format(kind, format) : NULL;
    return out ? bands_rounded(out, format) : NULL;
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
    if (s->depth != KEEP)
        shape->format = s->depth == BITS_16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
    if (s->depth == BITS_1) {
        shape->few_colours = true;
        shape->held = shape_bytes(shape);
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
    .check = check,
    .plan = plan,
    .apply = apply,
};
