/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/load_planes.h"

#include <string.h>

#include "actions/jpeg_huffman.h"

#if JPEG_LIB_VERSION >= 70
#define SCALED_SIZE     DCT_v_scaled_size
#define MIN_SCALED_SIZE min_DCT_v_scaled_size
#else
#define SCALED_SIZE     DCT_scaled_size
#define MIN_SCALED_SIZE min_DCT_scaled_size
#endif

/* ---- which ---- */

static bool is_of_planes(const struct jpeg_decompress_struct *jpeg)
{
    const jpeg_component_info *part = jpeg->comp_info;

    if (jpeg->data_precision != BITS_IN_JSAMPLE)
        return false;
    if (jpeg->jpeg_color_space == JCS_GRAYSCALE)
        return jpeg->num_components == 1;
    return jpeg->jpeg_color_space == JCS_YCbCr && jpeg->num_components == PLANES_MOST &&
           part[1].h_samp_factor == part[2].h_samp_factor &&
           part[1].v_samp_factor == part[2].v_samp_factor &&
           part[0].h_samp_factor % part[1].h_samp_factor == 0 &&
           part[0].v_samp_factor % part[1].v_samp_factor == 0;
}

static PlanesKind kind_of(const struct jpeg_decompress_struct *jpeg)
{
    const jpeg_component_info *part = jpeg->comp_info;
    bool grey = jpeg->num_components == 1;

    return (PlanesKind){ .width = (int) jpeg->image_width,
                         .height = (int) jpeg->image_height,
                         .count = jpeg->num_components,
                         .across = grey ? 1 : part[0].h_samp_factor / part[1].h_samp_factor,
                         .down = grey ? 1 : part[0].v_samp_factor / part[1].v_samp_factor };
}

static void read_kind(JpegDecoder *decoder, void *user)
{
    PlanesKind *kind = user;

    jpeg_decoder_read_header(decoder);
    if (is_of_planes(&decoder->jpeg))
        *kind = kind_of(&decoder->jpeg);
}

bool load_planes_kind(VipsSource *source, PlanesKind *kind)
{
    g_autoptr(JpegDecoder) decoder = jpeg_decoder_new(source, DCTSIZE);

    *kind = (PlanesKind){ 0 };
    if (decoder && jpeg_decoder_run(decoder, read_kind, kind))
        return kind->count;
    vips_error_clear();
    return false;
}

double load_planes_bytes(const PlanesKind *kind, int eighths)
{
    double pixels = (double) kind->width * kind->height * eighths * eighths / DCTSIZE2;

    return pixels * (1 + (kind->count - 1.0) / (kind->across * kind->down));
}

/* ---- decoding ---- */

typedef struct Reading {
    const PlanesKind *kind;
    Planes *planes; /* NULL: not yet made */
} Reading;

static int side(JDIMENSION pixels, int factor, int most, int size)
{
    int64_t whole = (int64_t) most * DCTSIZE;

    return (int) (((int64_t) pixels * factor * size + whole - 1) / whole);
}

/* Of whole blocks, as libjpeg writes them. */
static Planes *planes_for(const struct jpeg_decompress_struct *jpeg)
{
    PlaneSize sizes[PLANES_MOST] = { 0 };
    int across = jpeg->max_h_samp_factor, down = jpeg->max_v_samp_factor;

    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *part = &jpeg->comp_info[i];
        int size = part->SCALED_SIZE;
        sizes[i] = (PlaneSize){ side(jpeg->image_width, part->h_samp_factor, across, size),
                                side(jpeg->image_height, part->v_samp_factor, down, size),
                                (int) part->width_in_blocks * size,
                                (int) jpeg->total_iMCU_rows * part->v_samp_factor * size };
    }
    Planes *planes =
        planes_new((int) jpeg->image_width, (int) jpeg->image_height, jpeg->num_components, sizes);
    for (int i = 0; planes && i < planes->count; i++) {
        const jpeg_component_info *part = &jpeg->comp_info[i];
        planes->plane[i].across =
            (double) across * DCTSIZE / part->h_samp_factor / part->SCALED_SIZE;
        planes->plane[i].down = (double) down * DCTSIZE / part->v_samp_factor / part->SCALED_SIZE;
    }
    return planes;
}

enum { ROWS_MOST = MAX_SAMP_FACTOR * DCTSIZE };

/* A row of blocks, those of lightness that stand above each other with their colours. */
static void read_blocks(struct jpeg_decompress_struct *jpeg, const Planes *planes, size_t number)
{
    JSAMPROW rows[PLANES_MOST][ROWS_MOST];
    JSAMPARRAY parts[PLANES_MOST];

    for (int i = 0; i < planes->count; i++) {
        const Plane *plane = &planes->plane[i];
        size_t many =
            (size_t) jpeg->comp_info[i].v_samp_factor * (size_t) jpeg->comp_info[i].SCALED_SIZE;
        for (size_t y = 0; y < many; y++)
            rows[i][y] = plane->samples + (number * many + y) * plane->stride;
        parts[i] = rows[i];
    }
    jpeg_read_raw_data(jpeg, parts, (JDIMENSION) (jpeg->max_v_samp_factor * jpeg->MIN_SCALED_SIZE));
}

static void read_planes(JpegDecoder *decoder, void *user)
{
    Reading *reading = user;
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    g_clear_pointer(&reading->planes, planes_unref); /* of the first try */
    jpeg_decoder_read_header(decoder);
    const PlanesKind now = kind_of(jpeg);
    if (!is_of_planes(jpeg) || memcmp(&now, reading->kind, sizeof(now)) != 0)
        jpeg_decoder_refuse_change(decoder);
    jpeg->raw_data_out = TRUE;
    jpeg_decoder_start(decoder);
    jpeg_huffman_take(decoder);
    reading->planes = planes_for(jpeg);
    if (!reading->planes)
        jpeg_decoder_give_up(decoder);
    for (size_t number = 0; jpeg->output_scanline < jpeg->output_height; number++)
        read_blocks(jpeg, reading->planes, number);
    jpeg_decoder_end(decoder);
}

Planes *load_planes(VipsSource *source, const PlanesKind *kind, int eighths)
{
    g_autoptr(JpegDecoder) decoder = jpeg_decoder_new(source, eighths);
    Reading reading = { .kind = kind };

    if (decoder && jpeg_decoder_run(decoder, read_planes, &reading))
        return reading.planes;
    planes_unref(reading.planes);
    return NULL;
}
