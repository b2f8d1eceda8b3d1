/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* round - take the corners off: each is round, cut straight, taken out as a square or a quarter of
 * a circle, or left square; and let the picture be transparent.
 *
 * The corners are drawn here, pixel by pixel and with soft edges; an SVG would need a loader that
 * untrusted pictures must not reach. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/colour.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Round {
    Length radius;
    int method;
    int top_left, top_right, bottom_left, bottom_right;
    Colour background;
    double opacity;
} Round;

enum { SAME, ROUND, CUT, SQUARE, CROSS, NOTCH };

static const Choice methods[] = {
    { "round", ROUND, "a quarter of a circle" },
    { "cut", CUT, "a straight cut from edge to edge" },
    { "square", SQUARE, "left as it is" },
    { "cross", CROSS, "a square taken out, so that all four leave a cross" },
    { "notch", NOTCH, "a quarter of a circle taken out, as of a ticket" },
    { 0 },
};

static const Choice corners[] = {
    { "same", SAME, "what method says" },
    { "round", ROUND, "a quarter of a circle" },
    { "cut", CUT, "a straight cut from edge to edge" },
    { "square", SQUARE, "left as it is" },
    { "cross", CROSS, "a square taken out, so that all four leave a cross" },
    { "notch", NOTCH, "a quarter of a circle taken out, as of a ticket" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Round, radius, .def = "5%", .min = 0, .max = 20000, .of = OF_SHORTER,
           .help = "how far the corners reach along the edges; 50% makes a circle of a square"),
    CHOICE(Round, method, .def = "round", .choices = methods, .help = "the form of the corners"),
    CHOICE(Round, top_left, .def = "same", .choices = corners, .help = "the form of this corner"),
    CHOICE(Round, top_right, .def = "same", .choices = corners, .help = "the form of this corner"),
    CHOICE(Round, bottom_left, .def = "same", .choices = corners,
           .help = "the form of this corner"),
    CHOICE(Round, bottom_right, .def = "same", .choices = corners,
           .help = "the form of this corner"),
    COLOUR(Round, background, .def = "#ffffff00",
           .help = "the colour outside the corners; the default is transparent, and JPEG then "
                   "shows the background of save"),
    REAL(Round, opacity, .def = "100", .min = 1, .max = 100, .unit = "%",
         .help = "how opaque the whole picture is then, the background of its corners too"),
    { 0 },
};

/* How much of the pixel at x, y is inside the corner whose tip is at 0, 0: its centre's distance
 * from the edge, over the width of one pixel. */
static double coverage(int method, double radius, int x, int y)
{
    double across = radius - x - 0.5;
    double down = radius - y - 0.5;
    double inside = radius - hypot(across, down);

    if (method == CROSS)
        return 1 - CLAMP(across + 0.5, 0, 1) * CLAMP(down + 0.5, 0, 1);
    if (method == CUT)
        inside = (radius - across - down) / G_SQRT2;
    else if (method == NOTCH)
        inside = hypot(x + 0.5, y + 0.5) - radius;
    else if (across <= 0 || down <= 0)
        return 1;
    return CLAMP(inside + 0.5, 0, 1);
}

/* What is done with each pixel of one picture. */
typedef struct Corners {
    int methods[4]; /* top left, top right, bottom left, bottom right */
    double radius;
    int size; /* whole pixels that a corner reaches */
    int width, height;
    VipsBandFormat format;
    int bands, colours; /* of the picture as it was */
    int out_bands;
    double white;
    double background[4]; /* on the scale of the pixels; alpha from 0 to 1 */
    double opacity;       /* 0 to 1 */
} Corners;

/* How much of the pixel at x, y stays. */
static double share_at(const Corners *c, int x, int y)
{
    bool right = x >= c->width - c->size;
    bool bottom = y >= c->height - c->size;
    bool left = x < c->size && (!right || x < c->width - x);
    bool top = y < c->size && (!bottom || y < c->height - y);

    if (!(left || right) || !(top || bottom))
        return 1;
    int method = c->methods[(top ? 0 : 2) + (left ? 0 : 1)];
    return method == SQUARE ? 1
                            : coverage(method, c->radius, left ? x : c->width - 1 - x,
                                       top ? y : c->height - 1 - y);
}

/* Adds the picture and what is around it, each by its share: together they cover a pixel on the
 * edge exactly. */
static void cut(const Corners *c, const PixelsRun *run, int i, double share)
{
    size_t from = (size_t) i * c->bands;
    size_t to = (size_t) i * c->out_bands;
    double own =
        c->bands > c->colours ? samples_get(c->format, run->from, from + c->colours) / c->white : 1;
    double inside = share * own;
    double outside = (1 - share) * c->background[3];
    double alpha = inside + outside;

    for (int band = 0; band < c->colours; band++) {
        double colour = samples_get(c->format, run->from, from + band);
        samples_put(c->format, run->to, to + band,
                    outside > 0 ? (inside * colour + outside * c->background[band]) / alpha
                                : colour);
    }
    if (c->out_bands > c->colours)
        samples_put(c->format, run->to, to + c->colours, alpha * c->opacity * c->white);
}

