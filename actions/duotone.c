/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* duotone - show the picture's greys between two colours, one for black and one for white. */
#include "actions/action.h"
#include "actions/colour.h"

typedef struct Duotone {
    Colour black, white, middle;
} Duotone;

enum { BETWEEN = 1 };

static const Choice middles[] = { { "none", BETWEEN, "what lies between the two" }, { 0 } };

static const Param params[] = {
    COLOUR(Duotone, black, .def = "#735710", COLOUR_OF_AMOUNT, .help = "what black becomes"),
    COLOUR(Duotone, white, .def = "#ffffff", COLOUR_OF_AMOUNT, .help = "what white becomes"),
    COLOUR(Duotone, middle, .def = "none", .choices = middles, COLOUR_OF_AMOUNT,
           .help = "what middle grey becomes, which is 127 of 255"),
    { 0 },
};

static void colour(const void *settings, double grey, double rgb[3])
{
    static const double middle = 127 / 255.0;
    const Duotone *s = settings;

    if (s->middle.word == BETWEEN)
        colour_between(&s->black, &s->white, grey, rgb);
    else if (grey < middle)
        colour_between(&s->black, &s->middle, grey / middle, rgb);
    else
        colour_between(&s->middle, &s->white, (grey - middle) / (1 - middle), rgb);
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    return colour_of_grey(in, colour, settings);
}

const Action action_duotone = {
    .name = "duotone",
    .group = "colour",
    .summary = "show the picture's greys (Rec. 601) between two colours",
    .aliases = "colorize colourise tint two-tone tritone gradient-map",
    .example = "duotone { black = \"#1d2a5c\" white = \"#fff3d6\" middle = \"#a0587a\" }",
    .params = params,
    .size = sizeof(Duotone),
    .flags = ACTION_BLENDS | ACTION_MAKES_RGB,
    .colours = colours,
};
