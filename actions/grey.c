/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grey - take the colours out: each pixel becomes as light as it looks. */
#include "actions/action.h"
#include "actions/colour.h"

typedef struct Grey {
    char none; /* it has no settings */
} Grey;

static const Param params[] = { { 0 } };

static VipsImage *colours(const void *settings G_GNUC_UNUSED, VipsImage *in)
{
    return colour_grey(in);
}

static bool plan(const void *settings G_GNUC_UNUSED, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->colours = 1;
    return true;
}

const Action action_grey = {
    .name = "grey",
    .group = "colour",
    .summary = "take the colours out",
    .aliases = "desaturate greyscale monochrome black-and-white",
    .example = "grey {}",
    .params = params,
    .size = sizeof(Grey),
    .flags = ACTION_BLENDS,
    .plan = plan,
    .colours = colours,
};
