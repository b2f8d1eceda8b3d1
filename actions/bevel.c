/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bevel - let the picture stand out: the edge of its shape is round, and light falls on it. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/convolve.h"
#include "actions/gauss.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Bevel {
    Length depth;
    double angle;
    Colour colour;
} Bevel;

static const Choice no_colour[] = {
    { "none", 1, "those of the picture" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Bevel, depth, .def = "2%", .min = 0.1, .max = 500, .of = OF_SHORTER,
           .help = "how wide the edge is: two sigma of the blur that makes a hill of the shape"),
    REAL(Bevel, angle, .def = "135", .min = -360, .max = 360, .unit = "degrees",
         .help = "where the light comes from, counter-clockwise from the right: colours fade to "
                 "white on slopes towards it and to black on others, fully on a straight edge"),
    COLOUR(Bevel, colour, .def = "none", .choices = no_colour,
           .help =
               "one colour for the whole shape, as of a bullet; the less alpha it has, the more of "
               "the picture's own is seen"),
    { 0 },
};

/* How far the blur is seen. */
enum { SIGMAS = 4 };

/* From the picture's size on, a wider edge changes little. */
static double sigma_on(const Bevel *s, int width, int height)
{
    return MIN(s->depth.px / 2, MAX(width, height));
}

static int factor_on(const Bevel *s, int width, int height)
{
    return gauss_factor(sigma_on(s, width, height));
}

/* Pixels around the picture, in which there is nothing. */
static int margin_of(const Bevel *s, int width, int height)
{
    return (int) ceil(SIGMAS * sigma_on(s, width, height)) + 1;
}

static bool has_colour(const Bevel *s)
{
    return s->colour.a > 0;
}

/* ---- the hill ---- */

/* 1 where the picture is opaque. */
static VipsImage *shape_in(VipsImage *pixels)
{
    int colours = pixels_colours(pixels);
    g_autoptr(VipsImage) nothing = NULL;
    g_autoptr(VipsImage) alpha = NULL;
    VipsImage *out = NULL;

    if (pixels->Bands == colours) {
        if (vips_black(&nothing, pixels->Xsize, pixels->Ysize, NULL))
            return NULL;
        return vips_linear1(nothing, &out, 1, 1, NULL) ? NULL : out;
    }
    if (vips_extract_band(pixels, &alpha, colours, NULL))
        return NULL;
    return vips_linear1(alpha, &out, 1 / pixels_white(pixels), 0, NULL) ? NULL : out;
}

/* How steep a blurred picture is, across and down. */
static VipsImage *slopes(VipsImage *in, double sigma)
{
    static const ConvolveTap left_to_right[] = { { -1, 0, -0.5F }, { 1, 0, 0.5F } };
    static const ConvolveTap downwards[] = { { 0, -1, -0.5F }, { 0, 1, 0.5F } };
    g_autoptr(VipsImage) soft = gauss_in_order(in, sigma);
    g_autoptr(VipsImage) across = soft ? convolve_with(soft, left_to_right, 2, 0) : NULL;
    g_autoptr(VipsImage) down = across ? convolve_with(soft, downwards, 2, 0) : NULL;
    g_autoptr(VipsImage) both = NULL;
    VipsImage *out = NULL;

    if (!down || vips_bandjoin2(across, down, &both, NULL) ||
        vips_copy(both, &out, "interpretation", VIPS_INTERPRETATION_MULTIBAND, NULL)) /* no alpha */
        return NULL;
    return out;
}

/* In pixels that are `factor` times as large. A difference of pixels that have one between them is
 * a slope that is blurred by a box of two, whose variance is a third. */
static VipsImage *slopes_of(VipsImage *shape, double sigma, int factor)
{
    double variance = gauss_variance_left(sigma * sigma, factor) - 1.0 / 3;

    return factor == 1 ? slopes(shape, sigma)
                       : gauss_by_smaller(shape, factor, slopes, sqrt(variance));
}

