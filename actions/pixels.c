/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/pixels.h"

#include <math.h>
#include <string.h>

#include "actions/samples.h"

enum { COLOURS_MAX = 3, BANDS_MAX = 4 };

/* ---- what pixels are ---- */

double pixels_white(const VipsImage *pixels)
{
    return samples_white(pixels->BandFmt);
}

int pixels_colours(const VipsImage *pixels)
{
    if (pixels->Type == VIPS_INTERPRETATION_CMYK)
        return PIXELS_INKS;
    return pixels->Bands < COLOURS_MAX ? 1 : COLOURS_MAX;
}

VipsInterpretation pixels_type(VipsBandFormat format, int bands)
{
    bool grey = bands < COLOURS_MAX;

    if (format == VIPS_FORMAT_UCHAR)
        return grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    return grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
}

/* ---- as operations of libvips ---- */

typedef struct Map {
    PixelsFunction function;
    const void *state;
    void *copied; /* NULL: the state is not ours */
} Map;

static void map_free(void *data)
{
    Map *map = data;

    g_free(map->copied);
    g_free(map);
}

static int generate(VipsRegion *out, void *seq, void *inputs G_GNUC_UNUSED, void *data,
                    gboolean *stop G_GNUC_UNUSED)
{
    VipsRegion **in = seq;
    const Map *map = data;
    const VipsRect *area = &out->valid;

    g_assert(in[0]);
    for (int i = 0; in[i]; i++)
        if (vips_region_prepare(in[i], area))
            return -1;
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        const PixelsRun run = { .from = VIPS_REGION_ADDR(in[0], area->left, y),
                                .other = in[1] ? VIPS_REGION_ADDR(in[1], area->left, y) : NULL,
                                .to = VIPS_REGION_ADDR(out, area->left, y),
                                .x = area->left,
                                .y = y,
                                .count = area->width };
        map->function(&run, map->state);
    }
    return 0;
}

VipsImage *pixels_map(VipsImage *in, VipsImage *other, int bands, VipsBandFormat format,
                      PixelsFunction function, const void *state, size_t size)
{
    g_autoptr(VipsImage) out = vips_image_new();
    VipsImage **inputs = vips_allocate_input_array(out, in, other, NULL);
    Map *map = g_new0(Map, 1);

    map->function = function;
    map->copied = g_memdup2(state, size);
    map->state = map->copied ? map->copied : state;
    g_object_set_data_full(G_OBJECT(out), "map", map, map_free);
    g_object_set_data_full(G_OBJECT(out), "in", g_object_ref(in), g_object_unref);
    if (other)
        g_object_set_data_full(G_OBJECT(out), "other", g_object_ref(other), g_object_unref);
    if (!inputs || vips_image_pipeline_array(out, VIPS_DEMAND_STYLE_THINSTRIP, inputs))
        return NULL;
    out->Bands = bands;
    out->BandFmt = format;
    bool inks = in->Type == VIPS_INTERPRETATION_CMYK && bands == PIXELS_INKS;
    out->Type = inks ? VIPS_INTERPRETATION_CMYK : pixels_type(format, bands);
    if (vips_image_generate(out, vips_start_many, generate, vips_stop_many, inputs, map))
        return NULL;
    return g_steal_pointer(&out);
}

/* ---- formats ---- */

typedef struct Formats {
    VipsBandFormat from, to;
    int bands;
    double factor;
} Formats;

static void to_8_bits(const uint16_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t) ((from[i] + 128U) / 257);
}

static void convert(const PixelsRun *run, const void *state)
{
    const Formats *formats = state;
    size_t count = (size_t) run->count * formats->bands;

    if (formats->from == VIPS_FORMAT_USHORT && formats->to == VIPS_FORMAT_UCHAR)
        to_8_bits(run->from, run->to, count);
    else
        for (size_t i = 0; i < count; i++)
            samples_put(formats->to, run->to, i,
                        formats->factor * samples_get(formats->from, run->from, i));
}

VipsImage *pixels_in_memory(VipsImage *pixels)
{
    VipsImage *memory = vips_image_copy_memory(pixels);

    if (memory && memory != pixels)
        vips_image_remove(memory, VIPS_META_SEQUENTIAL);
    return memory;
}

VipsImage *pixels_in_format(VipsImage *pixels, VipsBandFormat format)
{
    const Formats formats = { pixels->BandFmt, format, pixels->Bands,
                              samples_white(format) / pixels_white(pixels) };

    if (pixels->BandFmt == format)
        return g_object_ref(pixels);
    return pixels_map(pixels, NULL, pixels->Bands, format, convert, &formats, sizeof(formats));
}

typedef struct Bits {
    int bits, bands;
} Bits;

