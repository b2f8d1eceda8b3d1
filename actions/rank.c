/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rank - give each pixel a value of those around it, from the least to the greatest. */
#include "actions/action.h"
#include "actions/ranks.h"

typedef struct Rank {
    int size;
    double rank;
} Rank;

static const Param params[] = {
    RANKS_SIZE(Rank),
    REAL(Rank, rank, .def = "50", .max = 100, .unit = "%",
         .help = "which value: 0% is the least of the window, 50% its median, 100% the greatest"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Rank *s = settings;

    return ranks_value(in, s->size, s->rank);
}

const Action action_rank = {
    .name = "rank",
    .group = "detail",
    .summary = "the value at a place from the least to the greatest of those around each pixel",
    .aliases = "percentile rank-order",
    .example = "rank { size = 5 rank = 20% }",
    .params = params,
    .size = sizeof(Rank),
    .flags = ACTION_BLENDS,
    .pixels = pixels,
};