static VipsImage *hill(const Bevel *s, VipsImage *pixels)
{
    int margin = margin_of(s, pixels->Xsize, pixels->Ysize);
    g_autoptr(VipsImage) shape = shape_in(pixels);
    g_autoptr(VipsImage) floats = NULL;
    g_autoptr(VipsImage) wide = NULL;
    g_autoptr(VipsImage) steep = NULL;
    VipsImage *out = NULL;

    if (!shape || vips_cast_float(shape, &floats, NULL) ||
        vips_embed(floats, &wide, margin, margin, pixels->Xsize + 2 * margin,
                   pixels->Ysize + 2 * margin, NULL) ||
        !(steep = slopes_of(wide, sigma_on(s, pixels->Xsize, pixels->Ysize),
                            factor_on(s, pixels->Xsize, pixels->Ysize))) ||
        vips_extract_area(steep, &out, margin, margin, pixels->Xsize, pixels->Ysize, NULL))
        return NULL;
    return out;
}

/* ---- on the picture ---- */

typedef struct Lighting {
    VipsBandFormat format;
    int bands, colours, in_bands, in_colours;
    double colour[3], opacity; /* 0 to 1 */
    double across, down;       /* how much each slope is lit */
} Lighting;

/* From -1, which is black, to 1, which is white. The height of a straight edge is a normal
 * distribution's integral, and its slope at most 1 / (sigma x sqrt(2 pi)), which counts as 1. */
static void set_light(Lighting *lighting, const Bevel *s, const VipsImage *in)
{
    double angle = s->angle * G_PI / 180;
    double most =
        sigma_on(s, in->Xsize, in->Ysize) * sqrt(2 * G_PI) / factor_on(s, in->Xsize, in->Ysize);

    lighting->across = -cos(angle) * most;
    lighting->down = sin(angle) * most;
}

/* Fades to black or to white. */
static double lit(double value, double light)
{
    return light < 0 ? value * (1 + light) : value + (1 - value) * light;
}

static void lighten(const PixelsRun *run, const void *state)
{
    const Lighting *l = state;
    const float *slopes = run->other;
    double white = samples_white(l->format);

    for (size_t i = 0; i < (size_t) run->count; i++) {
        double light = CLAMP(l->across * slopes[2 * i] + l->down * slopes[2 * i + 1], -1, 1);
        for (int band = 0; band < l->colours; band++) {
            size_t at = i * l->in_bands + MIN(band, l->in_colours - 1);
            double own = samples_get(l->format, run->from, at) / white;
            double value = own + (l->colour[band] - own) * l->opacity;
            samples_put(l->format, run->to, i * l->bands + band, white * lit(value, light));
        }
        if (l->bands > l->colours)
            samples_put(l->format, run->to, i * l->bands + l->colours,
                        samples_get(l->format, run->from, i * l->in_bands + l->in_colours));
    }
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Bevel *s = settings;
    bool coloured = has_colour(s);
    int own = pixels_colours(in);
    int colours = coloured ? 3 : own;
    Lighting lighting = { in->BandFmt,
                          colours + in->Bands - own,
                          colours,
                          in->Bands,
                          own,
                          { s->colour.r / 255, s->colour.g / 255, s->colour.b / 255 },
                          coloured ? s->colour.a / 255 : 0,
                          0,
                          0 };
    g_autoptr(VipsImage) slopes = hill(s, in);
    g_autoptr(VipsImage) out = NULL;

    if (!slopes)
        return NULL;
    set_light(&lighting, s, in);
    out = pixels_map(in, slopes, lighting.bands, in->BandFmt, lighten, &lighting, sizeof(lighting));
    return out && coloured ? bands_without_profile(out) : g_steal_pointer(&out);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Bevel *s = settings;
    int margins = 2 * margin_of(s, shape->width, shape->height);
    const Shape hill = { .width = shape->width + margins,
                         .height = shape->height + margins,
                         .colours = 1,
                         .alpha = true };

    shape->held = gauss_held(&hill, sigma_on(s, shape->width, shape->height));
    if (has_colour(s))
        shape->colours = 3;
    return true;
}

const Action action_bevel = {
    .name = "bevel",
    .group = "decoration",
    .summary = "let the edge of the picture, or of the shape in it, stand out",
    .aliases = "3d-edge bullet emboss-edge raise button",
    .example = "bevel { depth = 10% }",
    .params = params,
    .size = sizeof(Bevel),
    .flags = ACTION_BLENDS | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
