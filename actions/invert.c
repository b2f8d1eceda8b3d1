/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* invert - black becomes white, and each colour the one across from it. */
#include "actions/action.h"

typedef struct Invert {
    char none; /* it has no settings */
} Invert;

static const Param params[] = { { 0 } };

static double tone(const void *settings G_GNUC_UNUSED, double value)
{
    return 1 - value;
}

const Action action_invert = {
    .name = "invert",
    .group = "colour",
    .summary = "make a negative of the picture",
    .aliases = "negative negate",
    .example = "invert {}",
    .params = params,
    .size = sizeof(Invert),
    .flags = ACTION_BLENDS,
    .tone = tone,
};
