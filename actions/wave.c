/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wave - bend the picture along a sine: each column moves up or down. */
#include <math.h>

#include "actions/action.h"
#include "actions/background.h"
#include "actions/warp.h"

typedef struct Wave {
    Length height, length;
    Colour background;
} Wave;

static const Param params[] = {
    LENGTH(Wave, height, .def = "2%", .max = 100000, .of = OF_HEIGHT,
           .help = "how far columns move, up and down; the picture grows by twice as much"),
    LENGTH(Wave, length, .def = "10%", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "how wide a wave is, from crest to crest"),
    BACKGROUND_ROW(Wave),
    { 0 },
};

static bool advise(const void *settings, Error **err)
{
    return ((const Wave *) settings)->height.amount > 0 ||
           error_set(err, ERROR_CONFIG, "give a height, or remove the step",
                     "wave does nothing with height = 0");
}

typedef struct Sine {
    double height, step; /* an angle for each column */
} Sine;

/* The first column begins in the middle of the room that the picture has. */
static WarpPlace place(const void *state, double x, double y)
{
    const Sine *sine = state;

    return (WarpPlace){ x, y - sine->height * (1 + sin(x * sine->step)) };
}

static Sine sine_of(const Wave *s)
{
    return (Sine){ s->height.px, 2 * G_PI / MAX(s->length.px, 1) };
}

static Warp warp_of(const Wave *s, const Sine *sine, int width, int height)
{
    static const double tiny = 1e-6;

    return (Warp){ .map = place,
                   .state = sine,
                   .size = sizeof(*sine),
                   .width = width,
                   .height = height + (int) (2 * sine->height + tiny),
                   .kernel = KERNEL_CUBIC,
                   .background = &s->background };
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Sine sine = sine_of(settings);
    const Warp warp = warp_of(settings, &sine, image_width(image), image_height(image));

    return sine.height == 0 || warp_image(image, &warp, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Sine sine = sine_of(settings);
    const Warp warp = warp_of(settings, &sine, shape->width, shape->height);

    if (sine.height > 0)
        return warp_plan(&warp, shape, err);
    shape->shrink = 0;
    shape->as_stored = true;
    return true;
}

const Action action_wave = {
    .name = "wave",
    .group = "detail",
    .summary = "bend the picture into waves",
    .aliases = "ripple",
    .example = "wave { height = 4% length = 30% background = \"#204060\" }",
    .params = params,
    .size = sizeof(Wave),
    .advise = advise,
    .plan = plan,
    .geometry = geometry,
};
