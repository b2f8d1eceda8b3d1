/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blur - make the picture soft: as a lens out of focus does, or a camera that moves. */
#include "actions/action.h"
#include "actions/gauss.h"
#include "actions/lines.h"

typedef struct Blur {
    Length sigma;
    int kind;
    double angle;
    Length length;
} Blur;

enum { GAUSS, BOX, MOTION };

static const Choice kinds[] = {
    { "gauss", GAUSS, "by a bell curve, whose standard deviation is sigma" },
    { "box", BOX, "the mean of a square that reaches sigma to each side" },
    { "motion", MOTION, "the mean along a line through each pixel, which angle and length say" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Blur, sigma, .def = "3px", .min = 0.1, .max = 500, .of = OF_SHORTER,
           .help = "how far each pixel spreads; of motion the length says it"),
    CHOICE(Blur, kind, .def = "gauss", .choices = kinds,
           .help = "how it spreads; beyond the edges lie the pixels of the edges"),
    REAL(Blur, angle, .def = "0", .min = -360, .max = 360, .only_with = "kind = motion",
         .help = "with kind = motion, degrees clockwise from a move to the right"),
    LENGTH(Blur, length, .def = "20px", .min = 1, .max = 500, .of = OF_SHORTER,
           .only_with = "kind = motion",
           .help = "with kind = motion, how long the line is, half of it on each side"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Blur *s = settings;

    if (s->kind == MOTION)
        return lines_motion(in, s->length.px, s->angle);
    return s->kind == BOX ? lines_box(in, s->sigma.px) : gauss_blurred(in, s->sigma.px);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Blur *s = settings;

    if (s->kind == MOTION)
        lines_motion_plan(shape, s->length.px, s->angle);
    else if (s->kind == BOX)
        lines_box_plan(shape, s->sigma.px);
    else
        gauss_plan(shape, s->sigma.px);
    return true;
}

const Action action_blur = {
    .name = "blur",
    .group = "detail",
    .summary = "make the picture soft",
    .aliases = "motion-blur gaussian gaussian-blur box-blur soften",
    .example = "blur { sigma = 3px }",
    .params = params,
    .size = sizeof(Blur),
    .flags = ACTION_BLENDS | ACTION_PREMULTIPLIED,
    .plan = plan,
    .pixels = pixels,
};
