/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* posterize - leave only a few values of each colour. */
#include "actions/action.h"
#include "actions/curves.h"

typedef struct Posterize {
    int levels, bits;
} Posterize;

static const Param params[] = {
    INT(Posterize, levels, .def = "2", .min = 2, .max = 256, .help = "how many values remain"),
    INT(Posterize, bits, .def = "none", .zero = "none", .zero_means = -1, .min = 0, .max = 8,
        .help = "in place of levels: how many bits of 8 stay as they are; the others become 0"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    static const int not_given = 2;
    const Posterize *s = settings;

    return s->bits < 0 || s->levels == not_given ||
           error_set(err, ERROR_CONFIG, "remove one of them",
                     "levels and bits: each says how many values remain");
}

static double tone(const void *settings, double value)
{
    const Posterize *s = settings;

    return s->bits < 0 ? curve_nearest(value, s->levels) : curve_bits(value, s->bits);
}

const Action action_posterize = {
    .name = "posterize",
    .group = "colour",
    .summary = "leave only a few values of each colour",
    .aliases = "posterise reduce-levels",
    .example = "posterize { levels = 4 }",
    .params = params,
    .size = sizeof(Posterize),
    .flags = ACTION_BLENDS,
    .check = check,
    .tone = tone,
};
