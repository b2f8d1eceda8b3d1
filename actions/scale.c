/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scale - make the whole picture smaller or larger. `fit` cuts; this one never does. */
#include <math.h>

#include "actions/action.h"

typedef struct Scale {
    Length width, height;
    bool enlarge;
    bool keep;
    bool linear;
} Scale;

static const Param params[] = {
    LENGTH(Scale, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .unit = "px",
           .help = "the largest width; % is of its own width, with auto only the height counts"),
    LENGTH(Scale, height, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .unit = "px",
           .help = "the largest height; % is of its own height, with auto only the width counts"),
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
    return length.percent && length.amount > 100;
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
    return (int) CLAMP(floor(length_px(length, own) + 0.5), 1, VIPS_MAX_COORD);
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Scale *s = settings;
    int width = target(s->width, image_width(image), s->keep);
    int height = target(s->height, image_height(image), s->keep);

    if (s->keep)
        return image_resize(image, width, height, s->enlarge ? VIPS_SIZE_BOTH : VIPS_SIZE_DOWN,
                            VIPS_INTERESTING_NONE, s->linear, err);
    if (!s->enlarge) {
        width = MIN(width, image_width(image));
        height = MIN(height, image_height(image));
    }
    return image_resize(image, width, height, VIPS_SIZE_FORCE, VIPS_INTERESTING_NONE, s->linear,
                        err);
}

const Action action_scale = {
    .name = "scale",
    .group = "geometry",
    .summary = "make the whole picture smaller or larger",
    .also = "resize resample thumbnail shrink reduce enlarge downscale",
    .example = "scale { width = 150 height = 150 }",
    .params = params,
    .size = sizeof(Scale),
    .check = check,
    .apply = apply,
};
