/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* white_balance - take a colour cast away, or give one: each colour is multiplied by a number.
 *
 * Values are multiplied as they are stored: in a curve that is an exponent this is the same as to
 * multiply light, by another number. */
#include <math.h>

#include "actions/action.h"
#include "actions/colour.h"
#include "actions/histogram.h"
#include "actions/pixels.h"
#include "actions/pixels_each.h"

typedef struct WhiteBalance {
    double warmth, tint;
    int automatic;
} WhiteBalance;

enum { NO, GREY_WORLD, WHITE_PATCH };

static const Choice ways[] = {
    { "no", NO, "only as warmth and tint say" },
    { "grey-world", GREY_WORLD, "red, green and blue get the same mean, that of all three" },
    { "white-patch", WHITE_PATCH, "the largest red, green and blue of the picture become white" },
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

/* What each colour is multiplied by; false with libvips' error set. */
static bool measure(int way, VipsImage *in, float gains[3])
{
    g_autoptr(Histogram) histogram = way == NO ? NULL : histogram_new(in);
    double means = 0;

    for (int i = 0; histogram && i < 3; i++)
        means += histogram_mean(histogram, i) / 3;
    for (int i = 0; histogram && i < 3; i++) {
        double least = 0, most = 0;
        histogram_bounds(histogram, i, 0, &least, &most);
        double now = way == WHITE_PATCH ? most : histogram_mean(histogram, i);
        gains[i] = now > 0 ? (float) ((way == WHITE_PATCH ? 1 : means) / now) : 1;
    }
    return way == NO || histogram;
}

static void each(const void *state, float pixel[4])
{
    const float *gains = state;

    for (int i = 0; i < 3; i++)
        pixel[i] *= gains[i];
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const WhiteBalance *s = settings;
    const double own[] = { exp2(s->warmth / 200), exp2(-s->tint / 200), exp2(-s->warmth / 200) };
    double white = 0;
    float gains[] = { 1, 1, 1 };

    if (pixels_colours(in) == 1)
        return g_object_ref(in);
    if (!measure(s->automatic, in, gains))
        return NULL;
    for (int i = 0; i < 3; i++)
        white += colour_luma_709[i] * own[i];
    for (int i = 0; i < 3; i++)
        gains[i] *= (float) (own[i] / white);
    return pixels_each(in, in->Bands, each, gains, sizeof(gains));
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
    .random_by = "auto",
    .pixels = pixels,
};
