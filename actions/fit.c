/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fit - fill a size exactly: scale until it is covered, cut off the rest.
 *
 * A smaller picture is made larger, because the size is a promise. */
#include <math.h>

#include "actions/action.h"

typedef struct Fit {
    Length width, height;
    int where;
    bool linear;
} Fit;

/* The first nine are across + 3 * down: 0 near, 1 middle, 2 far. */
enum { NEAR, MIDDLE, FAR, ATTENTION = 9, ENTROPY };
#define POSITION(across, down) ((across) + 3 * (down))

static const Choice positions[] = {
    { "centre", POSITION(MIDDLE, MIDDLE), "the middle" },
    { "top", POSITION(MIDDLE, NEAR), "the upper part" },
    { "bottom", POSITION(MIDDLE, FAR), "the lower part" },
    { "left", POSITION(NEAR, MIDDLE), "the left part" },
    { "right", POSITION(FAR, MIDDLE), "the right part" },
    { "top-left", POSITION(NEAR, NEAR), "the upper or the left part, whichever way it is cut" },
    { "top-right", POSITION(FAR, NEAR), "the upper or the right part" },
    { "bottom-left", POSITION(NEAR, FAR), "the lower or the left part" },
    { "bottom-right", POSITION(FAR, FAR), "the lower or the right part" },
    { "attention", ATTENTION, "what people look at first: faces, bright colours, edges" },
    { "entropy", ENTROPY, "the part with the most detail" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Fit, width, .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the exact width; a smaller picture is enlarged"),
    LENGTH(Fit, height, .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the exact height; a smaller picture is enlarged"),
    CHOICE(Fit, where, .def = "centre", .choices = positions,
           .help = "the part that remains when something is cut off"),
    BOOL(Fit, linear, .def = "no",
         .help = "mix colours as light does: fine patterns keep their brightness; slower"),
    { 0 },
};

static int target(Length length)
{
    return (int) CLAMP(floor(length.px + 0.5), 1, VIPS_MAX_COORD);
}

/* Only one axis is too long: the position on that one decides. */
static VipsInteresting interesting(const Fit *s, bool wide)
{
    static const VipsInteresting ends[] = { [NEAR] = VIPS_INTERESTING_LOW,
                                            [MIDDLE] = VIPS_INTERESTING_CENTRE,
                                            [FAR] = VIPS_INTERESTING_HIGH };

    if (s->where == ATTENTION)
        return VIPS_INTERESTING_ATTENTION;
    if (s->where == ENTROPY)
        return VIPS_INTERESTING_ENTROPY;
    return ends[wide ? s->where % 3 : s->where / 3];
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Fit *s = settings;
    int width = target(s->width);
    int height = target(s->height);
    bool wide = (double) image_width(image) / image_height(image) > (double) width / height;

    return image_resize(image, width, height, VIPS_SIZE_BOTH, interesting(s, wide), s->linear, err);
}

/* The search for the interesting part reads a copy of the scaled picture. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Fit *s = settings;

    shape_resize(shape, target(s->width), target(s->height), VIPS_SIZE_BOTH, true);
    if (s->where >= ATTENTION)
        shape->held = shape_bytes(shape);
    shape->width = target(s->width);
    shape->height = target(s->height);
    return true;
}

const Action action_fit = {
    .name = "fit",
    .group = "geometry",
    .summary =
        "fill a size exactly: scale the picture until it covers the size, and cut off the rest",
    .also = "cover smartcrop extent fill square",
    .example = "fit { width = 120 height = 120 where = attention }",
    .params = params,
    .size = sizeof(Fit),
    .plan = plan,
    .geometry = geometry,
};
