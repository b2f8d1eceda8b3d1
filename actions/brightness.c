/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* brightness - fade the picture towards black or white. */
#include "actions/action.h"

typedef struct Brightness {
    double strength;
} Brightness;

static const Param params[] = {
    REAL(Brightness, strength, .also = "level", .def = "0", .min = -100, .max = 100, .unit = "%",
         .help = "how far: -100% is black, 100% white; 30%: each value goes 30% of the way there"),
    { 0 },
};

static double tone(const void *settings, double value)
{
    double part = ((const Brightness *) settings)->strength / 100;

    return part < 0 ? value * (1 + part) : value + (1 - value) * part;
}

const Action action_brightness = {
    .name = "brightness",
    .group = "colour",
    .summary = "make the picture darker or lighter",
    .aliases = "brighten darken lighten",
    .example = "brightness { strength = 30% }",
    .params = params,
    .size = sizeof(Brightness),
    .flags = ACTION_BLENDS,
    .idle = "strength = 0",
    .tone = tone,
};
