/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* levels - say which values become black and white, and how light the middle is. */
#include "actions/action.h"
#include "actions/channels.h"
#include "actions/curves.h"

typedef struct Levels {
    double black, white, gamma;
    unsigned channels;
} Levels;

static const Param params[] = {
    REAL(Levels, black, .def = "0", .min = 0, .max = 100, .unit = "%",
         .help = "what becomes black, and what is darker, too"),
    REAL(Levels, white, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "what becomes white, and what is lighter, too"),
    REAL(Levels, gamma, .def = "1", .min = 0.1, .max = 10,
         .help = "above 1 lightens the middle: ((value - black) / (white - black)) ^ (1 / gamma)"),
    WORDS(Levels, channels, .def = "all", .choices = channel_words,
          .help = "which colours change; a grey picture gets colours where it is not all"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    const Levels *s = settings;

    if (s->channels == 0)
        return error_set(err, ERROR_CONFIG, "give all, or one or two of red, green, blue",
                         "channels = {}: no colour changes");
    return s->black < s->white ||
           error_set(err, ERROR_CONFIG,
                     "give a smaller black or a larger white; invert {} makes a negative",
                     "black is not darker than white");
}

static double tone(const void *settings, double value)
{
    const Levels *s = settings;

    return curve_stretch(&(Stretch){ s->black / 100, s->white / 100, s->gamma }, value);
}

const Action action_levels = {
    .name = "levels",
    .group = "colour",
    .summary = "say which values become black and white, and how light the middle is",
    .aliases = "level gamma tone-curve",
    .example = "levels { black = 10% white = 85% gamma = 1.3 }",
    .params = params,
    .size = sizeof(Levels),
    .flags = ACTION_BLENDS,
    .idle = "black = 0 white = 100 gamma = 1",
    .check = check,
    .channels_by = "channels",
    .tone = tone,
};
