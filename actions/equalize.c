/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* equalize - make all values about as frequent: in the whole picture, or around each place. */
#include "actions/action.h"
#include "actions/automatic.h"
#include "actions/clahe.h"

typedef struct Equalize {
    Length local;
    double slope;
} Equalize;

static const Param params[] = {
    LENGTH(Equalize, local, .def = "no", .zero = "no", .min = 1, .max = 20000, .of = OF_SHORTER,
           .help = "how large the windows are that are equalized by themselves, from 16px on "
                   "(CLAHE); no: the whole picture as one"),
    REAL(Equalize, slope, .def = "3", .min = 1, .max = 10, .only_with = "local = 10%",
         .help = "of local: how many times contrast may grow at most; 1 changes nothing"),
    { 0 },
};

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Equalize *s = settings;

    return s->local.px > 0 ? clahe(in, s->local.px, s->slope) : automatic_equal(in);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->held = clahe_held(shape, ((const Equalize *) settings)->local.px);
    return true;
}

const Action action_equalize = {
    .name = "equalize",
    .group = "colour",
    .summary = "make all values of each colour about as frequent",
    .aliases = "equalise clahe histogram-equalization local-contrast",
    .example = "equalize { local = 25% slope = 3 }",
    .params = params,
    .size = sizeof(Equalize),
    .flags = ACTION_BLENDS | ACTION_POINTWISE | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
