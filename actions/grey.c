/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grey - take the colours out: each pixel becomes as light as its colours make it together. */
#include "actions/action.h"
#include "actions/colour.h"

typedef struct Grey {
    double red, green, blue;
} Grey;

static const Param params[] = {
    REAL(Grey, red, .def = "21.26", .min = -200, .max = 200, .unit = "%",
         .help = "how much red counts; the defaults are those of Rec. 709: as light as it looks"),
    REAL(Grey, green, .def = "71.52", .min = -200, .max = 200, .unit = "%",
         .help = "the same of green"),
    REAL(Grey, blue, .def = "7.22", .min = -200, .max = 200, .unit = "%",
         .help = "the same of blue"),
    { 0 },
};

static bool advise(const void *settings, Error **err)
{
    const Grey *s = settings;
    double sum = s->red + s->green + s->blue;

    return ABS(sum - 100) < 1 ||
           error_set(err, ERROR_CONFIG, "give all three, which come to 100% together",
                     "red, green and blue come to %.9g%%: the picture becomes %s", sum,
                     sum > 100 ? "lighter" : "darker");
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Grey *s = settings;

    return colour_grey(in, (const double[]){ s->red / 100, s->green / 100, s->blue / 100 });
}

const Action action_grey = {
    .name = "grey",
    .group = "colour",
    .summary = "take the colours out",
    .aliases = "desaturate greyscale monochrome black-and-white channel-mixer",
    .example = "grey { red = 60% green = 30% blue = 10% }",
    .params = params,
    .size = sizeof(Grey),
    .flags = ACTION_BLENDS | ACTION_MAKES_GREY,
    .advise = advise,
    .colours = colours,
};
