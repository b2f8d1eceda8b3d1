/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sketch - draw the picture with a pencil: it is laid over its own soft negative, which takes away
 * all but the lines. */
#include <math.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/convolve.h"
#include "actions/gauss.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Sketch {
    int details;
    bool colour;
} Sketch;

static const Param params[] = {
    INT(Sketch, details, .def = "1", .min = 1, .max = 20,
        .help = "how often the negative is softened: more makes wider and darker lines"),
    BOOL(Sketch, colour, .def = "no", .help = "whether the lines keep the picture's colours"),
    { 0 },
};

/* Of Pillow's filter BLUR, the border of a square of 5 pixels; from some passes on they are a
 * Gaussian. */
enum { RING = 5, RING_PIXELS = 16, RING_PASSES = 3 };
static const double ring_sigma = 1.6583;

static double sigma_of(const Sketch *s)
{
    return ring_sigma * sqrt(s->details);
}

static VipsImage *ring(VipsImage *in)
{
    ConvolveTap taps[RING_PIXELS];
    int count = 0;

    for (int y = -RING / 2; y <= RING / 2; y++)
        for (int x = -RING / 2; x <= RING / 2; x++)
            if (MAX(abs(x), abs(y)) == RING / 2)
                taps[count++] = (ConvolveTap){ x, y, 1.0F / RING_PIXELS };
    return convolve_with(in, taps, count, 0);
}

static VipsImage *softened(const Sketch *s, VipsImage *negative)
{
    g_autoptr(VipsImage) soft = g_object_ref(negative);

    if (s->details > RING_PASSES)
        return gauss_blurred(negative, sigma_of(s));
    for (int i = 0; i < s->details && soft; i++) {
        g_autoptr(VipsImage) before = g_steal_pointer(&soft);
        soft = ring(before);
    }
    return g_steal_pointer(&soft);
}

typedef struct Dodge {
    VipsBandFormat format; /* of the result */
    int bands;
} Dodge;

/* Of values of 8 bits it is a x 255 / (256 - b), as Phatch has it. */
static void dodge(const PixelsRun *run, const void *state)
{
    enum { ABOVE_WHITE = 256 * 257 };
    const Dodge *made = state;
    const uint16_t *a = run->from;
    const float *b = run->other;
    double white = samples_white(made->format);

    for (size_t i = 0; i < (size_t) run->count * made->bands; i++)
        samples_put(made->format, run->to, i, white * MIN(1, a[i] / (ABOVE_WHITE - b[i])));
}

/* Of 16 bits, as dark lines need them: what is transparent is paper. */
static VipsImage *on_paper(const Sketch *s, VipsImage *pixels)
{
    static const double white[] = { 255, 255, 255 };
    g_autoptr(VipsImage) wide = pixels_in_format(pixels, VIPS_FORMAT_USHORT);
    g_autoptr(VipsImage) flat = wide ? pixels_flattened(wide, white) : NULL;

    if (s->colour || !flat)
        return g_steal_pointer(&flat);
    return colour_grey(flat, colour_luma_601);
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Sketch *s = settings;
    g_autoptr(VipsImage) own = on_paper(s, in);
    g_autoptr(VipsImage) negative = NULL;
    g_autoptr(VipsImage) soft = NULL;
    g_autoptr(VipsImage) drawn = NULL;

    if (!own || vips_linear1(own, &negative, -1, samples_white(VIPS_FORMAT_USHORT), NULL) ||
        !(soft = softened(s, negative)))
        return NULL;
    const Dodge made = { in->BandFmt, own->Bands };
    drawn = pixels_map(own, soft, own->Bands, in->BandFmt, dodge, &made, sizeof(made));
    return drawn ? bands_with_alpha(drawn, in, pixels_colours(in)) : NULL;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Sketch *s = settings;

    if (!s->colour)
        shape->colours = 1;
    if (s->details > RING_PASSES)
        shape->held = gauss_held(shape, sigma_of(s));
    return true;
}

const Action action_sketch = {
    .name = "sketch",
    .group = "detail",
    .summary = "draw the picture with a pencil",
    .aliases = "pencil-drawing drawing",
    .example = "sketch { details = 4 }",
    .params = params,
    .size = sizeof(Sketch),
    .flags = ACTION_BLENDS | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
