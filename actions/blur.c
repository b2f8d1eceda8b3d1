/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blur - make the picture soft, as a lens out of focus does. */
#include <math.h>

#include "actions/action.h"
#include "actions/gauss.h"

typedef struct Blur {
    Length sigma;
} Blur;

static const Param params[] = {
    LENGTH(Blur, sigma, .def = "2px", .min = 0.1, .max = 500, .of = OF_SHORTER,
           .help = "how far each pixel spreads"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    return gauss_blurred(in, ((const Blur *) settings)->sigma.px);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    double factor = gauss_factor(((const Blur *) settings)->sigma.px);
    double pixels = ceil(shape->width / factor) * ceil(shape->height / factor);

    if (factor > 1)
        shape->held = 2 * pixels * (shape->colours + shape->alpha) * sizeof(float);
    return true;
}

const Action action_blur = {
    .name = "blur",
    .group = "detail",
    .summary = "make the picture soft",
    .aliases = "gaussian gaussian-blur soften",
    .example = "blur { sigma = 3px }",
    .params = params,
    .size = sizeof(Blur),
    .flags = ACTION_BLENDS | ACTION_PREMULTIPLIED,
    .plan = plan,
    .pixels = pixels,
};
