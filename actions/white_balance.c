/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* white_balance - take a colour cast away, or give one: each colour is multiplied by a number. */
#include <math.h>

#include "actions/action.h"
#include "actions/automatic.h"

typedef struct WhiteBalance {
    double warmth, tint;
    int automatic;
} WhiteBalance;

static const Choice ways[] = {
    { "no", BALANCE_NONE, "only as warmth and tint say" },
    { "grey-world", BALANCE_GREY_WORLD,
      "red, green and blue get the same mean, that of all three" },
    { "white-patch", BALANCE_WHITE_PATCH,
      "the largest red, green and blue of the picture become white" },
    { 0 },
};

static const Param params[] = {
    REAL(WhiteBalance, warmth, .def = "0", .min = -100, .max = 100,
         .help = "red times 2^(warmth / 200), blue times 2^(-warmth / 200), then all divided by "
                 "what Rec. 709 luma of white becomes: -100 is blue, 100 orange"),
    REAL(WhiteBalance, tint, .def = "0", .min = -100, .max = 100,
         .help = "in the same way green times 2^(-tint / 200): -100 is green, 100 magenta"),
    { PARAM_CHOICE, .name = "auto", .offset = offsetof(WhiteBalance, automatic), .def = "no",
      .choices = ways, .help = "what is done before that" },
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const WhiteBalance *s = settings;
    const double factors[] = { exp2(s->warmth / 200), exp2(-s->tint / 200),
                               exp2(-s->warmth / 200) };

    return automatic_balance(in, s->automatic, factors);
}

const Action action_white_balance = {
    .name = "white_balance",
    .group = "colour",
    .summary = "take a colour cast away, or give one; grey pictures stay as they are",
    .aliases = "colour-balance temperature colour-temperature awb auto-white-balance wb",
    .example = "white_balance { warmth = 40 tint = -10 }",
    .params = params,
    .size = sizeof(WhiteBalance),
    .flags = ACTION_BLENDS | ACTION_POINTWISE | ACTION_RANDOM,
    .idle = "warmth = 0 tint = 0 auto = no",
    .random_by = "auto",
    .pixels = pixels,
};