static void to_bits(const PixelsRun *run, const void *state)
{
    const Bits *bits = state;
    const uint16_t *from = run->from;
    uint32_t most = (UINT32_C(1) << bits->bits) - 1;
    uint16_t *to = run->to;

    for (size_t i = 0; i < (size_t) run->count * bits->bands; i++)
        to[i] = (uint16_t) ((from[i] * most + UINT16_MAX / 2) / UINT16_MAX << (16 - bits->bits));
}

VipsImage *pixels_of_bits(VipsImage *pixels, int bits)
{
    const Bits state = { bits, pixels->Bands };

    return pixels_map(pixels, NULL, pixels->Bands, VIPS_FORMAT_USHORT, to_bits, &state,
                      sizeof(state));
}

/* ---- alpha ---- */

typedef struct Flat {
    VipsBandFormat format;
    int colours;
    double white;
    double background[COLOURS_MAX]; /* on the scale of the pixels */
} Flat;

/* Takes opaque pixels of 8 bits in three colours as they are: how many, up to the first other one.
 * Each is written as four bytes, of which the last belongs to the next one. */
static size_t flatten_opaque(const uint8_t *from, uint8_t *to, size_t count)
{
    size_t done = 0;

    for (; done + 1 < count && from[4 * done + 3] == UINT8_MAX; done++)
        memcpy(to + 3 * done, from + 4 * done, 4);
    return done;
}

static void flatten(const PixelsRun *run, const void *state)
{
    const Flat *flat = state;
    size_t size = vips_format_sizeof_unsafe(flat->format);
    size_t bands = (size_t) flat->colours + 1;

    bool fast = flat->format == VIPS_FORMAT_UCHAR && flat->colours == COLOURS_MAX;

    for (size_t i = 0; i < (size_t) run->count; i++) {
        if (fast)
            i += flatten_opaque((const uint8_t *) run->from + 4 * i, (uint8_t *) run->to + 3 * i,
                                (size_t) run->count - i);
        double alpha = samples_get(flat->format, run->from, i * bands + flat->colours);
        if (alpha >= flat->white) {
            memcpy((char *) run->to + i * flat->colours * size,
                   (const char *) run->from + i * bands * size, flat->colours * size);
            continue;
        }
        for (int band = 0; band < flat->colours; band++)
            samples_put(flat->format, run->to, i * flat->colours + band,
                        (alpha * samples_get(flat->format, run->from, i * bands + band) +
                         (flat->white - alpha) * flat->background[band]) /
                            flat->white);
    }
}

VipsImage *pixels_flattened(VipsImage *pixels, const double background[3])
{
    Flat flat = { pixels->BandFmt, pixels_colours(pixels), pixels_white(pixels), { 0 } };

    if (pixels->Bands == flat.colours)
        return g_object_ref(pixels);
    for (int band = 0; band < flat.colours; band++)
        flat.background[band] = background[band] * flat.white / 255;
    return pixels_map(pixels, NULL, flat.colours, pixels->BandFmt, flatten, &flat, sizeof(flat));
}

typedef struct Over {
    VipsBandFormat format, mark_format;
    int bands, colours;
    double white, mark_white, opacity;
    Blend blend;
} Over;

/* Alpha from 0 to 1. */
static double opacity_at(VipsBandFormat format, const void *pixels, size_t at, double white)
{
    return fmin(fmax(samples_get(format, pixels, at) / white, 0), 1);
}

/* The colour that the mark has over one whose alpha is that: W3C, Compositing and Blending, 10. */
static double over_colour(const Over *over, double mark, double below, double alpha)
{
    double white = over->white;

    if (over->blend == BLEND_OVER)
        return mark;
    return mark + alpha * (white * blend_of(over->blend, below / white, mark / white) - mark);
}

static void put_under(const Over *over, const PixelsRun *run, size_t i, double mark_alpha)
{
    size_t at = i * over->bands;
    bool solid = over->bands == over->colours;
    double alpha = solid ? 1 : opacity_at(over->format, run->from, at + over->colours, over->white);
    double behind = alpha * (1 - mark_alpha);
    double sum = mark_alpha + behind;

    for (int band = 0; band < over->colours; band++) {
        double mark = samples_get(over->mark_format, run->other, i * (over->colours + 1) + band) *
                      over->white / over->mark_white;
        double below = samples_get(over->format, run->from, at + band);
        mark = over_colour(over, mark, below, alpha);
        samples_put(over->format, run->to, at + band, (mark * mark_alpha + below * behind) / sum);
    }
    if (!solid)
        samples_put(over->format, run->to, at + over->colours, sum * over->white);
}

/* The first pixel from number `i` on where a mark of 8 bits shows. */
static size_t next_seen(const uint8_t *alpha, size_t step, size_t i, size_t count)
{
    while (i < count && alpha[i * step] == 0)
        i++;
    return i;
}

