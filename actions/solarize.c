/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* solarize - invert what is light, as a film does that got light while it was developed. */
#include "actions/action.h"

typedef struct Solarize {
    double threshold;
} Solarize;

static const Param params[] = {
    REAL(Solarize, threshold, .def = "128", .min = 0, .max = 255,
         .help = "values from here on are inverted; 0 is black, 255 white"),
    { 0 },
};

static double tone(const void *settings, double value)
{
    return value < ((const Solarize *) settings)->threshold / 255 ? value : 1 - value;
}

const Action action_solarize = {
    .name = "solarize",
    .group = "colour",
    .summary = "invert what is light",
    .aliases = "solarise sabattier",
    .example = "solarize { threshold = 128 }",
    .params = params,
    .size = sizeof(Solarize),
    .flags = ACTION_BLENDS,
    .tone = tone,
};
