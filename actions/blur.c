/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blur - make the picture soft, as a lens out of focus does. */
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

const Action action_blur = {
    .name = "blur",
    .group = "detail",
    .summary = "make the picture soft",
    .aliases = "gaussian gaussian-blur soften smooth",
    .example = "blur { sigma = 3px }",
    .params = params,
    .size = sizeof(Blur),
    .flags = ACTION_BLENDS | ACTION_PREMULTIPLIED,
    .pixels = pixels,
};
