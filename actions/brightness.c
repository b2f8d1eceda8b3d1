/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* brightness - fade the picture towards black or white. */
#include "actions/action.h"

typedef struct Brightness {
    double level;
} Brightness;

static const Param params[] = {
    REAL(Brightness, level, .def = "20%", .min = -100, .max = 100, .unit = "%",
         .help = "how far: -100% is black, 100% is white"),
    { 0 },
};

static double tone(const void *settings, double value)
{
    double level = ((const Brightness *) settings)->level / 100;

    return level < 0 ? value * (1 + level) : value + (1 - value) * level;
}

const Action action_brightness = {
    .name = "brightness",
    .group = "colour",
    .summary = "make the picture darker or lighter",
    .aliases = "brighten darken lighten",
    .example = "brightness { level = 30% }",
    .params = params,
    .size = sizeof(Brightness),
    .flags = ACTION_BLENDS,
    .tone = tone,
};
