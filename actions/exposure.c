/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exposure - as much more or less light as a longer or shorter exposure would have given. */
#include <math.h>

#include "actions/action.h"
#include "actions/profile_curves.h"
#include "actions/tones.h"

typedef struct Exposure {
    double stops;
} Exposure;

static const Param params[] = {
    REAL(Exposure, stops, .def = "0", .min = -5, .max = 5,
         .help =
             "each stop doubles the light, each below 0 halves it; what is over white is white"),
    { 0 },
};

static VipsImage *colours(const void *settings, VipsImage *in)
{
    double factor = exp2(((const Exposure *) settings)->stops);
    g_autoptr(ProfileCurves) curves = profile_curves_of(in);
    const Light each[] = { { curves, 0, factor }, { curves, 1, factor }, { curves, 2, factor } };

    return tones_of_each(in, profile_curves_times, each, sizeof(*each));
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
    .colours = colours,
};
