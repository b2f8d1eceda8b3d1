/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resample.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "actions/lanczos.h"
#include "actions/pixels.h"

enum { LANES = 4, ALPHA = 3 };

/* Three colours times alpha, and alpha times white; or of bands that are not weighted up to four.
 */
typedef float Pixel __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t Mask __attribute__((vector_size(LANES * sizeof(float))));

/* How pixels of one direction come of those of the picture: each of `taps`, from `first` on. */
typedef struct Axis {
    int taps;
    int *first;
    float *weights; /* taps of each */
} Axis;

typedef struct Scaling {
    VipsImage *in;
    bool weighted; /* by alpha, the last band */
    bool limited;  /* to black and white */
    float white;   /* of its numbers */
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

/* One direction: of the samples from 0 to `from`, those of the part are made `count`. */
typedef struct Side {
    int from, count;
    double start, factor;
    Kernel kernel;
    double stretch;
} Side;

static Side side_of(int from, double start, double length, int count, Kernel kernel)
{
    double factor = length / count;
    Kernel own = kernel_of(kernel, factor > 1);

    return (Side){ .from = from,
                   .count = count,
                   .start = start,
                   .factor = factor,
                   .kernel = own,
                   .stretch = own == KERNEL_NEAREST ? 1 : MAX(1, factor) };
}

static int taps_of(const Side *side)
{
    return (int) MIN(side->from, 2 * ceil(kernel_reach(side->kernel) * side->stretch) + 1);
}

/* What lies outside counts for the pixel at the edge. */
static void set_weights(Axis *axis, const Side *side, int number, double centre)
{
    double sum = 0;
    double reach = kernel_reach(side->kernel) * side->stretch;
    int start = (int) ceil(centre - reach), end = (int) floor(centre + reach);
    float *weights = axis->weights + (size_t) number * axis->taps;

    axis->first[number] = CLAMP(start, 0, side->from - axis->taps);
    for (int i = start; i <= end; i++)
        sum += kernel_weight(side->kernel, (i - centre) / side->stretch);
    for (int i = start; i <= end; i++)
        weights[CLAMP(i, 0, side->from - 1) - axis->first[number]] +=
            (float) (kernel_weight(side->kernel, (i - centre) / side->stretch) / sum);
}

static Axis axis_new(const Side *side)
{
    Axis axis = { .taps = taps_of(side) };

    axis.first = g_new(int, side->count);
    axis.weights = g_new0(float, (size_t) side->count *axis.taps);
    double at = side->start + 0.5 * side->factor;
    for (int i = 0; i < side->count; i++, at += side->factor)
        set_weights(&axis, side, i, at - 0.5);
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

static Pixel weighted_8(const unsigned char *from, int bands, float white)
{
    int last = bands - 1, g = bands > 2 ? 1 : 0, b = bands > 2 ? 2 : 0;

    return (Pixel){ from[0], from[g], from[b], white } * (float) from[last];
}

static Pixel weighted_16(const uint16_t *from, int bands, float white)
{
    int last = bands - 1, g = bands > 2 ? 1 : 0, b = bands > 2 ? 2 : 0;

    return (Pixel){ from[0], from[g], from[b], white } * (float) from[last];
}

static Pixel weighted_float(const float *from, int bands, float white)
{
    int last = bands - 1, g = bands > 2 ? 1 : 0, b = bands > 2 ? 2 : 0;

    return (Pixel){ from[0], from[g], from[b], white } * from[last];
}

static Pixel weighted(const Scaling *scaling, const void *from)
{
    if (scaling->in->BandFmt == VIPS_FORMAT_UCHAR)
        return weighted_8(from, scaling->in->Bands, scaling->white);
    if (scaling->in->BandFmt == VIPS_FORMAT_USHORT)
        return weighted_16(from, scaling->in->Bands, scaling->white);
    return weighted_float(from, scaling->in->Bands, scaling->white);
}

/* The bands as they are. */
static Pixel plain(const Scaling *scaling, const unsigned char *from)
{
    const uint16_t *deep = (const uint16_t *) (const void *) from;
    int bands = scaling->in->Bands;
    Pixel pixel = { 0 };

    if (scaling->in->BandFmt == VIPS_FORMAT_UCHAR && bands == 3)
        return (Pixel){ from[0], from[1], from[2] };
    if (scaling->in->BandFmt == VIPS_FORMAT_UCHAR)
        for (int band = 0; band < bands; band++)
            pixel[band] = from[band];
    else if (scaling->in->BandFmt == VIPS_FORMAT_USHORT)
        for (int band = 0; band < bands; band++)
            pixel[band] = deep[band];
    else
        memcpy(&pixel, from, (size_t) bands * sizeof(float));
    return pixel;
}

/* Calls of memcmp() with a size that is not known would take a tenth of the time. */
static bool is_as_before(const unsigned char *pixel, size_t size)
{
    switch (size) {
    case 1:
        return pixel[0] == pixel[-1];
    case 2:
        return !memcmp(pixel, pixel - 2, 2);
    case 3:
        return pixel[0] == pixel[-3] && pixel[1] == pixel[-2] && pixel[2] == pixel[-1];
    case 4:
        return !memcmp(pixel, pixel - 4, 4);
    case 8:
        return !memcmp(pixel, pixel - 8, 8);
    default:
        return !memcmp(pixel, pixel - size, size);
    }
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
            rows->line[x] = scaling->weighted ? weighted(scaling, from) : plain(scaling, from);
            changes++;
        }
        rows->changes[x] = changes;
    }
}

