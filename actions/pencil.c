/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pencil - shade the picture with strokes of a pencil, all in one direction.
 *
 * The strokes are noise that is smeared in that direction, whose edges are drawn; each pixel is
 * made lighter by them (colour dodge), and the picture is added. They are made for a sheet, which
 * is repeated over the picture: they go on from one edge of it to the other. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/edges.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Pencil {
    Length radius;
    Length sigma;
    double angle;
    uint32_t seed; /* of the noise: the same each time for the same file */
} Pencil;

static const Param params[] = {
    LENGTH(Pencil, radius, .def = "auto", .min = 0, .max = 100, .of = OF_MEAN, .zero = "auto",
           .help = "half the length of a stroke; auto: as far as sigma reaches"),
    LENGTH(Pencil, sigma, .def = "20px", .min = 0.1, .max = 100, .of = OF_MEAN,
           .help = "how slowly a stroke fades, as the sigma of half a normal distribution"),
    REAL(Pencil, angle, .def = "120", .min = -360, .max = 360, .unit = "degrees",
         .help = "direction of the strokes, clockwise from the right"),
    { 0 },
};

/* Noise has twice the pixels of the sheet, across and down. */
enum { SHEET_MAX = 1024, LENGTH_MAX = 1024, EDGE = 2, EDGE_MAX = SHEET_MAX / 8, RESAMPLED = 8 };

/* Noise, and how it is smeared: a pixel is the sum of those that lie in one direction. */
typedef struct Noise {
    int width, height;
    float *values;
    int margin; /* that many pixels more on each side are smeared */
    int count;
    int across[LENGTH_MAX], down[LENGTH_MAX];
    float weights[LENGTH_MAX];
} Noise;

/* ---- sizes ---- */

static int whole(double radius)
{
    return (int) ceil(MIN(radius, SHEET_MAX));
}

/* Pixels of a stroke: up to a weight that 16 bits do not show. */
static int stroke_length(const Pencil *s)
{
    double sigma = s->sigma.px;
    double sum = MAX(1, sigma * sqrt(2 * G_PI));
    double reach = sigma * sqrt(2 * log(MAX(1, UINT16_MAX / sum)));
    int radius = s->radius.px > 0 ? whole(s->radius.px) : MAX(1, whole(reach) - 1);

    return MIN(2 * radius + 1, LENGTH_MAX);
}

static int edge_radius(const Pencil *s)
{
    return s->radius.px > 0 ? MIN(whole(s->radius.px), EDGE_MAX) : EDGE;
}

static int margin_of(const Pencil *s)
{
    return 2 * (edge_radius(s) / 2 + 1) + RESAMPLED;
}

static int sheet_size(int pixels)
{
    return MIN(pixels, SHEET_MAX);
}

/* ---- noise ---- */

static void set_stroke(Noise *noise, const Pencil *s)
{
    double angle = s->angle * G_PI / 180;
    double sum = 0;

    noise->count = stroke_length(s);
    for (int i = 0; i < noise->count; i++)
        sum += exp(-i * i / (2 * s->sigma.px * s->sigma.px));
    for (int i = 0; i < noise->count; i++) {
        noise->across[i] = (int) ceil(i * cos(angle) - 0.5);
        noise->down[i] = (int) ceil(i * sin(angle) - 0.5);
        noise->weights[i] = (float) (exp(-i * i / (2 * s->sigma.px * s->sigma.px)) / sum);
    }
}

static void fill(Noise *noise, uint32_t seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    float white = (float) samples_white(VIPS_FORMAT_FLOAT);

    noise->values = g_new(float, (size_t) noise->width * noise->height);
    for (size_t i = 0; i < (size_t) noise->width * noise->height; i++)
        noise->values[i] = white * (float) g_rand_double(random);
}

static Noise *noise_new(const Pencil *s, int width, int height)
{
    Noise *noise = g_new0(Noise, 1);

    noise->width = 2 * sheet_size(width);
    noise->height = 2 * sheet_size(height);
    noise->margin = margin_of(s);
    set_stroke(noise, s);
    fill(noise, s->seed);
    return noise;
}

static void noise_free(Noise *noise)
{
    g_free(noise->values);
    g_free(noise);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Noise, noise_free)

/* ---- strokes ---- */

static int wrapped(int at, int size)
{
    return (at % size + size) % size;
}

static void add_values(float *to, const float *from, int count, float weight)
{
    for (int i = 0; i < count; i++)
        to[i] += weight * from[i];
}

/* The row from `first` on: behind the last value comes the first one. */
static void add_row(const Noise *noise, float *to, int count, int first, int y, float weight)
{
    const float *row = noise->values + (size_t) wrapped(y, noise->height) * noise->width;

    for (int x = wrapped(first, noise->width); count > 0; x = 0) {
        int part = MIN(count, noise->width - x);
        add_values(to, row + x, part, weight);
        to += part;
        count -= part;
    }
}

