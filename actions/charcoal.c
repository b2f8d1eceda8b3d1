/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* charcoal - draw the picture with charcoal: its edges, softened, dark on white. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/edges.h"
#include "actions/pixels.h"

typedef struct Charcoal {
    Length radius;
} Charcoal;

static const Param params[] = {
    LENGTH(Charcoal, radius, .def = "0.5%", .min = 0.1, .max = 100, .of = OF_MEAN,
           .help = "how wide the strokes are: pixels around each one; from about 5 on the paper "
                   "becomes grey, so "
                   "make a large picture smaller first"),
    { 0 },
};

static int radius_of(const Charcoal *s)
{
    return (int) MIN(ceil(s->radius.px), EDGES_RADIUS_MAX);
}

/* A Gaussian of sigma 1 px in 2 x radius + 1 pixels, of an even number one more behind: each is the
 * sum of three thirds of a pixel. */
static VipsImage *kernel(double radius)
{
    enum { PARTS = 3, ALL = 8 };
    int count = radius < 1 ? PARTS : (int) (2 * MIN(radius, ALL) + 1);
    int middle = count / 2;
    int most = (PARTS * count - 1) / 2;
    VipsImage *matrix = vips_image_new_matrix(2 * middle + 1, 1);
    double sum = 0;

    for (int part = -most; part <= most; part++) {
        double weight = exp(-part * part / (2.0 * PARTS * PARTS));
        *VIPS_MATRIX(matrix, count - 1 - (part + most) / PARTS, 0) += weight;
        sum += weight;
    }
    vips_image_set_double(matrix, "scale", sum);
    return matrix;
}

/* Colours alone, in memory: what is transparent is paper. Edges show what 8 bits of a mixed colour
 * round away. */
static VipsImage *on_paper(VipsImage *pixels)
{
    static const double white[] = { 255, 255, 255 };
    g_autoptr(VipsImage) wide = NULL;
    g_autoptr(VipsImage) flat = NULL;

    if (pixels->Bands == pixels_colours(pixels))
        return g_object_ref(pixels);
    wide = pixels_in_format(pixels, VIPS_FORMAT_USHORT);
    flat = wide ? pixels_flattened(wide, white) : NULL;
    return flat ? pixels_in_memory(flat) : NULL;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Charcoal *s = settings;
    g_autoptr(VipsImage) weights = kernel(s->radius.px);
    g_autoptr(VipsImage) colours = on_paper(in);
    g_autoptr(VipsImage) edges = colours ? edges_found(colours, radius_of(s)) : NULL;
    g_autoptr(VipsImage) soft = NULL;
    g_autoptr(VipsImage) drawn = NULL;
    g_autoptr(VipsImage) scaled = NULL;
    g_autoptr(VipsImage) rounded = NULL;
    g_autoptr(VipsImage) plain = NULL;

    if (!edges || vips_convsep(edges, &soft, weights, "precision", VIPS_PRECISION_FLOAT, NULL) ||
        !(drawn = edges_drawn(soft, pixels_white(colours))) ||
        vips_linear1(drawn, &scaled, pixels_white(in), 0, NULL) ||
        !(rounded = bands_rounded(scaled, in->BandFmt)) ||
        !(plain = bands_without_profile(rounded)))
        return NULL;
    return bands_with_alpha(plain, in, pixels_colours(in));
}

static bool plan(const void *settings G_GNUC_UNUSED, Shape *shape, Error **err G_GNUC_UNUSED)
{
    double values = (double) shape->width * shape->height * shape->colours;

    shape->held = edges_held(shape->width, shape->colours);
    if (shape->alpha)
        shape->held += values * sizeof(uint16_t);
    shape->colours = 1;
    return true;
}

const Action action_charcoal = {
    .name = "charcoal",
    .group = "detail",
    .summary = "draw the picture with charcoal",
    .aliases = "charcoal-drawing",
    .example = "charcoal { radius = 2px }",
    .params = params,
    .size = sizeof(Charcoal),
    .flags = ACTION_BLENDS | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
