/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode_png.h"

#include <string.h>

#include "actions/few_colours.h"
#include "actions/pixels.h"
#include "actions/png_rows.h"

typedef struct Encoder {
    VipsImage *pixels;
    VipsTarget *target;
    int level;
    bool interlaced;
    FewColours *few; /* all rows that there were; NULL: they are written */
    PngRows *rows;
    int taken; /* rows; libvips does not always say that the last ones were not made */
} Encoder;

static void encoder_clear(Encoder *encoder)
{
    g_clear_pointer(&encoder->few, few_colours_free);
    g_clear_pointer(&encoder->rows, png_rows_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Encoder, encoder_clear)

/* ---- the file ---- */

static bool begin(Encoder *encoder)
{
    const VipsImage *pixels = encoder->pixels;
    unsigned char rgba[FEW_COLOURS_MAX][4];
    unsigned colours = 0;
    unsigned bits = encoder->few ? few_colours_palette(encoder->few, rgba, &colours)
                                 : 8 * (unsigned) vips_format_sizeof_unsafe(pixels->BandFmt);
    const PngKind kind = { pixels->Xsize,
                           pixels->Ysize,
                           bits,
                           encoder->few ? 1 : (unsigned) pixels->Bands,
                           encoder->interlaced,
                           colours,
                           (const unsigned char(*)[4]) rgba };

    encoder->rows = png_rows_new(encoder->target, &kind, encoder->level);
    return encoder->rows;
}

/* Writes the rows that were taken, as they were, and goes on without a palette. */
static bool give_up(Encoder *encoder)
{
    const VipsImage *pixels = encoder->pixels;
    g_autoptr(FewColours) few = g_steal_pointer(&encoder->few);
    g_autofree unsigned char *row = g_malloc((size_t) pixels->Xsize * pixels->Bands);
    bool good = begin(encoder);

    for (int y = 0; good && y < few_colours_rows(few); y++) {
        few_colours_pixels(few, y, row);
        good = png_rows_add(encoder->rows, row, pixels->Xsize);
    }
    return good;
}

static bool add(Encoder *encoder, const unsigned char *row)
{
    encoder->taken++;
    if (encoder->few && few_colours_add(encoder->few, row))
        return true;
    return (!encoder->few || give_up(encoder)) &&
           png_rows_add(encoder->rows, row, encoder->pixels->Xsize);
}

static bool end(Encoder *encoder)
{
    bool good = encoder->taken == encoder->pixels->Ysize && (encoder->rows || begin(encoder));

    for (int y = 0; good && encoder->few && y < encoder->pixels->Ysize; y++)
        good = png_rows_add(encoder->rows, few_colours_numbers(encoder->few, y),
                            encoder->pixels->Xsize);
    return good && png_rows_end(encoder->rows) && !vips_target_end(encoder->target);
}

/* ---- as they come ---- */

static int on_rows(VipsRegion *region, VipsRect *area, void *encoder)
{
    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++)
        if (!add(encoder, (const unsigned char *) VIPS_REGION_ADDR(region, 0, y))) {
            ((Encoder *) encoder)->taken = -1; /* they are not counted any more */
            return -1;
        }
    return 0;
}

/* ---- interlaced ---- */

typedef struct Pass {
    int left, top, across, down;
} Pass;

/* The pixels of a pass in row `y`, from `from` to `to`; how many. */
static int pick(const Pass *pass, const unsigned char *from, size_t pixel, int width,
                unsigned char *to)
{
    int count = 0;

    for (int x = pass->left; x < width; x += pass->across, count++)
        memcpy(to + (size_t) count * pixel, from + (size_t) x * pixel, pixel);
    return count;
}

static bool write_pass(Encoder *encoder, VipsImage *memory, const Pass *pass, unsigned char *row)
{
    size_t pixel = encoder->few ? 1 : VIPS_IMAGE_SIZEOF_PEL(memory);
    bool good = true;

    png_rows_begin_pass(encoder->rows);
    for (int y = pass->top; good && y < memory->Ysize; y += pass->down) {
        const unsigned char *whole = encoder->few
                                         ? few_colours_numbers(encoder->few, y)
                                         : (const unsigned char *) VIPS_IMAGE_ADDR(memory, 0, y);
        int count = pick(pass, whole, pixel, memory->Xsize, row);
        good = !count || png_rows_add(encoder->rows, row, count);
    }
    return good;
}

static bool has_few(Encoder *encoder, VipsImage *memory)
{
    bool few = encoder->few;

    for (int y = 0; few && y < memory->Ysize; y++)
        few = few_colours_add(encoder->few, (const unsigned char *) VIPS_IMAGE_ADDR(memory, 0, y));
    return few;
}

static bool write_interlaced(Encoder *encoder)
{
    static const Pass passes[] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
                                   { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };
    g_autoptr(VipsImage) memory = pixels_in_memory(encoder->pixels);
    g_autofree unsigned char *row = g_malloc(VIPS_IMAGE_SIZEOF_LINE(encoder->pixels));

    if (!memory)
        return false;
    if (!has_few(encoder, memory))
        g_clear_pointer(&encoder->few, few_colours_free);
    bool good = begin(encoder);
    for (size_t i = 0; good && i < G_N_ELEMENTS(passes); i++)
        good = write_pass(encoder, memory, &passes[i], row);
    return good && png_rows_end(encoder->rows) && !vips_target_end(encoder->target);
}

int encode_png(VipsImage *pixels, VipsTarget *target, int level, bool interlaced, bool few)
{
    g_auto(Encoder)
        encoder = { .pixels = pixels, .target = target, .level = level, .interlaced = interlaced };

    if (few && few_colours_marked(pixels))
        encoder.few = few_colours_new(pixels);
    if (interlaced)
        return write_interlaced(&encoder) ? 0 : -1;
    if (!encoder.few && !begin(&encoder))
        return -1;
    return !vips_sink_disc(pixels, on_rows, &encoder) && end(&encoder) ? 0 : -1;
}
