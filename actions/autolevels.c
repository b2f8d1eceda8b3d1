/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* autolevels - stretch what is there, until the darkest is black and the lightest white. */
#include "actions/action.h"
#include "actions/automatic.h"

typedef struct Autolevels {
    double cutoff;
    int channels;
} Autolevels;

static const Choice ways[] = {
    { "together", LEVELS_TOGETHER, "red, green and blue alike: greys stay grey" },
    { "each", LEVELS_EACH, "red, green and blue by themselves: a tint goes away, or comes" },
    { "lightness", LEVELS_LIGHTNESS, "the lightness of CIE L*a*b*: hue and chroma stay" },
    { 0 },
};

static const Param params[] = {
    REAL(Autolevels, cutoff, .def = "0", .min = 0, .max = 50, .unit = "%",
         .help = "how much of the darkest, and of the lightest, is left out of account; what is "
                 "transparent always is"),
    CHOICE(Autolevels, channels, .def = "together", .choices = ways, .help = "what is stretched"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Autolevels *s = settings;

    return automatic_levels(in, s->cutoff, s->channels);
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