static void under(const PixelsRun *run, const void *state)
{
    const Over *over = state;
    size_t bytes = vips_format_sizeof_unsafe(over->format) * (size_t) over->bands;

    size_t step = (size_t) over->colours + 1;
    size_t count = (size_t) run->count;
    bool fast = over->mark_format == VIPS_FORMAT_UCHAR;

    memcpy(run->to, run->from, bytes * count);
    for (size_t i = 0; i < count; i++) {
        if (fast)
            i = next_seen((const uint8_t *) run->other + over->colours, step, i, count);
        if (i == count)
            return;
        double alpha =
            over->opacity * opacity_at(over->mark_format, run->other,
                                       i * (over->colours + 1) + over->colours, over->mark_white);
        if (alpha > 0)
            put_under(over, run, i, alpha);
    }
}

VipsImage *pixels_under(VipsImage *pixels, VipsImage *mark, double opacity, Blend blend)
{
    const Over over = { .format = pixels->BandFmt,
                        .mark_format = mark->BandFmt,
                        .bands = pixels->Bands,
                        .colours = pixels_colours(pixels),
                        .white = pixels_white(pixels),
                        .mark_white = pixels_white(mark),
                        .opacity = opacity,
                        .blend = blend };

    g_assert(mark->Bands == over.colours + 1);
    return pixels_map(pixels, mark, pixels->Bands, pixels->BandFmt, under, &over, sizeof(over));
}

/* ---- weighted by alpha ---- */

typedef struct Weights {
    VipsBandFormat format;
    int bands;
    double white;
} Weights;

/* 8 bits become 16: colour times alpha, and alpha times 255. A filter makes edges brighter than
 * white and darker than black before it looks across them: there is room above and below. */
enum { ROOM = 12288, PARTS = 8, OF_PARTS = 5 };

static uint16_t with_room(unsigned product)
{
    return (uint16_t) (ROOM + (product * OF_PARTS + PARTS / 2) / PARTS);
}

static void weight_8_bits(const PixelsRun *run, const void *state)
{
    const Weights *weights = state;
    const uint8_t *from = run->from;
    uint16_t *to = run->to;
    int last = weights->bands - 1;

    for (int i = 0; i < run->count; i++, from += weights->bands, to += weights->bands) {
        unsigned alpha = from[last];
        for (int band = 0; band < last; band++)
            to[band] = with_room(from[band] * alpha);
        to[last] = with_room(255 * alpha);
    }
}

static void weight(const PixelsRun *run, const void *state)
{
    const Weights *weights = state;
    float *to = run->to;
    int last = weights->bands - 1;

    for (size_t at = 0; at < (size_t) run->count * weights->bands; at += weights->bands) {
        double alpha = samples_get(weights->format, run->from, at + last);
        for (int band = 0; band < last; band++)
            to[at + band] =
                (float) (samples_get(weights->format, run->from, at + band) * alpha / 65535);
        to[at + last] = (float) alpha;
    }
}

static VipsImage *weighted(VipsImage *pixels)
{
    const Weights weights = { pixels->BandFmt, pixels->Bands, pixels_white(pixels) };
    bool eight = pixels->BandFmt == VIPS_FORMAT_UCHAR;

    return pixels_map(pixels, NULL, pixels->Bands, eight ? VIPS_FORMAT_USHORT : VIPS_FORMAT_FLOAT,
                      eight ? weight_8_bits : weight, &weights, sizeof(weights));
}

/* ---- hidden colours ---- */

static void fill_hidden(const PixelsRun *run, const void *state)
{
    const Weights *weights = state;
    float room = weights->format == VIPS_FORMAT_UCHAR ? ROOM : 0;
    const float *near = run->other;
    int last = weights->bands - 1;

    for (size_t at = 0; at < (size_t) run->count * weights->bands; at += weights->bands) {
        double alpha = samples_get(weights->format, run->from, at + last) / weights->white;
        double sum = near[at + last] - room;
        for (int band = 0; band < last; band++) {
            double own = samples_get(weights->format, run->from, at + band);
            double mean = sum > 0 ? weights->white * (near[at + band] - room) / sum : own;
            samples_put(weights->format, run->to, at + band, alpha * own + (1 - alpha) * mean);
        }
        samples_put(weights->format, run->to, at + last, alpha * weights->white);
    }
}

/* vips_sharpen() looks as far as its weights are above 0.1: this one further. */
static const double least_weight = 0.05;

VipsImage *pixels_without_hidden(VipsImage *pixels, double sigma)
{
    const Weights weights = { pixels->BandFmt, pixels->Bands, pixels_white(pixels) };
    g_autoptr(VipsImage) premultiplied = weighted(pixels);
    g_autoptr(VipsImage) floats = NULL;
    g_autoptr(VipsImage) near = NULL;

    if (!premultiplied || vips_cast_float(premultiplied, &floats, NULL) ||
        vips_gaussblur(floats, &near, sigma, "min_ampl", least_weight, "precision",
                       VIPS_PRECISION_FLOAT, NULL))
        return NULL;
    return pixels_map(pixels, near, pixels->Bands, pixels->BandFmt, fill_hidden, &weights,
                      sizeof(weights));
}
