/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* outline - draw a line around the shape in the picture, at a distance of it; around a picture that
 * is opaque, two frames. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/overlay_colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"
#include "actions/silhouette.h"

typedef struct Outline {
    Length size, offset;
    Colour colour, fill;
    double opacity;
    bool picture;
} Outline;

static const Param params[] = {
    LENGTH(Outline, size, .def = "1px", .max = 8000, .of = OF_SHORTER,
           .help = "how wide the line is; the picture grows by it on each side"),
    LENGTH(Outline, offset, .def = "0", .max = 8000, .of = OF_SHORTER,
           .help = "how far the line is from the shape; the picture grows by it, too"),
    COLOUR(Outline, colour, .def = "#000000", .help = "the colour of the line"),
    COLOUR(Outline, fill, .def = "#ffffff",
           .help = "the colour between shape and line, and of the shape with picture = no"),
    REAL(Outline, opacity, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help = "how much of line and fill shows"),
    BOOL(Outline, picture, .def = "yes", .help = "whether the picture is seen inside of the line"),
    { 0 },
};

/* ---- sizes and colours ---- */

static int whole(const Length *length)
{
    return (int) lround(fmin(length->px, SILHOUETTE_MARGIN_MAX / 2.0));
}

static int margin_of(const Outline *s)
{
    return whole(&s->offset) + whole(&s->size);
}

static Colour faded(const Outline *s, Colour colour)
{
    colour.a *= s->opacity / 100;
    return colour;
}

static bool shows_line(const Outline *s)
{
    return whole(&s->size) > 0;
}

static bool shows_fill(const Outline *s)
{
    return whole(&s->offset) > 0 || !s->picture;
}

static bool is_coloured(const Outline *s)
{
    const Colour line = faded(s, s->colour), fill = faded(s, s->fill);

    return (shows_line(s) && overlay_has_colour(&line)) ||
           (shows_fill(s) && overlay_has_colour(&fill));
}

/* Whether something is seen through what is drawn around an opaque picture. */
static bool is_seen_through(const Outline *s)
{
    return (shows_line(s) && faded(s, s->colour).a < 255) ||
           (shows_fill(s) && faded(s, s->fill).a < 255);
}

/* ---- pixels ---- */

typedef struct Drawing {
    VipsBandFormat format;
    int in_bands, bands, colours;
    double white;
    double line[4], fill[4]; /* on the scale of the pixels; alpha from 0 to 1 */
    bool picture;
    int width, height, offset, margin;
} Drawing;

/* The shape grown by the offset, or by none, and by all, from 0 to 1. */
static void shares_at(const Drawing *d, const PixelsRun *run, int i, double shares[2])
{
    const uint8_t *grown = run->other;
    size_t bands = d->offset > 0 ? 2 : 1, last = bands * (size_t) i + bands - 1;
    bool near = !grown &&
                silhouette_of_frame(run->x + i, run->y, d->width, d->height, d->offset, d->margin);

    shares[0] = grown && d->offset > 0 ? grown[last - 1] / 255.0 : near;
    shares[1] = grown ? grown[last] / 255.0 : 1;
}

/* How much of a pixel the shape of the picture itself covers. */
static double shape_at(const Drawing *d, const PixelsRun *run, int i)
{
    if (!silhouette_of_frame(run->x + i, run->y, d->width, d->height, 0, d->margin))
        return 0;
    return d->in_bands == d->colours
               ? 1
               : samples_get(d->format, run->from, (size_t) i * d->in_bands + d->colours) /
                     d->white;
}

/* Adds the picture, and what each of fill and line covers beside it: together they cover a pixel of
 * a soft edge exactly. */
static void draw_pixel(const Drawing *d, const PixelsRun *run, int i)
{
    size_t from = (size_t) i * d->in_bands, to = (size_t) i * d->bands;
    double shape = shape_at(d, run, i), own = d->picture ? shape : 0, shares[2];

    if (own >= 1 && d->bands == d->in_bands) {
        size_t size = vips_format_sizeof_unsafe(d->format) * (size_t) d->bands;
        memcpy((char *) run->to + (size_t) i * size, (const char *) run->from + (size_t) i * size,
               size);
        return;
    }
    shares_at(d, run, i, shares);
    double inner = fmax(shares[0], shape), outer = fmax(shares[1], inner);
    double fill = (inner - own) * d->fill[3], line = (outer - inner) * d->line[3];
    double alpha = own + fill + line;
    for (int band = 0; band < d->colours; band++) {
        double colour = samples_get(d->format, run->from, from + band);
        double sum = own * colour + fill * d->fill[band] + line * d->line[band];
        bool same = fill + line == 0 && own > 0;
        samples_put(d->format, run->to, to + band, same ? colour : alpha > 0 ? sum / alpha : 0);
    }
    if (d->bands > d->colours)
        samples_put(d->format, run->to, to + d->colours, alpha * d->white);
}

