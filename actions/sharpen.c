/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sharpen - sharpen edges and leave smooth areas as they are. */
#include "actions/action.h"
#include "actions/pixels.h"

typedef struct Sharpen {
    double sigma;
    double flat;
    double edges;
} Sharpen;

static const Param params[] = {
    REAL(Sharpen, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px",
         .help = "size of the detail to sharpen; 0.5 to 1 suits screens, 1 to 2 prints"),
    REAL(Sharpen, flat, .def = "0", .min = 0, .max = 10,
         .help = "how much smooth areas such as skin and sky are sharpened"),
    REAL(Sharpen, edges, .def = "3", .min = 0, .max = 20, .help = "how much edges are sharpened"),
    { 0 },
};

/* Colours under transparent pixels must not show in the edge. */
static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Sharpen *s = settings;
    g_autoptr(VipsImage) seen =
        vips_image_hasalpha(in) ? pixels_without_hidden(in, s->sigma) : g_object_ref(in);
    VipsImage *sharp = NULL;

    if (!seen || vips_sharpen(seen, &sharp, "sigma", s->sigma, "m1", s->flat, "m2", s->edges, NULL))
        return NULL;
    return sharp;
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
    .pixels = pixels,
};
