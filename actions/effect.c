/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* effect - one of ten small filters, those of the Python Imaging Library by the same names.
 *
 * Their weights are constants that it publishes. It stores them from the lowest row up, adds in
 * floats, and rounds half up after each pass: so does this, and 8 bits come out as there. */
#include "actions/action.h"
#include "actions/bands.h"
#include "actions/convolve.h"
#include "actions/pixels.h"

typedef struct Effect {
    int filter;
    int repeat;
} Effect;

enum { WIDTH_MAX = 5 };

/* The weights of a square of `width`, from the lowest row up. */
typedef struct Weights {
    int width, divisor, offset; /* the offset of 8 bits */
    signed char of[WIDTH_MAX * WIDTH_MAX];
} Weights;

static const Weights kernels[] = {
    { 5, 16, 0, { 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1 } },
    { 3, 1, 255, { -1, -1, -1, -1, 8, -1, -1, -1, -1 } },
    { 3, 6, 0, { 0, -1, 0, -1, 10, -1, 0, -1, 0 } },
    { 3, 2, 0, { -1, -1, -1, -1, 10, -1, -1, -1, -1 } },
    { 3, 1, 0, { -1, -1, -1, -1, 9, -1, -1, -1, -1 } },
    { 3, 1, 128, { -1, 0, 0, 0, 1, 0, 0, 0, 0 } },
    { 3, 1, 0, { -1, -1, -1, -1, 8, -1, -1, -1, -1 } },
    { 3, 13, 0, { 1, 1, 1, 1, 5, 1, 1, 1, 1 } },
    { 5, 100, 0, { 1, 1, 1, 1, 1, 1, 5, 5, 5, 1, 1, 5, 44, 5, 1, 1, 5, 5, 5, 1, 1, 1, 1, 1, 1 } },
    { 3, 16, 0, { -2, -2, -2, -2, 32, -2, -2, -2, -2 } },
};

/* In the order of the kernels. */
static const Choice filters[] = {
    { "blur", 0, "soft, as out of focus" },
    { "contour", 1, "dark lines on white where edges are" },
    { "detail", 2, "fine detail is a little stronger" },
    { "edge_enhance", 3, "edges are stronger" },
    { "edge_enhance_more", 4, "edges are much stronger" },
    { "emboss", 5, "a relief in grey" },
    { "find_edges", 6, "bright lines on black where edges are" },
    { "smooth", 7, "a little softer" },
    { "smooth_more", 8, "a little softer, from farther around" },
    { "sharpen", 9, "a little sharper" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Effect, filter, .def = "blur", .choices = filters,
           .help = "which one; at the edges the outermost pixels are repeated, and transparency "
                   "stays as it is"),
    INT(Effect, repeat, .def = "1", .min = 1, .max = 10,
        .help = "how often, each time on what the time before has made"),
    { 0 },
};

/* One pass on the colours: as whole numbers of `in`, but of floats. */
static VipsImage *filtered(const Weights *kernel, VipsImage *in)
{
    bool rounds = in->BandFmt != VIPS_FORMAT_FLOAT;
    double offset = kernel->offset * pixels_white(in) / 255 + (rounds ? 0.5 : 0);
    ConvolveTap taps[WIDTH_MAX * WIDTH_MAX];
    g_autoptr(VipsImage) colours = bands_colours(in);
    g_autoptr(VipsImage) sums = NULL;
    g_autoptr(VipsImage) out = NULL;
    int count = 0;

    for (int i = 0; i < kernel->width * kernel->width; i++)
        if (kernel->of[i] != 0)
            taps[count++] = (ConvolveTap){ i % kernel->width - kernel->width / 2,
                                           kernel->width / 2 - i / kernel->width,
                                           (float) kernel->of[i] / (float) kernel->divisor };
    if (!colours || !(sums = convolve_with(colours, taps, count, offset)) ||
        vips_cast(sums, &out, in->BandFmt, NULL))
        return NULL;
    return bands_with_alpha(out, in, pixels_colours(in));
}

/* Each pass but the last is put into memory: what it read around a pixel would be computed again
 * and again. */
static VipsImage *repeated(const Effect *s, VipsImage *in)
{
    g_autoptr(VipsImage) now = filtered(&kernels[s->filter], in);

    for (int i = 1; i < s->repeat && now; i++) {
        g_autoptr(VipsImage) before = g_steal_pointer(&now);
        g_autoptr(VipsImage) memory = pixels_in_memory(before);
        now = memory ? filtered(&kernels[s->filter], memory) : NULL;
    }
    return g_steal_pointer(&now);
}

/* How far the largest looks: hidden colours are filled in from as far. */
static const double reach = 2;

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    g_autoptr(VipsImage) seen =
        vips_image_hasalpha(in) ? pixels_without_hidden(in, reach) : g_object_ref(in);

    return seen ? repeated(settings, seen) : NULL;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    int repeat = ((const Effect *) settings)->repeat;

    shape->let_go = repeat > 1;
    shape->held = repeat > 1 ? shape_bytes(shape) : 0;
    shape->making = repeat > 2 ? shape_bytes(shape) : 0;
    return true;
}

const Action action_effect = {
    .name = "effect",
    .group = "detail",
    .summary = "one of ten small filters, such as emboss and smooth",
    .aliases = "emboss find-edges edge-enhance smooth kernel convolve stylize",
    .example = "effect { filter = emboss }",
    .params = params,
    .size = sizeof(Effect),
    .flags = ACTION_BLENDS,
    .plan = plan,
    .pixels = pixels,
};
