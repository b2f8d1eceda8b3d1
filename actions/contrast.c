/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contrast - move values away from the middle of the picture, or towards it. */
#include "actions/action.h"
#include "actions/automatic.h"
#include "actions/curves.h"
#include "actions/tones.h"

typedef struct Contrast {
    double strength, threshold;
    int pivot, curve;
} Contrast;

enum { MIDDLE, MEAN, LINE, S };

static const Choice pivots[] = {
    { "middle", MIDDLE, "half way from black to white; of an s, the threshold" },
    { "mean", MEAN, "the mean of the picture's luma (Rec. 601), without what is transparent" },
    { 0 },
};

static const Choice curves[] = {
    { "line", LINE, "pivot + (value - pivot) * (1 + strength / 100), cut off at black and white" },
    { "s", S, "a sigmoid of the steepness strength / 10: nothing is cut off" },
    { 0 },
};

static const Param params[] = {
    REAL(Contrast, strength, .def = "0", .min = -100, .max = 100, .unit = "%",
         .help = "above 0 more, below 0 less; of a line 100% doubles each distance from the pivot, "
                 "and -100% leaves one grey"),
    CHOICE(Contrast, pivot, .def = "middle", .choices = pivots, .help = "the value that stays"),
    CHOICE(Contrast, curve, .def = "line", .choices = curves, .help = "what values become"),
    REAL(Contrast, threshold, .def = "50", .min = 0, .max = 100, .unit = "%",
         .only_with = "curve = s pivot = middle",
         .help = "where an s is steepest: 0% is black, 100% white"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Contrast *s = settings;
    double pivot = s->curve == S ? s->threshold / 100 : 0.5;

    if (s->pivot == MEAN && !automatic_luma(in, &pivot))
        return NULL;
    return s->curve == S
               ? tones_of_each(in, curve_sigmoid, &(Sigmoid){ s->strength / 10, pivot }, 0)
               : tones_of_each(in, curve_line, &(Line){ 1 + s->strength / 100, pivot }, 0);
}

const Action action_contrast = {
    .name = "contrast",
    .group = "colour",
    .summary = "make light and dark differ more, or less",
    .aliases = "sigmoidal-contrast brightness-contrast",
    .example = "contrast { strength = 50% }",
    .params = params,
    .size = sizeof(Contrast),
    .flags = ACTION_BLENDS | ACTION_POINTWISE | ACTION_RANDOM,
    .idle = "strength = 0",
    .random_by = "pivot",
    .pixels = pixels,
};
