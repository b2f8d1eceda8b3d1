/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/resample.h"

#include <stdint.h>
#include <string.h>

#include "actions/lanczos.h"
#include "actions/pixels.h"
#include "actions/resample_axis.h"
#include "actions/resample_bytes.h"
#include "actions/resample_grey.h"

enum { LANES = 4, ALPHA = 3 };

/* Three colours times alpha, and alpha times white; or of bands that are not weighted up to four.
 */
typedef float Pixel __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t Mask __attribute__((vector_size(LANES * sizeof(float))));

typedef struct Scaling {
    VipsImage *in;
    bool weighted; /* by alpha, the last band */
    bool limited;  /* to black and white, before rows are joined */
    float white;   /* of its numbers */
    Axis across, down;
    bool grey;                            /* one band of 16 bits */
    const ByteSums *bytes;                /* NULL: sums are of floats */
    ByteWeights bytes_across, bytes_down; /* with `bytes` */
} Scaling;

/* What a thread has: rows that are scaled across, each at its number modulo the taps. */
typedef struct Rows {
    const Scaling *scaling;
    VipsRegion *region;
    int width;    /* of the result */
    void *line;   /* a row of the picture: floats, or bytes */
    int *changes; /* of floats: how many pixels up to here differ from the one before */
    char *made;   /* each of `stride` bytes */
    size_t stride;
    int *numbers; /* of the rows that are there, or -1 */
} Rows;

