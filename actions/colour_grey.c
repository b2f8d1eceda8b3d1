/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* colour_grey.c - the functions of colour.h that take colours out and put others in. */
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/libvips.h"
#include "actions/pixels.h"
#include "actions/samples.h"

enum { COLOURS = 3, VALUES_8 = 256, VALUES_16 = 65536 };

const double colour_luma_709[] = { 0.2126, 0.7152, 0.0722 };
const double colour_luma_601[] = { 19595 / 65536.0, 38470 / 65536.0, 7471 / 65536.0 };

/* ---- to grey ---- */

typedef struct Sum {
    VipsBandFormat format;
    double weights[COLOURS];
} Sum;

static double sum_of(const Sum *sum, double red, double green, double blue)
{
    return sum->weights[0] * red + sum->weights[1] * green + sum->weights[2] * blue;
}

static double rounded(double value, double white)
{
    return CLAMP(value, 0, white) + 0.5;
}

static void sum_run(const PixelsRun *run, const void *state)
{
    const Sum *sum = state;
    const uint8_t *bytes = run->from;
    const uint16_t *words = run->from;
    const float *floats = run->from;

    for (int i = 0; i < run->count; i++, bytes += COLOURS, words += COLOURS, floats += COLOURS)
        if (sum->format == VIPS_FORMAT_UCHAR)
            ((uint8_t *) run->to)[i] =
                (uint8_t) rounded(sum_of(sum, bytes[0], bytes[1], bytes[2]), UINT8_MAX);
        else if (sum->format == VIPS_FORMAT_USHORT)
            ((uint16_t *) run->to)[i] =
                (uint16_t) rounded(sum_of(sum, words[0], words[1], words[2]), UINT16_MAX);
        else
            ((float *) run->to)[i] = (float) sum_of(sum, floats[0], floats[1], floats[2]);
}

VipsImage *colour_grey(VipsImage *in, const double weights[3])
{
    const Sum sum = { in->BandFmt, { weights[0], weights[1], weights[2] } };
    g_autoptr(VipsImage) srgb = NULL;
    g_autoptr(VipsImage) same = NULL;

    if (pixels_colours(in) == 1)
        return g_object_ref(in);
    srgb = colour_srgb(in);
    same = srgb ? pixels_in_format(srgb, in->BandFmt) : NULL; /* lcms makes 16 bits of floats */
    return same ? pixels_map(same, NULL, 1, in->BandFmt, sum_run, &sum, sizeof(sum)) : NULL;
}

VipsImage *colour_as_grey(VipsImage *in)
{
    g_autoptr(VipsImage) colours = bands_colours(in);
    g_autoptr(VipsImage) grey = colours ? colour_grey(colours, colour_luma_601) : NULL;
    g_autoptr(VipsImage) joined = grey ? bands_with_alpha(grey, in, pixels_colours(in)) : NULL;

    return joined ? bands_rounded(joined, joined->BandFmt) : NULL;
}

/* ---- from grey ---- */

/* What each value of 8 or 16 bits becomes, on the scale of the format. */
typedef struct Table {
    VipsBandFormat format;
    float to[][COLOURS]; /* the last one twice: floats lie between two */
} Table;

static void table_run(const PixelsRun *run, const void *state)
{
    const Table *table = state;

    for (size_t i = 0; i < (size_t) run->count; i++) {
        double grey = samples_get(table->format, run->from, i);
        size_t below = (size_t) CLAMP(grey, 0, samples_white(table->format));
        float part = (float) CLAMP(grey - (double) below, 0, 1);
        for (size_t band = 0; band < COLOURS; band++)
            samples_put(table->format, run->to, i * COLOURS + band,
                        table->to[below][band] * (1 - part) + table->to[below + 1][band] * part);
    }
}

static Table *table_new(VipsBandFormat format, ColourOfGrey colour, const void *settings,
                        size_t *size)
{
    size_t count = format == VIPS_FORMAT_UCHAR ? VALUES_8 : VALUES_16;

    *size = sizeof(Table) + (count + 1) * COLOURS * sizeof(float);
    Table *table = g_malloc0(*size);
    table->format = format;
    for (size_t i = 0; i <= count; i++) {
        double rgb[COLOURS] = { 0 };
        colour(settings, (double) MIN(i, count - 1) / (double) (count - 1), rgb);
        for (int band = 0; band < COLOURS; band++)
            table->to[i][band] = (float) (CLAMP(rgb[band], 0, 1) * samples_white(format));
    }
    return table;
}

double colour_luma(const double rgb[3])
{
    return colour_luma_601[0] * rgb[0] + colour_luma_601[1] * rgb[1] + colour_luma_601[2] * rgb[2];
}

void colour_between(const Colour *from, const Colour *to, double part, double rgb[3])
{
    const double ends[COLOURS][2] = { { from->r, to->r }, { from->g, to->g }, { from->b, to->b } };

    for (int i = 0; i < COLOURS; i++)
        rgb[i] = (ends[i][0] + (ends[i][1] - ends[i][0]) * part) / UINT8_MAX;
}

VipsImage *colour_of_grey(VipsImage *in, ColourOfGrey colour, const void *settings)
{
    size_t size = 0;
    g_autofree Table *table = table_new(in->BandFmt, colour, settings, &size);
    g_autoptr(VipsImage) grey = colour_grey(in, colour_luma_601);
    g_autoptr(VipsImage) srgb = grey ? colour_in_srgb(grey) : NULL;
    g_autoptr(VipsImage) same = srgb ? pixels_in_format(srgb, in->BandFmt) : NULL;

    return same ? pixels_map(same, NULL, COLOURS, in->BandFmt, table_run, table, size) : NULL;
}
