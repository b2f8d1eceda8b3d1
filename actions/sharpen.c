/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sharpen - sharpen edges and leave smooth areas as they are, or by an unsharp mask. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/gauss.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Sharpen {
    double sigma;
    int method;
    double flat;
    double edges;
    double strength;
    double threshold;
} Sharpen;

enum { EDGES, UNSHARP };

static const Choice methods[] = {
    { "edges", EDGES, "lightness only, edges more than smooth areas: flat and edges say how much" },
    { "unsharp", UNSHARP,
      "each colour moves away from a blurred copy: strength and threshold say how far" },
    { 0 },
};

static const Param params[] = {
    REAL(Sharpen, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px",
         .help = "size of the detail to sharpen; 0.5 to 1 suits screens, 1 to 2 prints"),
    CHOICE(Sharpen, method, .def = "edges", .choices = methods, .help = "how it is sharpened"),
    REAL(Sharpen, flat, .def = "0", .min = 0, .max = 10, .only_with = "method = edges",
         .help = "with method = edges, how much smooth areas such as skin and sky are sharpened"),
    REAL(Sharpen, edges, .def = "3", .min = 0, .max = 20, .only_with = "method = edges",
         .help = "with method = edges, how much edges are sharpened"),
    REAL(Sharpen, strength, .def = "100", .min = 0, .max = 1000, .unit = "%",
         .only_with = "method = unsharp",
         .help = "with method = unsharp, how much of the difference to the blurred copy is added"),
    REAL(Sharpen, threshold, .def = "0", .min = 0, .max = 255, .only_with = "method = unsharp",
         .help = "with method = unsharp, what differs by no more of 255 stays as it is"),
    { 0 },
};

/* ---- the unsharp mask ---- */

typedef struct Mask {
    VipsBandFormat format;
    int bands;
    double strength, threshold; /* the threshold on the scale of the format */
} Mask;

static void add_difference(const PixelsRun *run, const void *state)
{
    const Mask *mask = state;
    const float *soft = run->other;

    for (size_t i = 0; i < (size_t) run->count * (size_t) mask->bands; i++) {
        double value = samples_get(mask->format, run->from, i);
        double apart = value - soft[i];
        bool stays = fabs(apart) <= mask->threshold;
        samples_put(mask->format, run->to, i, stays ? value : value + mask->strength * apart);
    }
}

static VipsImage *unsharp(const Sharpen *s, VipsImage *colours)
{
    const Mask mask = { colours->BandFmt, colours->Bands, s->strength / 100,
                        s->threshold * pixels_white(colours) / 255 };
    g_autoptr(VipsImage) soft = gauss_in_order(colours, s->sigma);

    if (!soft)
        return NULL;
    return pixels_map(colours, soft, mask.bands, mask.format, add_difference, &mask, sizeof(mask));
}

/* ---- both ---- */

static VipsImage *without_mask(const Sharpen *s, VipsImage *seen)
{
    VipsImage *out = NULL;

    return vips_sharpen(seen, &out, "sigma", s->sigma, "m1", s->flat, "m2", s->edges, NULL) ? NULL
                                                                                            : out;
}

static VipsImage *with_mask(const Sharpen *s, VipsImage *seen)
{
    g_autoptr(VipsImage) colours = bands_colours(seen);
    g_autoptr(VipsImage) out = colours ? unsharp(s, colours) : NULL;

    return out ? bands_with_alpha(out, seen, pixels_colours(seen)) : NULL;
}

/* Colours under transparent pixels must not show in the edge. */
static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Sharpen *s = settings;
    double reach = s->method == EDGES ? s->sigma : 1.5 * s->sigma; /* a mask looks farther */
    g_autoptr(VipsImage) seen =
        vips_image_hasalpha(in) ? pixels_without_hidden(in, reach) : g_object_ref(in);

    if (!seen)
        return NULL;
    return s->method == EDGES ? without_mask(s, seen) : with_mask(s, seen);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Sharpen *s = settings;

    if (s->method == UNSHARP)
        shape->held = gauss_in_order_held(shape, s->sigma);
    return true;
}

const Action action_sharpen = {
    .name = "sharpen",
    .group = "detail",
    .summary = "sharpen edges and leave smooth areas as they are",
    .aliases = "unsharp unsharp-mask usm",
    .example = "sharpen { sigma = 1 edges = 4 }",
    .params = params,
    .size = sizeof(Sharpen),
    .flags = ACTION_BLENDS,
    .plan = plan,
    .pixels = pixels,
};