static VipsImage *smeared(const Noise *noise)
{
    int width = noise->width + 2 * noise->margin;
    int height = noise->height + 2 * noise->margin;
    g_autoptr(VipsImage) out = vips_image_new_memory();
    g_autofree float *row = g_new(float, width);

    vips_image_init_fields(out, width, height, 1, VIPS_FORMAT_FLOAT, VIPS_CODING_NONE,
                           VIPS_INTERPRETATION_GREY16, 1, 1);
    for (int y = 0; y < height; y++) {
        memset(row, 0, (size_t) width * sizeof(*row));
        for (int i = 0; i < noise->count; i++)
            add_row(noise, row, width, noise->across[i] - noise->margin,
                    y + noise->down[i] - noise->margin, noise->weights[i]);
        if (vips_image_write_line(out, y, (VipsPel *) row))
            return NULL;
    }
    return g_steal_pointer(&out);
}

/* How dark each of its pixels is, from 0 to 1. */
static VipsImage *sheet(const Pencil *s, int width, int height)
{
    g_autoptr(Noise) noise = noise_new(s, width, height);
    g_autoptr(VipsImage) strokes = smeared(noise);
    g_autoptr(VipsImage) edges = strokes ? edges_found(strokes, edge_radius(s)) : NULL;
    g_autoptr(VipsImage) drawn =
        edges ? edges_drawn(edges, samples_white(VIPS_FORMAT_FLOAT)) : NULL;
    g_autoptr(VipsImage) half = NULL;
    g_autoptr(VipsImage) part = NULL;

    if (!drawn || vips_resize(drawn, &half, 0.5, NULL) ||
        vips_extract_area(half, &part, noise->margin / 2, noise->margin / 2, noise->width / 2,
                          noise->height / 2, NULL))
        return NULL;
    return pixels_in_memory(part);
}

static VipsImage *repeated(VipsImage *tile, int width, int height)
{
    g_autoptr(VipsImage) many = NULL;
    VipsImage *out = NULL;

    if (vips_replicate(tile, &many, (width - 1) / tile->Xsize + 1, (height - 1) / tile->Ysize + 1,
                       NULL) ||
        vips_extract_area(many, &out, 0, 0, width, height, NULL))
        return NULL;
    return out;
}

/* ---- on the picture ---- */

typedef struct Shading {
    VipsBandFormat format;
    int bands;
} Shading;

static void shade(const PixelsRun *run, const void *state)
{
    const Shading *shading = state;
    const float *strokes = run->other;
    double white = samples_white(shading->format);

    for (int i = 0; i < run->count; i++)
        for (int band = 0; band < shading->bands; band++) {
            size_t at = (size_t) i * shading->bands + band;
            double own = CLAMP(samples_get(shading->format, run->from, at) / white, 0, 1);
            double paper = 1 - CLAMP(strokes[i], 0, 1);
            double lighter = own >= paper ? 1 : own / paper;
            samples_put(shading->format, run->to, at, white * MIN(1, own + lighter));
        }
}

static VipsImage *colours(const void *settings, VipsImage *in)
{
    const Shading shading = { in->BandFmt, in->Bands };
    g_autoptr(VipsImage) tile = sheet(settings, in->Xsize, in->Ysize);
    g_autoptr(VipsImage) strokes = tile ? repeated(tile, in->Xsize, in->Ysize) : NULL;

    if (!strokes)
        return NULL;
    return pixels_map(in, strokes, in->Bands, in->BandFmt, shade, &shading, sizeof(shading));
}

static bool ask(void *settings, Image *image, Error **err)
{
    enum { DIGITS = 8 };
    Pencil *s = settings;
    const char *hash = image_hash(image, err);
    g_autofree char *digits = g_strndup(hash, DIGITS);

    if (hash)
        s->seed = (uint32_t) g_ascii_strtoull(digits, NULL, 16);
    return hash;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    double across = sheet_size(shape->width), down = sheet_size(shape->height);
    double margins = 2.0 * margin_of(settings);
    double values = 4 * across * down + (2 * across + margins) * (2 * down + margins);

    shape->held = sizeof(Noise) + sizeof(float) * (values + across * down);
    return true;
}

const Action action_pencil = {
    .name = "pencil",
    .group = "detail",
    .summary = "shade the picture with strokes of a pencil",
    .aliases = "pencil-sketch",
    .example = "pencil { sigma = 10px }",
    .params = params,
    .size = sizeof(Pencil),
    .flags = ACTION_BLENDS,
    .plan = plan,
    .ask = ask,
    .colours = colours,
};
