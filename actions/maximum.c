/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* maximum - give each pixel the greatest value of those around it. */
#include "actions/action.h"
#include "actions/ranks.h"

typedef struct Maximum {
    int size;
} Maximum;

static const Param params[] = {
    RANKS_SIZE(Maximum),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    return ranks_value(in, ((const Maximum *) settings)->size, 100);
}

const Action action_maximum = {
    .name = "maximum",
    .group = "detail",
    .summary = "let the light parts grow: the greatest value of those around each pixel",
    .aliases = "dilate lightest max",
    .example = "maximum { size = 5 }",
    .params = params,
    .size = sizeof(Maximum),
    .flags = ACTION_BLENDS,
    .pixels = pixels,
};
