/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scale - make the whole picture smaller or larger. `fit` cuts; this one never does. */
#include <math.h>

#include "actions/action.h"
#include "actions/every_step.h"
#include "actions/output_sharpen.h"

typedef struct Scale {
    Length width, height;
    bool enlarge;
    bool keep;
    int kernel;
    bool linear;
    int sharpen;
    double megapixels;
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
    KERNEL_ROW(Scale),
    BOOL(Scale, linear, .def = "no",
         .help = "mix colours as light does: fine patterns keep their brightness; slower"),
    CHOICE(Scale, sharpen, .def = "none", .choices = output_sharpen_choices,
           .help = "how much a picture that became smaller is sharpened for its output"),
    REAL(Scale, megapixels, .def = "auto", .zero = "auto", .min = 0.0001, .max = 10000,
         .unit = "MP",
         .help = "the most millions of pixels; with auto only width and height count"),
    { 0 },
};

extern const Action action_scale;

static bool has_size(const Scale *s)
{
    return s->width.amount > 0 || s->height.amount > 0 || s->megapixels > 0;
}

static bool enlarges(Length length)
{
    return length.unit == LENGTH_PERCENT && length.amount > 100;
}

static bool check(const void *settings, Error **err)
{
    const Scale *s = settings;

    if (!has_size(s) && !action_has_dpi(&action_scale, settings))
        return error_set(err, ERROR_CONFIG, "give a width, a height, or megapixels",
                         "scale has neither width nor height nor megapixels");
    if (s->megapixels > 0 && !s->keep)
        return error_set(err, ERROR_CONFIG, "remove keep = no, or give width and height",
                         "megapixels with keep = no: which shape the picture gets is not said");
    if (!s->enlarge && (enlarges(s->width) || enlarges(s->height)))
        return error_set(err, ERROR_CONFIG, "add enlarge = yes, or give at most 100%",
                         "more than 100%% without enlarge = yes changes nothing");
    return true;
}

/* ---- the size ---- */

typedef struct Size {
    int width, height;
} Size;

/* An axis without a setting keeps its length. */
static Size stretched(const Scale *s, int width, int height)
{
    const Size to = { s->width.amount > 0 ? shape_side(s->width.px) : width,
                      s->height.amount > 0 ? shape_side(s->height.px) : height };

    return s->enlarge ? to : (Size){ MIN(to.width, width), MIN(to.height, height) };
}

/* How many times as large it becomes; an axis without a setting does not limit. */
static double times(const Scale *s, int width, int height)
{
    double times = s->enlarge ? INFINITY : 1;

    if (s->width.amount > 0)
        times = fmin(times, shape_side(s->width.px) / (double) width);
    if (s->height.amount > 0)
        times = fmin(times, shape_side(s->height.px) / (double) height);
    return times;
}

/* A side is not rounded up where the picture would then have too many pixels. */
static Size within(double megapixels, int width, int height)
{
    const double million = 1e6, rounding = 1e-6;
    double most = megapixels * million, times = sqrt(most / ((double) width * height));
    const Size near = { shape_side(width * times), shape_side(height * times) };

    if ((double) near.width * near.height <= most)
        return near;
    return (Size){ MAX(1, (int) floor(width * times + rounding)),
                   MAX(1, (int) floor(height * times + rounding)) };
}

static Size size_of(const Scale *s, int width, int height)
{
    double limit = times(s, width, height);

    if (!has_size(s)) /* only a dpi */
        return (Size){ width, height };
    if (!s->keep)
        return stretched(s, width, height);
    if (s->megapixels > 0 && limit * limit * width * height > s->megapixels * 1e6)
        return within(s->megapixels, width, height);
    return (Size){ shape_side(width * limit), shape_side(height * limit) };
}

static Resampling resampling(const Scale *s)
{
    return (Resampling){ .kernel = (Kernel) s->kernel,
                         .linear = s->linear,
                         .sharpen = output_sharpen_amount(s->sharpen) };
}

/* ---- the action ---- */

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Scale *s = settings;
    const Size to = size_of(s, shape->width, shape->height);
    const ImagePart all = part_whole(shape->width, shape->height);
    const Resampling how = resampling(s);

    resampling_plan(&how, &all, to.width, to.height, shape);
    return true;
}

static bool only_scales(const void *settings)
{
    const Scale *s = settings;

    return s->keep && !s->enlarge && !s->linear && output_sharpen_amount(s->sharpen) == 0;
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Scale *s = settings;
    const Size to = size_of(s, image_width(image), image_height(image));
    const Resampling how = resampling(s);

    return image_resample(image, NULL, to.width, to.height, &how, err);
}

const Action action_scale = {
    .name = "scale",
    .group = "geometry",
    .summary = "make the whole picture smaller or larger",
    .aliases = "resize resample thumbnail shrink reduce enlarge downscale contain scale-down",
    .example = "scale { width = 150 height = 150 }",
    .params = params,
    .size = sizeof(Scale),
    .flags = ACTION_SETS_DPI,
    .check = check,
    .plan = plan,
    .only_scales = only_scales,
    .geometry = geometry,
};
