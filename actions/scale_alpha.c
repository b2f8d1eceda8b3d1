/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/scale_alpha.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "actions/lanczos.h"

enum { ALPHA = 3 };

/* Three colours times alpha, and alpha times white. */
typedef float Pixel __attribute__((vector_size(16)));

/* How pixels of one direction come of those of the picture: each of `taps`, from `first` on. */
typedef struct Axis {
    int taps;
    int *first;
    float *weights; /* taps of each */
} Axis;

typedef struct Scaling {
    VipsImage *in;
    bool deep;   /* it has 16 bits, else 8 */
    float white; /* of its numbers */
    Axis across, down;
} Scaling;

/* What a thread has: rows that are scaled across, each at its number modulo the taps. */
typedef struct Rows {
    const Scaling *scaling;
    VipsRegion *region;
    int width;    /* of the result */
    Pixel *line;  /* a row of the picture */
    int *changes; /* how many of its pixels up to here differ from the one before */
    Pixel *made;
    int *numbers; /* of the rows that are there, or -1 */
} Rows;

/* ---- weights ---- */

/* What lies outside counts for the pixel at the edge. */
static void set_weights(Axis *axis, int from, int number, double factor)
{
    double centre = (number + 0.5) * factor - 0.5, sum = 0;
    int start = (int) ceil(centre - LANCZOS_LOBES * factor),
        end = (int) floor(centre + LANCZOS_LOBES * factor);
    float *weights = axis->weights + (size_t) number * axis->taps;

    axis->first[number] = CLAMP(start, 0, from - axis->taps);
    for (int i = start; i <= end; i++)
        sum += lanczos((i - centre) / factor);
    for (int i = start; i <= end; i++)
        weights[CLAMP(i, 0, from - 1) - axis->first[number]] +=
            (float) (lanczos((i - centre) / factor) / sum);
}

static Axis axis_new(int from, int to)
{
    double factor = (double) from / to;
    Axis axis = { .taps = (int) MIN(from, 2 * ceil(LANCZOS_LOBES * factor) + 1) };

    axis.first = g_new(int, to);
    axis.weights = g_new0(float, (size_t) to *axis.taps);
    for (int i = 0; i < to; i++)
        set_weights(&axis, from, i, factor);
    return axis;
}

static void axis_clear(Axis *axis)
{
    g_free(axis->first);
    g_free(axis->weights);
}

static void scaling_free(void *data)
{
    Scaling *scaling = data;

    axis_clear(&scaling->across);
    axis_clear(&scaling->down);
    g_clear_object(&scaling->in);
    g_free(scaling);
}

/* ---- across ---- */

static Pixel weighted(const Scaling *scaling, const unsigned char *pixel)
{
    const unsigned short *deep = (const unsigned short *) (const void *) pixel;
    int bands = scaling->in->Bands, last = bands - 1;
    int g = bands > 2 ? 1 : 0, b = bands > 2 ? 2 : 0;

    if (scaling->deep)
        return (Pixel){ deep[0], deep[g], deep[b], scaling->white } * (float) deep[last];
    return (Pixel){ pixel[0], pixel[g], pixel[b], scaling->white } * (float) pixel[last];
}

/* Calls of memcmp() for each pixel would take a tenth of the time. */
static bool is_as_before(const unsigned char *pixel, size_t size)
{
    uint64_t both[2] = { 0 };

    switch (size) {
    case 2:
        return pixel[0] == pixel[-2] && pixel[1] == pixel[-1];
    case 4:
        memcpy(&both[0], pixel - 4, 4);
        memcpy(&both[1], pixel, 4);
        break;
    default:
        memcpy(&both[0], pixel - 8, 8);
        memcpy(&both[1], pixel, 8);
    }
    return both[0] == both[1];
}

static void read_line(const Rows *rows, const unsigned char *from)
{
    const Scaling *scaling = rows->scaling;
    size_t size = VIPS_IMAGE_SIZEOF_PEL(scaling->in);
    int changes = 0;

    for (int x = 0; x < scaling->in->Xsize; x++, from += size) {
        if (x && is_as_before(from, size)) {
            rows->line[x] = rows->line[x - 1];
        } else {
            rows->line[x] = weighted(scaling, from);
            changes++;
        }
        rows->changes[x] = changes;
    }
}

static Pixel mean(const Pixel *pixels, const float *weights, int taps)
{
    Pixel sum = { 0 };

    for (int i = 0; i < taps; i++)
        sum += weights[i] * pixels[i];
    return sum;
}

static void scale_line(const Rows *rows, Pixel *to)
{
    const Axis *axis = &rows->scaling->across;

    for (int x = 0; x < rows->width; x++) {
        int first = axis->first[x];
        bool even = rows->changes[first] == rows->changes[first + axis->taps - 1];
        to[x] = even
                    ? rows->line[first]
                    : mean(rows->line + first, axis->weights + (size_t) x * axis->taps, axis->taps);
    }
}

/* ---- down ---- */

/* Row `y` of the picture, scaled across; NULL with libvips' error set. */
static const Pixel *row_at(Rows *rows, int y)
{
    int place = y % rows->scaling->down.taps;
    Pixel *row = rows->made + (size_t) place * rows->width;
    const VipsRect area = { 0, y, rows->scaling->in->Xsize, 1 };

    if (rows->numbers[place] == y)
        return row;
    rows->numbers[place] = -1;
    if (vips_region_prepare(rows->region, &area))
        return NULL;
    read_line(rows, (const unsigned char *) VIPS_REGION_ADDR(rows->region, 0, y));
    scale_line(rows, row);
    rows->numbers[place] = y;
    return row;
}

