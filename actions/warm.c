/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* warm - give the picture's greys a warm colour, the more the nearer they are to the middle. */
#include "actions/action.h"
#include "actions/colour.h"

typedef struct Warm {
    Colour midtone;
    double brighten;
} Warm;

static const Param params[] = {
    COLOUR(Warm, midtone, .def = "#805d40", COLOUR_OF_AMOUNT,
           .help = "what middle grey becomes; all others lie on a parabola from black through it "
                   "to white"),
    REAL(Warm, brighten, .def = "50", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the light is given back that a dark midtone takes away"),
    { 0 },
};

/* Through 0, the midtone at one half, and 1. */
static void colour(const void *settings, double grey, double rgb[3])
{
    const Warm *s = settings;
    const double middle[] = { s->midtone.r / 255, s->midtone.g / 255, s->midtone.b / 255 };
    double lost = 0.5 - colour_luma(middle);
    double given = MAX(lost, 0) * s->brighten / 100;

    for (int i = 0; i < 3; i++)
        rgb[i] = grey + 4 * grey * (1 - grey) * (middle[i] + given - 0.5);
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    return colour_of_grey(in, colour, settings);
}

const Action action_warm = {
    .name = "warm",
    .group = "colour",
    .summary = "give the picture's greys (Rec. 601) a warm colour",
    .aliases = "warm-up sepia photo-filter",
    .example = "warm { amount = 80% }",
    .params = params,
    .size = sizeof(Warm),
    .flags = ACTION_BLENDS | ACTION_MAKES_RGB,
    .amount = "50",
    .colours = colours,
};
