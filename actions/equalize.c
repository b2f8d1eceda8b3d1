/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* equalize - make all values about as frequent: in the whole picture, or around each place. */
#include <math.h>

#include "actions/action.h"
#include "actions/clahe.h"
#include "actions/histogram.h"
#include "actions/tones.h"

typedef struct Equalize {
    Length local;
    double slope;
} Equalize;

static const Param params[] = {
    LENGTH(Equalize, local, .def = "no", .zero = "no", .min = 1, .max = 20000, .of = OF_SHORTER,
           .help = "how large the windows are that are equalized by themselves, from 16px on "
                   "(CLAHE); no: the whole picture as one"),
    REAL(Equalize, slope, .def = "3", .min = 1, .max = 10,
         .help = "of local: how many times contrast may grow at most; 1 changes nothing"),
    { 0 },
};

/* What each value becomes, from 0 to 1. */
typedef struct Ranks {
    double last;
    double *to;
} Ranks;

static double rank(const void *ranks, double value)
{
    const Ranks *r = ranks;

    return r->to[(size_t) rint(value * r->last)];
}

/* The share of what is darker, in whole steps of 255, as Pillow reckons it. */
static void fill(const Ranks *ranks, const uint64_t *counts)
{
    uint64_t sum = 0, step = 0, darker = 0;
    size_t most = 0, last = (size_t) ranks->last;

    for (size_t i = 0; i <= last; i++) {
        sum += counts[i];
        most = counts[i] ? i : most;
    }
    step = (sum - counts[most]) / 255;
    for (size_t i = 0; i <= last; darker += counts[i++])
        ranks->to[i] = step ? (double) darker / ((double) step * 255) : (double) i / ranks->last;
}

static VipsImage *equalized(VipsImage *in)
{
    g_autoptr(Histogram) histogram = histogram_new(in);
    size_t values = histogram ? (size_t) histogram_values(histogram) : 1;
    g_autofree double *to = g_new0(double, 3 * values);
    Ranks ranks[3];

    for (int band = 0; histogram && band < histogram_bands(histogram); band++) {
        ranks[band] = (Ranks){ (double) values - 1, to + (size_t) band * values };
        fill(&ranks[band], histogram_counts(histogram, band));
    }
    return histogram ? tones_of_each(in, rank, ranks, sizeof(*ranks)) : NULL;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Equalize *s = settings;

    return s->local.px > 0 ? clahe(in, s->local.px, s->slope) : equalized(in);
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    double window = ((const Equalize *) settings)->local.px;

    if (window > 0)
        shape->held = clahe_bytes(shape->width, shape->height, shape->colours, window);
    return true;
}

static bool advise(const void *settings, Error **err)
{
    const Equalize *s = settings;

    if (s->local.amount > 0 || s->slope == 3)
        return true;
    return error_set(err, ERROR_CONFIG, "add local = 10%, or remove slope",
                     "slope has no effect: it is for local");
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
    .advise = advise,
    .plan = plan,
    .pixels = pixels,
};
