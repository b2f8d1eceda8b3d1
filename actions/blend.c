/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blend.h"

#include <math.h>

const Choice blend_choices[] = {
    { "over", BLEND_OVER, "it hides what is below it" },
    { "multiply", BLEND_MULTIPLY,
      "it makes what is below darker, as ink does: white changes nothing" },
    { "screen", BLEND_SCREEN,
      "it makes what is below lighter, as light does: black changes nothing" },
    { "soft-light", BLEND_SOFT_LIGHT,
      "it makes what is below softly lighter or darker: middle grey changes nothing" },
    { 0 },
};

static double soft_light(double below, double above)
{
    static const double quarter = 0.25;
    double lighter = below <= quarter ? ((16 * below - 12) * below + 4) * below : sqrt(below);

    return above <= 0.5 ? below - (1 - 2 * above) * below * (1 - below)
                        : below + (2 * above - 1) * (lighter - below);
}

double blend_of(Blend blend, double below, double above)
{
    switch (blend) {
    case BLEND_MULTIPLY:
        return below * above;
    case BLEND_SCREEN:
        return below + above - below * above;
    case BLEND_SOFT_LIGHT:
        return soft_light(below, above);
    case BLEND_OVER:
    default:
        return above;
    }
}
