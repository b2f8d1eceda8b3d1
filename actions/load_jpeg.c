/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/load_jpeg.h"

#include <string.h>

#include "actions/jpeg_huffman.h"

enum { ROWS_AT_ONCE = 8 };

typedef struct Rows {
    JpegDecoder *decoder;
    int width, height, bands;
    JSAMPLE *row;   /* one that is not handed on, or is wider than the picture */
    VipsRegion *to; /* that are wanted now */
} Rows;

/* A writer may replace the content of a file while it is read. libjpeg rounds sizes up when it
 * shrinks. */
static void check_header(const Rows *rows)
{
    const struct jpeg_decompress_struct *jpeg = &rows->decoder->jpeg;

    if (jpeg->output_components != rows->bands || (int) jpeg->output_width < rows->width ||
        (int) jpeg->output_height < rows->height)
        jpeg_decoder_refuse_change(rows->decoder);
}

static void begin(Rows *rows)
{
    struct jpeg_decompress_struct *jpeg = &rows->decoder->jpeg;

    jpeg_decoder_read_header(rows->decoder);
    jpeg_decoder_start(rows->decoder);
    jpeg_huffman_take(rows->decoder);
    check_header(rows);
    rows->row = vips_malloc(NULL, (size_t) jpeg->output_width * (size_t) jpeg->output_components);
    if (!rows->row)
        jpeg_decoder_give_up(rows->decoder);
}

static void read_row(const Rows *rows, JSAMPLE *to)
{
    struct jpeg_decompress_struct *jpeg = &rows->decoder->jpeg;
    size_t length = (size_t) rows->width * (size_t) jpeg->output_components;
    bool fits = (int) jpeg->output_width == rows->width;
    JSAMPROW row = fits && to ? to : rows->row;

    jpeg_read_scanlines(jpeg, &row, 1);
    if (to && !fits)
        memcpy(to, rows->row, length);
    if (to && jpeg->out_color_space == JCS_CMYK) /* stored inverted */
        for (size_t i = 0; i < length; i++)
            to[i] = 255 - to[i];
}

/* libjpeg rounds the size up when it shrinks, and we down, as libvips does. */
static void end(const Rows *rows)
{
    const struct jpeg_decompress_struct *jpeg = &rows->decoder->jpeg;

    while (jpeg->output_scanline < jpeg->output_height)
        read_row(rows, NULL);
    jpeg_decoder_end(rows->decoder);
}

static void read_rows(JpegDecoder *decoder G_GNUC_UNUSED, void *user)
{
    Rows *rows = user;
    const VipsRect *area = &rows->to->valid;

    if (!rows->row)
        begin(rows);
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        read_row(rows, VIPS_REGION_ADDR(rows->to, 0, y));
    if (VIPS_RECT_BOTTOM(area) == rows->height)
        end(rows);
}

/* libvips_in_order() asks for whole rows, in order, and for each once. */
static int generate(VipsRegion *out, void *seq G_GNUC_UNUSED, void *a, void *b G_GNUC_UNUSED,
                    gboolean *stop G_GNUC_UNUSED)
{
    Rows *rows = a;

    g_assert(out->valid.left == 0 && out->valid.width == rows->width);
    rows->to = out;
    return jpeg_decoder_run(rows->decoder, read_rows, rows) ? 0 : -1;
}

static void rows_free(void *data)
{
    Rows *rows = data;

    jpeg_decoder_free(rows->decoder);
    g_free(rows->row);
    g_free(rows);
}

VipsImage *load_jpeg(VipsSource *source, int shrink)
{
    g_autoptr(VipsImage) header = NULL;
    g_autoptr(VipsImage) image = vips_image_new();
    Rows *rows = g_new0(Rows, 1);

    g_object_set_data_full(G_OBJECT(image), "jpeg", rows, rows_free);
    if (!(rows->decoder = jpeg_decoder_new(source, DCTSIZE / shrink)) ||
        vips_jpegload_source(source, &header, "access", VIPS_ACCESS_SEQUENTIAL, "shrink", shrink,
                             NULL) ||
        vips_image_pipelinev(image, VIPS_DEMAND_STYLE_FATSTRIP, header, NULL))
        return NULL;
    rows->width = image->Xsize;
    rows->height = image->Ysize;
    rows->bands = image->Bands;
    if (vips_image_generate(image, NULL, generate, NULL, rows, NULL))
        return NULL;
    return libvips_in_order(image, ROWS_AT_ONCE);
}