static unsigned rounded(float value, float white)
{
    return (unsigned) (CLAMP(value, 0, white) + 0.5F);
}

/* A colour that is not seen is black: it packs best. */
static void put(const Scaling *scaling, Pixel pixel, unsigned char *to)
{
    unsigned short *deep = (unsigned short *) (void *) to;
    int last = scaling->in->Bands - 1;
    unsigned alpha = rounded(pixel[ALPHA] / scaling->white, scaling->white);
    Pixel values = alpha ? pixel * (scaling->white / pixel[ALPHA]) : (Pixel){ 0 };

    for (int band = 0; band <= last; band++) {
        unsigned value = band == last ? alpha : rounded(values[band], scaling->white);
        if (scaling->deep)
            deep[band] = (unsigned short) value;
        else
            to[band] = (unsigned char) value;
    }
}

static bool make_row(Rows *rows, const Pixel **taps, int y, const VipsRect *area, unsigned char *to)
{
    const Axis *axis = &rows->scaling->down;
    const float *weights = axis->weights + (size_t) y * axis->taps;
    size_t size = VIPS_IMAGE_SIZEOF_PEL(rows->scaling->in);

    for (int i = 0; i < axis->taps; i++)
        if (!(taps[i] = row_at(rows, axis->first[y] + i)))
            return false;
    for (int x = area->left; x < VIPS_RECT_RIGHT(area); x++, to += size) {
        Pixel sum = { 0 };
        for (int i = 0; i < axis->taps; i++)
            sum += weights[i] * taps[i][x];
        put(rows->scaling, sum, to);
    }
    return true;
}

static int generate(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Rows *rows = seq;
    const VipsRect *area = &out->valid;
    g_autofree const Pixel **taps = g_new(const Pixel *, rows->scaling->down.taps);

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        if (!make_row(rows, taps, y, area, (unsigned char *) VIPS_REGION_ADDR(out, area->left, y)))
            return -1;
    return 0;
}

/* ---- the picture ---- */

static int rows_free(void *seq, void *a G_GNUC_UNUSED, void *b G_GNUC_UNUSED)
{
    Rows *rows = seq;

    g_clear_object(&rows->region);
    g_free(rows->line);
    g_free(rows->changes);
    g_free(rows->made);
    g_free(rows->numbers);
    g_free(rows);
    return 0;
}

static void *rows_new(VipsImage *out, void *a, void *b G_GNUC_UNUSED)
{
    const Scaling *scaling = a;
    size_t width = (size_t) scaling->in->Xsize, taps = (size_t) scaling->down.taps;
    Rows *rows = g_malloc0(sizeof(Rows));

    *rows = (Rows){ .scaling = scaling,
                    .region = vips_region_new(scaling->in),
                    .width = out->Xsize,
                    .line = g_malloc_n(width, sizeof(Pixel)),
                    .changes = g_malloc_n(width, sizeof(int)),
                    .made = g_malloc_n(taps * (size_t) out->Xsize, sizeof(Pixel)),
                    .numbers = g_malloc_n(taps, sizeof(int)) };
    for (int i = 0; i < scaling->down.taps; i++)
        rows->numbers[i] = -1;
    return rows;
}

/* Rows that are filtered across wait for each other: a picture that becomes very flat has many. */
static bool is_too_flat(const VipsImage *pixels, int width, int height)
{
    enum { MOST = 32 << 20 };
    double rows = 2.0 * LANCZOS_LOBES * pixels->Ysize / height;

    return rows * width * sizeof(Pixel) > MOST;
}

bool scale_alpha_can(const VipsImage *pixels, int width, int height)
{
    bool whole = pixels->BandFmt == VIPS_FORMAT_UCHAR || pixels->BandFmt == VIPS_FORMAT_USHORT;

    return !is_too_flat(pixels, width, height) && whole &&
           (pixels->Bands == 2 || pixels->Bands == 4) && width <= pixels->Xsize &&
           height <= pixels->Ysize;
}

/* Rows are asked for in order, each once: the picture may be one that is being decoded. */
static bool prepare(VipsImage *pixels, VipsImage *out, int width, int height)
{
    Scaling *scaling = g_new0(Scaling, 1);

    g_object_set_data_full(G_OBJECT(out), "scaling", scaling, scaling_free);
    scaling->deep = pixels->BandFmt == VIPS_FORMAT_USHORT;
    scaling->white = scaling->deep ? 65535 : 255;
    scaling->across = axis_new(pixels->Xsize, width);
    scaling->down = axis_new(pixels->Ysize, height);
    if (vips_image_is_sequential(pixels)
            ? vips_sequential(pixels, &scaling->in, "tile_height", scaling->down.taps, NULL)
            : vips_copy(pixels, &scaling->in, NULL))
        return false;
    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_FATSTRIP, scaling->in, NULL))
        return false;
    out->Xsize = width;
    out->Ysize = height;
    return !vips_image_generate(out, rows_new, generate, rows_free, scaling, NULL);
}

VipsImage *scale_alpha(VipsImage *pixels, int width, int height)
{
    g_autoptr(VipsImage) out = vips_image_new();

    return prepare(pixels, out, width, height) ? g_steal_pointer(&out) : NULL;
}
