/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/glosses.h"

#include <glib.h>
#include <math.h>

#include "actions/smooth.h"

enum { DOME, HALF, WAVE, BAND, CORNER, SPOT, RIM, GLOW };

const Choice glosses_words[] = {
    { "dome", DOME, "the upper half, round below, as on a button of glass" },
    { "half", HALF, "the upper half, straight below" },
    { "wave", WAVE, "the upper half, with a wave below" },
    { "band", BAND, "a wide and a narrow band from corner to corner, as a window in the sun" },
    { "corner", CORNER, "from the upper left corner, soft" },
    { "spot", SPOT, "a soft spot on the upper left, as on a ball" },
    { "rim", RIM, "along the edges, soft" },
    { "glow", GLOW, "from below, soft" },
    { 0 },
};

/* u, v: -1 to 1 across and down. */

/* 1 on the inner side of an edge that is `pixels` away, 0 on the other. */
static double sharp(double pixels)
{
    return CLAMP(pixels + 0.5, 0, 1);
}

/* Where the light from above ends. */
static double end_of(int light, double u)
{
    static const double wide = 1.4, deep = 0.25;

    return light == DOME ? sqrt(1 - u * u / (wide * wide)) - 1
                         : (light == WAVE ? deep * sin(G_PI * u) : 0);
}

static double from_above(int light, double height, double u, double v)
{
    static const double most = 0.7, least = 0.15;
    double end = end_of(light, u), down = CLAMP((v + 1) / (end + 1), 0, 1);

    return (most + (least - most) * down) * sharp((end - v) * height / 2);
}

/* Along the diagonal, which is 0 from the lower left corner to the upper right one. */
static double bands(double width, double height, double u, double v)
{
    static const double rows[][3] = { { -0.4, -0.1, 0.4 }, { -0.04, 0.04, 0.25 } };
    double at = (u + v) / 2, pixels = 1 / hypot(1 / width, 1 / height), light = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        light += rows[i][2] * sharp((at - rows[i][0]) * pixels) * sharp((rows[i][1] - at) * pixels);
    return light;
}

static double along_edges(double width, double height, double x, double y)
{
    static const double most = 0.7, share = 0.15;
    double edge = fmin(fmin(x, width - x), fmin(y, height - y));

    return most * (1 - smooth(edge / (share * fmin(width, height))));
}

static double around(double most, double far)
{
    return most * (1 - smooth(far));
}

double glosses_at(int light, double width, double height, double x, double y)
{
    double u = 2 * x / width - 1, v = 2 * y / height - 1;

    switch (light) {
    case BAND:
        return bands(width, height, u, v);
    case CORNER:
        return around(0.8, hypot(u + 1, v + 1) / 1.8);
    case SPOT:
        return around(0.85, hypot(u + 0.35, v + 0.4) / 0.6);
    case RIM:
        return along_edges(width, height, x, y);
    case GLOW:
        return around(0.7, hypot(u / 1.3, v - 1) / 1.1);
    default:
        return from_above(light, height, u, v);
    }
}
