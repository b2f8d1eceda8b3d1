/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wave - bend the picture along a sine: each column moves up or down. */
#include <math.h>

#include "actions/action.h"
#include "actions/backdrop.h"
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

/* How far each column moves, and one beside the last. The first one begins in the middle of the
 * room that the picture has. */
static double *drops_of(const Wave *s, int width)
{
    double step = 2 * G_PI / MAX(s->length.px, 1);
    double *drops = g_new(double, width + 1);

    for (int x = 0; x <= width; x++)
        drops[x] = s->height.px * (1 + sin(x * step));
    return drops;
}

static WarpPlace place(const void *state, double x, double y)
{
    const double *drops = state;

    return (WarpPlace){ x, y - drops[(int) x] };
}

static Warp warp_of(const Wave *s, int width, int height)
{
    static const double tiny = 1e-6;

    return (Warp){ .map = place,
                   .width = width,
                   .height = height + (int) (2 * s->height.px + tiny),
                   .kernel = KERNEL_CUBIC,
                   .background = &s->background };
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Wave *s = settings;
    int width = image_width(image);
    g_autofree double *drops = drops_of(s, width);
    Warp warp = warp_of(s, width, image_height(image));

    warp.state = drops;
    warp.size = sizeof(*drops) * ((size_t) width + 1);
    return s->height.px == 0 || warp_image(image, &warp, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Wave *s = settings;
    const Warp warp = warp_of(s, shape->width, shape->height);

    if (s->height.px > 0)
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
    .idle = "height = 0",
    .plan = plan,
    .geometry = geometry,
};
