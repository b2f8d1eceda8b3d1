/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* autolevels - stretch what is there, until the darkest is black and the lightest white. */
#include "actions/action.h"
#include "actions/curves.h"
#include "actions/histogram.h"
#include "actions/lightness.h"
#include "actions/pixels.h"
#include "actions/tones.h"

typedef struct Autolevels {
    double cutoff;
    int channels;
} Autolevels;

enum { TOGETHER, EACH, LIGHTNESS };

static const Choice ways[] = {
    { "together", TOGETHER, "red, green and blue alike: greys stay grey" },
    { "each", EACH, "red, green and blue by themselves: a tint goes away, or comes" },
    { "lightness", LIGHTNESS, "the lightness of CIE L*a*b*: hue and chroma stay" },
    { 0 },
};

static const Param params[] = {
    REAL(Autolevels, cutoff, .def = "0", .min = 0, .max = 50, .unit = "%",
         .help = "how much of the darkest, and of the lightest, is left out of account; what is "
                 "transparent always is"),
    CHOICE(Autolevels, channels, .def = "together", .choices = ways, .help = "what is stretched"),
    { 0 },
};

/* `in` as its own histogram asks for it. Of one value it stays as it is. */
static VipsImage *stretched(VipsImage *in, double cutoff, bool each)
{
    g_autoptr(Histogram) histogram = histogram_new(in);
    Stretch bounds[3];

    for (int band = 0; histogram && band < histogram_bands(histogram); band++) {
        Stretch *s = &bounds[band];
        if (histogram_bounds(histogram, each ? band : HISTOGRAM_ALL, cutoff, &s->black, &s->white))
            s->gamma = 1;
        else
            *s = (Stretch){ 0, 1, 1 };
    }
    return histogram ? tones_of_each(in, curve_stretch, bounds, each ? sizeof(*bounds) : 0) : NULL;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Autolevels *s = settings;

    if (s->channels != LIGHTNESS || pixels_colours(in) == 1)
        return stretched(in, s->cutoff, s->channels == EACH);
    g_autoptr(VipsImage) lightness = lightness_of(in);
    g_autoptr(VipsImage) more = lightness ? stretched(lightness, s->cutoff, false) : NULL;
    return more ? lightness_put(in, more) : NULL;
}

const Action action_autolevels = {
    .name = "autolevels",
    .group = "colour",
    .summary = "stretch the tones of the picture from black to white",
    .aliases = "auto-contrast autocontrast auto-levels auto-level auto-tone normalize normalise "
               "contrast-stretch",
    .example = "autolevels { cutoff = 2% }",
    .params = params,
    .size = sizeof(Autolevels),
    .flags = ACTION_BLENDS | ACTION_POINTWISE | ACTION_RANDOM,
    .pixels = pixels,
};