static void fade(const Corners *c, const PixelsRun *run, int i)
{
    size_t at = (size_t) i * c->out_bands + c->colours;

    samples_put(c->format, run->to, at, samples_get(c->format, run->to, at) * c->opacity);
}

/* The same of three colours of 8 bits: each pixel is read with the first byte of the next one. */
static void add_alpha_fast(const uint8_t *from, uint8_t *to, size_t count)
{
    static const uint8_t opaque = UINT8_MAX;

    for (size_t i = 0; i + 1 < count; i++) {
        memcpy(to + 4 * i, from + 3 * i, 4);
        to[4 * i + 3] = opaque;
    }
    memcpy(to + 4 * (count - 1), from + 3 * (count - 1), 3);
    to[4 * count - 1] = opaque;
}

/* Opaque. */
static void add_alpha(const Corners *c, const PixelsRun *run)
{
    const uint8_t *from = run->from;
    uint8_t *to = run->to;
    size_t size = vips_format_sizeof_unsafe(c->format);
    size_t pixel = size * c->colours;

    if (pixel == 3) {
        add_alpha_fast(from, to, (size_t) run->count);
        return;
    }
    for (int i = 0; i < run->count; i++, from += pixel, to += pixel + size) {
        for (size_t byte = 0; byte < pixel; byte++)
            to[byte] = from[byte];
        samples_put(c->format, to, (size_t) c->colours, c->white);
    }
}

static void round_run(const PixelsRun *run, const void *state)
{
    const Corners *c = state;

    if (c->out_bands > c->bands)
        add_alpha(c, run);
    else
        memcpy(run->to, run->from,
               vips_format_sizeof_unsafe(c->format) * (size_t) c->bands * (size_t) run->count);
    bool at_corners = run->y < c->size || run->y >= c->height - c->size;
    if (!at_corners && c->opacity == 1)
        return;
    for (int i = 0; i < run->count; i++) {
        double share = at_corners ? share_at(c, run->x + i, run->y) : 1;
        if (share < 1)
            cut(c, run, i, share);
        else if (c->opacity < 1)
            fade(c, run, i);
    }
}

static bool adds_alpha(const Round *s)
{
    return s->background.a < 255 || s->opacity < 100;
}

/* False with libvips' error set. */
static bool corners_of(const Round *s, VipsImage *pixels, Corners *out)
{
    const int own[] = { s->top_left, s->top_right, s->bottom_left, s->bottom_right };
    int shorter = MIN(pixels->Xsize, pixels->Ysize);
    double radius = MIN(s->radius.px, shorter / 2.0);
    Corners c = { .radius = radius,
                  .size = MAX(1, (int) ceil(radius)),
                  .width = pixels->Xsize,
                  .height = pixels->Ysize,
                  .format = pixels->BandFmt,
                  .bands = pixels->Bands,
                  .colours = pixels_colours(pixels),
                  .white = pixels_white(pixels) };

    for (int i = 0; i < 4; i++)
        c.methods[i] = own[i] == SAME ? s->method : own[i];
    if (!overlay_colour(pixels, &s->background, c.background))
        return false;
    for (int i = 0; i < 3; i++)
        c.background[i] *= c.white / 255;
    c.background[3] = s->background.a / 255.0;
    c.opacity = s->opacity / 100;
    c.out_bands = adds_alpha(s) ? c.colours + 1 : c.bands;
    *out = c;
    return true;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    const Round *s = settings;
    g_autoptr(VipsImage) photo = colour_for_overlays(in, overlay_has_colour(&s->background));
    Corners state;

    if (!photo || !corners_of(s, photo, &state))
        return NULL;
    return pixels_map(photo, NULL, state.out_bands, state.format, round_run, &state, sizeof(state));
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Round *s = settings;

    if (overlay_has_colour(&s->background))
        shape->colours = 3;
    shape->alpha |= adds_alpha(s);
    return true;
}

/* Corners of a share are the same share of what is smaller. */
static bool waits_for_scale(const void *settings)
{
    const Round *s = settings;

    return s->radius.unit == LENGTH_PERCENT;
}

const Action action_round = {
    .name = "round",
    .group = "decoration",
    .summary = "take the corners off: round, cut straight, or as a cross",
    .aliases = "corners rounded round-corners border-radius",
    .example = "round { radius = 20% bottom_right = cut background = \"#204060\" }",
    .params = params,
    .size = sizeof(Round),
    .flags = ACTION_POINTWISE,
    .plan = plan,
    .waits_for_scale = waits_for_scale,
    .pixels = pixels,
};
