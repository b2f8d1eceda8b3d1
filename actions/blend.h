/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blend.h - how the colours of what is laid over a picture and of the picture make new ones, as
 * W3C's Compositing and Blending says. Pure functions. */
#pragma once

#include "config/choice.h"

typedef enum Blend { BLEND_OVER, BLEND_MULTIPLY, BLEND_SCREEN, BLEND_SOFT_LIGHT } Blend;

extern const Choice blend_choices[];

/* The row `blend` of an action that lays something over the picture, an int. */
#define BLEND_ROW(T)                                                                               \
    CHOICE(T, blend, .def = "over", .choices = blend_choices,                                      \
           .help = "how its colours and those of the picture make new ones")

/* What two opaque colours make, each from 0 (black) to 1 (white). */
double blend_of(Blend blend, double below, double above);
