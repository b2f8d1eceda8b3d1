/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* median - give each pixel the middle value of those around it. */
#include "actions/action.h"
#include "actions/ranks.h"

typedef struct Median {
    int size;
} Median;

static const Param params[] = {
    RANKS_SIZE(Median),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    return ranks_value(in, ((const Median *) settings)->size, 50);
}

const Action action_median = {
    .name = "median",
    .group = "detail",
    .summary = "take specks and noise out: the middle value of those around each pixel",
    .aliases = "despeckle dust-and-scratches",
    .example = "median { size = 5 }",
    .params = params,
    .size = sizeof(Median),
    .flags = ACTION_BLENDS,
    .pixels = pixels,
};
