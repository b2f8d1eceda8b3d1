/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exposure - as much more or less light as a longer or shorter exposure would have given. */
#include <math.h>

#include "actions/action.h"
#include "actions/profile_curves.h"

typedef struct Exposure {
    double stops;
} Exposure;

static const Param params[] = {
    REAL(Exposure, stops, .def = "0", .min = -5, .max = 5,
         .help = "each stop doubles the light, each below 0 halves it; white stays the most"),
    { 0 },
};

static VipsImage *colours(const void *settings, VipsImage *in)
{
    return profile_curves_times(in, exp2(((const Exposure *) settings)->stops));
}

const Action action_exposure = {
    .name = "exposure",
    .group = "colour",
    .summary = "give the picture more or less light",
    .aliases = "ev stops dodge burn",
    .example = "exposure { stops = 0.7 }",
    .params = params,
    .size = sizeof(Exposure),
    .flags = ACTION_BLENDS,
    .idle = "stops = 0",
    .colours = colours,
};