static Pixel least(Pixel a, Pixel b)
{
    Mask less = a < b;

    return (Pixel) (((Mask) a & less) | ((Mask) b & ~less));
}

static Pixel most(Pixel a, Pixel b)
{
    Mask more = a > b;

    return (Pixel) (((Mask) a & more) | ((Mask) b & ~more));
}

/* Between black and white. */
static Pixel limited(const Scaling *scaling, Pixel pixel)
{
    float white = scaling->white;

    if (!scaling->limited)
        return pixel;
    if (scaling->weighted)
        white *= white;
    return most(least(pixel, (Pixel){ white, white, white, white }), (Pixel){ 0 });
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
        to[x] = even ? rows->line[first]
                     : limited(rows->scaling,
                               mean(rows->line + first, axis->weights + (size_t) x * axis->taps,
                                    axis->taps));
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

static void put_value(const Scaling *scaling, void *to, int band, float value)
{
    float whole = CLAMP(value, 0, scaling->white) + 0.5F;

    if (scaling->in->BandFmt == VIPS_FORMAT_UCHAR)
        ((uint8_t *) to)[band] = (uint8_t) whole;
    else if (scaling->in->BandFmt == VIPS_FORMAT_USHORT)
        ((uint16_t *) to)[band] = (uint16_t) whole;
    else
        ((float *) to)[band] = value;
}

/* A colour that is not seen is black: it packs best. */
static void put(const Scaling *scaling, Pixel pixel, void *to)
{
    int last = scaling->in->Bands - 1;
    bool whole = scaling->in->BandFmt != VIPS_FORMAT_FLOAT;

    if (scaling->weighted) {
        float alpha = pixel[ALPHA] / scaling->white;
        bool seen = whole ? alpha >= 0.5F : alpha > 0;
        pixel = seen ? pixel * (scaling->white / pixel[ALPHA]) : (Pixel){ 0 };
        pixel[last] = CLAMP(alpha, 0, scaling->white);
    }
    for (int band = 0; band <= last; band++)
        put_value(scaling, to, band, pixel[band]);
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

static bool set_sides(Scaling *scaling, VipsImage *in, const ImagePart *part, int width, int height,
                      Kernel kernel)
{
    const Side across = side_of(in->Xsize, part->left, part->width, width, kernel);
    const Side down = side_of(in->Ysize, part->top, part->height, height, kernel);

    scaling->across = axis_new(&across);
    scaling->down = axis_new(&down);
    return vips_image_is_sequential(in)
               ? !vips_sequential(in, &scaling->in, "tile_height", RESAMPLE_ROWS, NULL)
               : !vips_copy(in, &scaling->in, NULL);
}

/* Rows are asked for in order, each once: the picture may be one that is being decoded. */
static VipsImage *made_at_once(VipsImage *in, const ImagePart *part, int width, int height,
                               Kernel kernel, const Scaling *how)
{
    g_autoptr(VipsImage) out = vips_image_new();
    Scaling *scaling = g_memdup2(how, sizeof(*how));

    g_object_set_data_full(G_OBJECT(out), "scaling", scaling, scaling_free);
    if (!set_sides(scaling, in, part, width, height, kernel) ||
        vips_image_pipelinev(out, VIPS_DEMAND_STYLE_FATSTRIP, scaling->in, NULL))
        return NULL;
    out->Xsize = width;
    out->Ysize = height;
    if (vips_image_generate(out, rows_new, generate, rows_free, scaling, NULL))
        return NULL;
    return g_steal_pointer(&out);
}

/* Rows that are filtered across wait for each other: of what becomes very flat there would be very
 * many, and it is made in two steps. */
static VipsImage *made(VipsImage *in, const ImagePart *part, int width, int height, Kernel kernel,
                       const Scaling *how)
{
    enum { MOST = 32 << 20, TIMES = 8 };
    double rows = 2.0 * LANCZOS_LOBES * MAX(1, part->height / height);

    if (rows * width * sizeof(Pixel) <= MOST || kernel == KERNEL_NEAREST)
        return made_at_once(in, part, width, height, kernel, how);
    int between = TIMES * height;
    g_autoptr(VipsImage) taller = made(in, part, width, between, kernel, how);
    const ImagePart whole = part_whole(width, between);
    return taller ? made_at_once(taller, &whole, width, height, kernel, how) : NULL;
}

VipsImage *resample(VipsImage *pixels, const ImagePart *part, int width, int height, Kernel kernel)
{
    bool alpha = pixels->Bands > pixels_colours(pixels);
    const Scaling how = { .weighted = alpha && kernel != KERNEL_NEAREST,
                          .limited = pixels->BandFmt != VIPS_FORMAT_FLOAT,
                          .white = (float) pixels_white(pixels) };

    return made(pixels, part, width, height, kernel, &how);
}

VipsImage *resample_floats(VipsImage *floats, const ImagePart *part, int width, int height,
                           Kernel kernel)
{
    g_assert(floats->BandFmt == VIPS_FORMAT_FLOAT && floats->Bands <= LANES);
    return made(floats, part, width, height, kernel, &(Scaling){ .white = 1 });
}

VipsImage *resample_all(VipsImage *pixels, int width, int height)
{
    const ImagePart whole = part_whole(pixels->Xsize, pixels->Ysize);

    if (width == pixels->Xsize && height == pixels->Ysize)
        return g_object_ref(pixels);
    return resample(pixels, &whole, width, height, KERNEL_AUTO);
}