static void draw(const PixelsRun *run, const void *state)
{
    for (int i = 0; i < run->count; i++)
        draw_pixel(state, run, i);
}

/* The colour, and its alpha from 0 to 1. */
static bool set_colour(VipsImage *photo, Colour colour, double values[4])
{
    double own[4];
    int colours = pixels_colours(photo);

    if (!backdrop_values(photo, &colour, false, own))
        return false;
    memcpy(values, own, (size_t) colours * sizeof(*own));
    values[3] = colour.a / 255;
    return true;
}

/* `map` may be NULL: the photo is opaque. */
static VipsImage *drawn(const Outline *s, VipsImage *photo, VipsImage *map)
{
    int margin = margin_of(s), colours = pixels_colours(photo);
    bool alpha = photo->Bands > colours || is_seen_through(s);
    Drawing d = { .format = photo->BandFmt,
                  .in_bands = photo->Bands,
                  .bands = colours + alpha,
                  .colours = colours,
                  .white = pixels_white(photo),
                  .picture = s->picture,
                  .width = photo->Xsize,
                  .height = photo->Ysize,
                  .offset = whole(&s->offset),
                  .margin = margin };
    g_autoptr(VipsImage) wide = NULL;

    if (!set_colour(photo, faded(s, s->colour), d.line) ||
        !set_colour(photo, faded(s, s->fill), d.fill) ||
        vips_embed(photo, &wide, margin, margin, photo->Xsize + 2 * margin,
                   photo->Ysize + 2 * margin, NULL))
        return NULL;
    return pixels_map(wide, map, d.bands, d.format, draw, &d, sizeof(d));
}

static VipsImage *map_of(const Outline *s, VipsImage *photo)
{
    g_autoptr(VipsImage) alpha = NULL;
    g_autoptr(VipsImage) bytes = NULL;
    g_autoptr(VipsImage) memory = NULL;

    if (vips_extract_band(photo, &alpha, pixels_colours(photo), NULL) ||
        !(bytes = pixels_in_format(alpha, VIPS_FORMAT_UCHAR)) ||
        !(memory = pixels_in_memory(bytes)))
        return NULL;
    return silhouette_grown(memory, SILHOUETTE_PICTURE, whole(&s->offset), margin_of(s));
}

/* ---- the action ---- */

static bool has_alpha(VipsImage *pixels)
{
    return pixels->Bands > pixels_colours(pixels);
}

/* A shape is looked for before it is drawn around. */
static bool geometry(const void *settings, Image *image, Error **err)
{
    const Outline *s = settings;
    VipsImage *pixels = image_pixels(image, err);
    bool shaped = pixels && has_alpha(pixels);

    if (!pixels || (shaped && !image_to_memory(image, err)))
        return false;
    pixels = image_overlay_pixels(image, is_coloured(s), err);
    if (!pixels)
        return false;
    g_autoptr(VipsImage) map = shaped ? map_of(s, pixels) : NULL;
    VipsImage *out = shaped && !map ? NULL : drawn(s, pixels, map);
    if (!out)
        return libvips_error(err, "draw the outline");
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Outline *s = settings;
    int margin = margin_of(s);

    shape->planes = (ShapePlanes){ 0 };
    shape->settles |= shape->alpha;
    if (shape->alpha) {
        shape->held = silhouette_held(shape->width, shape->height, whole(&s->offset), margin);
        shape->making = silhouette_making(shape->width, shape->height, whole(&s->offset), margin);
    }
    shape->width = MIN(shape->width + 2 * margin, VIPS_MAX_COORD);
    shape->height = MIN(shape->height + 2 * margin, VIPS_MAX_COORD);
    shape->alpha |= is_seen_through(s);
    if (is_coloured(s))
        shape->colours = 3;
    return true;
}

const Action action_outline = {
    .name = "outline",
    .group = "decoration",
    .summary = "draw a line around the shape in the picture, or a frame around an opaque one",
    .aliases = "contour stroke sticker-outline trace",
    .example = "outline { size = 3% offset = 2% colour = \"#204060\" }",
    .params = params,
    .size = sizeof(Outline),
    .plan = plan,
    .geometry = geometry,
};
