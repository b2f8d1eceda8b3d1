/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* levels - say which values become black and white, and how light the middle is. */
#include "actions/action.h"
#include "actions/colour.h"
#include "actions/curves.h"
#include "actions/tones.h"

typedef struct Levels {
    double black, white, gamma;
    unsigned channels; /* bits of the words */
} Levels;

enum { RED, GREEN, BLUE, ALL };

static const Choice words[] = {
    { "all", ALL, "all three alike" },
    { "red", RED, "red values" },
    { "green", GREEN, "green values" },
    { "blue", BLUE, "blue values" },
    { 0 },
};

static const Param params[] = {
    REAL(Levels, black, .def = "0", .min = 0, .max = 100, .unit = "%",
         .help = "what becomes black, and what is darker, too"),
    REAL(Levels, white, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "what becomes white, and what is lighter, too"),
    REAL(Levels, gamma, .def = "1", .min = 0.1, .max = 10,
         .help = "above 1 the middle becomes lighter: ((value - black) / (white - black)) ^ (1 / "
                 "gamma)"),
    WORDS(Levels, channels, .def = "all", .choices = words,
          .help = "which colours change; a grey picture gets colours where it is not all"),
    { 0 },
};

static bool check(const void *settings, Error **err)
{
    if (((const Levels *) settings)->black < ((const Levels *) settings)->white)
        return true;
    return error_set(err, ERROR_CONFIG,
                     "give a smaller black or a larger white; invert {} makes a "
                     "negative",
                     "black is not darker than white");
}

static bool splits(const Levels *s)
{
    const unsigned three = 1U << RED | 1U << GREEN | 1U << BLUE;

    return !(s->channels & 1U << ALL) && (s->channels & three) != three;
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Levels *s = settings;
    Stretch each[] = { { 0, 1, 1 }, { 0, 1, 1 }, { 0, 1, 1 } };
    g_autoptr(VipsImage) rgb = splits(s) ? colour_rgb(in) : g_object_ref(in);

    for (int i = RED; i <= BLUE; i++)
        if (!splits(s) || s->channels & 1U << i)
            each[i] = (Stretch){ s->black / 100, s->white / 100, s->gamma };
    return rgb ? tones_of_each(rgb, curve_stretch, each, splits(s) ? sizeof(*each) : 0) : NULL;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->colours = splits(settings) ? 3 : shape->colours;
    return true;
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
    .check = check,
    .plan = plan,
    .colours = colours,
};
