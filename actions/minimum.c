/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* minimum - give each pixel the least value of those around it. */
#include "actions/action.h"
#include "actions/ranks.h"

typedef struct Minimum {
    int size;
} Minimum;

static const Param params[] = {
    RANKS_SIZE(Minimum),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    return ranks_value(in, ((const Minimum *) settings)->size, 0);
}

const Action action_minimum = {
    .name = "minimum",
    .group = "detail",
    .summary = "let the dark parts grow: the least value of those around each pixel",
    .aliases = "erode darkest min",
    .example = "minimum { size = 5 }",
    .params = params,
    .size = sizeof(Minimum),
    .flags = ACTION_BLENDS,
    .pixels = pixels,
};
