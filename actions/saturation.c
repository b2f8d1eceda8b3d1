/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* saturation - make colours stronger or weaker: each moves away from its grey, or towards it. */
#include "actions/action.h"
#include "actions/colour.h"
#include "actions/pixels_each.h"

typedef struct Saturation {
    double strength, vibrance;
} Saturation;

static const Param params[] = {
    REAL(Saturation, strength, .def = "0", .min = -100, .max = 100, .unit = "%",
         .help = "how much stronger: -100% is grey (Rec. 601), 100% is twice as far from that"),
    REAL(Saturation, vibrance, .def = "0", .min = -100, .max = 100, .unit = "%",
         .help = "the same, times 1 - (largest - smallest of red, green and blue, 0 to 1): weak "
                 "colours gain more than strong ones"),
    { 0 },
};

static void each(const void *state, float rgb[4])
{
    const Saturation *s = state;
    float spread = MAX(rgb[0], MAX(rgb[1], rgb[2])) - MIN(rgb[0], MIN(rgb[1], rgb[2]));
    double factor = (1 + s->strength / 100) * (1 + s->vibrance / 100 * (1 - MIN(spread, 1)));
    double grey = colour_luma((const double[]){ rgb[0], rgb[1], rgb[2] });

    for (int i = 0; i < 3; i++)
        rgb[i] = (float) (grey + factor * (rgb[i] - grey));
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    return pixels_each_colour(in, each, settings, sizeof(Saturation));
}

const Action action_saturation = {
    .name = "saturation",
    .group = "colour",
    .summary = "make colours stronger or weaker",
    .aliases = "saturate vibrance modulate chroma",
    .example = "saturation { strength = 60% vibrance = 40% }",
    .params = params,
    .size = sizeof(Saturation),
    .flags = ACTION_BLENDS,
    .idle = "strength = 0 vibrance = 0",
    .colours = colours,
};
