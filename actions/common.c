/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* common - give each pixel the value that those around it have most often. */
#include "actions/action.h"
#include "actions/ranks.h"

typedef struct Common {
    int size;
} Common;

static const Param params[] = {
    RANKS_SIZE(Common),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    return ranks_common(in, ((const Common *) settings)->size);
}

const Action action_common = {
    .name = "common",
    .group = "detail",
    .summary = "let areas of one colour grow: the most common value around each pixel",
    .aliases = "mode most-common",
    .example = "common { size = 5 }",
    .params = params,
    .size = sizeof(Common),
    .flags = ACTION_BLENDS,
    .pixels = pixels,
};