static void scaling_free(void *data)
{
    Scaling *scaling = data;

    byte_weights_clear(&scaling->bytes_across);
    byte_weights_clear(&scaling->bytes_down);
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

/* The bands as they are. Of 8 bits: only with alpha that does not count. */
static Pixel plain(const Scaling *scaling, const unsigned char *from)
{
    const uint16_t *deep = (const uint16_t *) (const void *) from;
    int bands = scaling->in->Bands;
    Pixel pixel = { 0 };

    if (scaling->in->BandFmt == VIPS_FORMAT_USHORT && bands == 3)
        return (Pixel){ deep[0], deep[1], deep[2] };
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
    case 2:
        return !memcmp(pixel, pixel - 2, 2);
    case 4:
        return !memcmp(pixel, pixel - 4, 4);
    case 6:
        return !memcmp(pixel, pixel - 6, 6);
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
    Pixel *line = rows->line;
    int changes = 0;

    for (int x = 0; x < scaling->in->Xsize; x++, from += size) {
        if (x && is_as_before(from, size)) {
            line[x] = line[x - 1];
        } else {
            line[x] = scaling->weighted ? weighted(scaling, from) : plain(scaling, from);
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
    const Pixel *line = rows->line;

    for (int x = 0; x < rows->width; x++) {
        int first = axis->first[x];
        bool even = rows->changes[first] == rows->changes[first + axis->taps - 1];
        to[x] = even ? line[first]
                     : limited(rows->scaling,
                               mean(line + first, axis->weights + (size_t) x * axis->stride,
                                    axis->taps));
    }
}

/* The copy has room behind its last pixel. */
static void scale_bytes(const Rows *rows, const unsigned char *from, int16_t *to)
{
    const Scaling *scaling = rows->scaling;

    memcpy(rows->line, from, VIPS_IMAGE_SIZEOF_LINE(scaling->in));
    scaling->bytes->across[scaling->in->Bands > 1](rows->line, &scaling->bytes_across, rows->width,
                                                   to);
}

/* ---- down ---- */

/* Row `y` of the picture, scaled across; NULL with libvips' error set. */
static const void *row_at(Rows *rows, int y)
{
    int place = y % rows->scaling->down.taps;
    void *row = rows->made + (size_t) place * rows->stride;
    const VipsRect area = { 0, y, rows->scaling->in->Xsize, 1 };

    if (rows->numbers[place] == y)
        return row;
    rows->numbers[place] = -1;
    if (vips_region_prepare(rows->region, &area))
        return NULL;
    const unsigned char *from = (const unsigned char *) VIPS_REGION_ADDR(rows->region, 0, y);
    if (rows->scaling->bytes) {
        scale_bytes(rows, from, row);
    } else if (rows->scaling->grey) {
        grey_read((const uint16_t *) (const void *) from, rows->scaling->in->Xsize, rows->line);
        grey_across(rows->line, &rows->scaling->across, rows->width, row);
    } else {
        read_line(rows, from);
        scale_line(rows, row);
    }
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

/* Rows of an even number: one that is too many has no weight. */
static void join_bytes(const Scaling *scaling, const void *const *taps, int y, const VipsRect *area,
                       unsigned char *to)
{
    size_t left = (size_t) area->left * scaling->in->Bands;
    g_autofree const int16_t **rows = g_new(const int16_t *, scaling->bytes_down.taps);

    for (int i = 0; i < scaling->bytes_down.taps; i++)
        rows[i] = (const int16_t *) taps[MIN(i, scaling->down.taps - 1)] + left;
    scaling->bytes->down(rows, &scaling->bytes_down, y, (size_t) area->width * scaling->in->Bands,
                         to);
}

static void join_floats(const Scaling *scaling, const void *const *taps, int y,
                        const VipsRect *area, unsigned char *to)
{
    const Axis *axis = &scaling->down;
    const float *weights = axis->weights + (size_t) y * axis->stride;
    size_t size = VIPS_IMAGE_SIZEOF_PEL(scaling->in);

    for (int x = area->left; x < VIPS_RECT_RIGHT(area); x++, to += size) {
        Pixel sum = { 0 };
        for (int i = 0; i < axis->taps; i++)
            sum += weights[i] * ((const Pixel *) taps[i])[x];
        put(scaling, sum, to);
    }
}

static void join_grey(const Scaling *scaling, const void *const *taps, int y, const VipsRect *area,
                      unsigned char *to)
{
    const Axis *axis = &scaling->down;
    g_autofree const float **rows = g_new(const float *, axis->taps);

    for (int i = 0; i < axis->taps; i++)
        rows[i] = (const float *) taps[i] + area->left;
    grey_down(rows, axis->weights + (size_t) y * axis->stride, axis->taps, (size_t) area->width,
              (uint16_t *) (void *) to);
}

static bool make_row(Rows *rows, const void **taps, int y, const VipsRect *area, unsigned char *to)
{
    const Axis *axis = &rows->scaling->down;

    for (int i = 0; i < axis->taps; i++)
        if (!(taps[i] = row_at(rows, axis->first[y] + i)))
            return false;
    if (rows->scaling->bytes)
        join_bytes(rows->scaling, taps, y, area, to);
    else if (rows->scaling->grey)
        join_grey(rows->scaling, taps, y, area, to);
    else
        join_floats(rows->scaling, taps, y, area, to);
    return true;
}

static int generate(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Rows *rows = seq;
    const VipsRect *area = &out->valid;
    g_autofree const void **taps = g_new0(const void *, rows->scaling->down.taps);

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

/* What a row of the result and one of the picture take. */
static void set_lines(Rows *rows)
{
    const VipsImage *in = rows->scaling->in;
    size_t width = (size_t) in->Xsize, made = (size_t) rows->width;

    if (rows->scaling->bytes) {
        rows->stride = (made * in->Bands + BYTES_SPARE) * sizeof(int16_t);
        rows->line = g_malloc0(VIPS_IMAGE_SIZEOF_LINE(in) + BYTES_SPARE);
    } else if (rows->scaling->grey) {
        rows->stride = (made + GREY_SPARE) * sizeof(float);
        rows->line = g_new0(float, width + GREY_SPARE);
    } else {
        rows->stride = made * sizeof(Pixel);
        rows->line = g_malloc_n(width, sizeof(Pixel));
        rows->changes = g_malloc_n(width, sizeof(int));
    }
}

static void *rows_new(VipsImage *out, void *a, void *b G_GNUC_UNUSED)
{
    const Scaling *scaling = a;
    size_t taps = (size_t) scaling->down.taps;
    Rows *rows = g_malloc0(sizeof(Rows));

    *rows = (Rows){ .scaling = scaling,
                    .region = vips_region_new(scaling->in),
                    .width = out->Xsize,
                    .numbers = g_malloc_n(taps, sizeof(int)) };
    set_lines(rows);
    rows->made = g_malloc0_n(taps, rows->stride);
    for (int i = 0; i < scaling->down.taps; i++)
        rows->numbers[i] = -1;
    return rows;
}

static void set_bytes(Scaling *scaling, int bands, int width, int height)
{
    const Axis *across = &scaling->across, *down = &scaling->down;

    scaling->bytes = byte_sums();
    scaling->bytes_across =
        byte_weights_across(across->first, across->weights, across->taps, width, bands);
    scaling->bytes_down = byte_weights_down(down->first, down->weights, down->taps, height);
}

static bool set_sides(Scaling *scaling, VipsImage *in, const ImagePart *part, int width, int height,
                      Kernel kernel)
{
    scaling->grey = in->BandFmt == VIPS_FORMAT_USHORT && in->Bands == 1;
    scaling->across =
        axis_new(in->Xsize, part->left, part->width, width, kernel, scaling->grey ? GREY_GROUP : 1);
    scaling->down = axis_new(in->Ysize, part->top, part->height, height, kernel, 1);
    if (in->BandFmt == VIPS_FORMAT_UCHAR && in->Bands == pixels_colours(in))
        set_bytes(scaling, in->Bands, width, height);
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

int resample_between(double from, int width, int height)
{
    enum { MOST = 32 << 20, TIMES = 8 };
    double rows = 2.0 * LANCZOS_LOBES * MAX(1, from / height);

    return rows * width * sizeof(Pixel) <= MOST ? height : TIMES * height;
}

static VipsImage *made(VipsImage *in, const ImagePart *part, int width, int height, Kernel kernel,
                       const Scaling *how)
{
    int between = resample_between(part->height, width, height);

    if (between == height || kernel == KERNEL_NEAREST)
        return made_at_once(in, part, width, height, kernel, how);
    g_autoptr(VipsImage) taller = made(in, part, width, between, kernel, how);
    const ImagePart whole = part_whole(width, between);
    return taller ? made_at_once(taller, &whole, width, height, kernel, how) : NULL;
}

VipsImage *resample(VipsImage *pixels, const ImagePart *part, int width, int height, Kernel kernel)
{
    bool alpha = pixels->Bands > pixels_colours(pixels);
    const Scaling how = { .weighted = alpha && kernel != KERNEL_NEAREST,
                          .limited = pixels->BandFmt != VIPS_FORMAT_FLOAT && !alpha,
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
