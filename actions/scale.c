/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scale - make the whole picture smaller or larger. `fit` cuts; this one never does. */
#include <math.h>

#include "actions/action.h"
#include "actions/planar_shape.h"

typedef struct Scale {
    Length width, height;
    bool enlarge;
    bool keep;
    bool linear;
} Scale;

static const Param params[] = {
    LENGTH(Scale, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the largest width; with auto only the height counts"),
    LENGTH(Scale, height, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the largest height; with auto only the width counts"),
    BOOL(Scale, enlarge, .def = "no", .help = "whether a picture that is smaller is made larger"),
    BOOL(Scale, keep, .def = "yes",
         .help =
             "yes: the picture keeps its proportions; no: it is stretched to exactly this size"),
    BOOL(Scale, linear, .def = "no",
         .help = "mix colours as light does: fine patterns keep their brightness; slower"),
    { 0 },
};

static bool enlarges(Length length)
{
    return length.unit == LENGTH_PERCENT && length.amount > 100;
}

static bool check(const void *settings, Error **err)
{
    const Scale *s = settings;

    if (s->width.amount == 0 && s->height.amount == 0)
        return error_set(err, ERROR_CONFIG, "give a width, a height, or both",
                         "scale has neither width nor height");
    if (!s->enlarge && (enlarges(s->width) || enlarges(s->height)))
        return error_set(err, ERROR_CONFIG, "add enlarge = yes, or give at most 100%",
                         "more than 100%% without enlarge = yes changes nothing");
    return true;
}

/* An axis without a setting does not limit; without proportions it keeps its length. */
static int target(Length length, int own, bool keep)
{
    if (length.amount == 0)
        return keep ? VIPS_MAX_COORD : own;
    return (int) CLAMP(floor(length.px + 0.5), 1, VIPS_MAX_COORD);
}

/* The size of the box, and how it counts. */
static VipsSize box(const Scale *s, int own_width, int own_height, int *width, int *height)
{
    *width = target(s->width, own_width, s->keep);
    *height = target(s->height, own_height, s->keep);
    if (s->keep)
        return s->enlarge ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN;
    if (!s->enlarge) {
        *width = MIN(*width, own_width);
        *height = MIN(*height, own_height);
    }
    return VIPS_SIZE_FORCE;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Scale *s = settings;
    int width = 0;
    int height = 0;
    VipsSize size = box(s, shape->width, shape->height, &width, &height);
    const Shape from = *shape;

    shape_resize(shape, width, height, size, false);
    shape->linear = s->linear;
    planar_plan(&from, shape);
    if (from.width == shape->width && from.height == shape->height)
        shape->shrink = 0;
    else if (!s->linear)
        shape->shrink = shape_shrink(&from, shape);
    return true;
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Scale *s = settings;
    int width = 0;
    int height = 0;
    VipsSize size = box(s, image_width(image), image_height(image), &width, &height);

    return image_resize(image, width, height, size, VIPS_INTERESTING_NONE, s->linear, err);
}

const Action action_scale = {
    .name = "scale",
    .group = "geometry",
    .summary = "make the whole picture smaller or larger",
    .aliases = "resize resample thumbnail shrink reduce enlarge downscale contain scale-down",
    .example = "scale { width = 150 height = 150 }",
    .params = params,
    .size = sizeof(Scale),
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
