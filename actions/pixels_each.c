/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/pixels_each.h"

#include <stdint.h>
#include <string.h>

#include "actions/pixels.h"

enum { BANDS_MAX = 4 };

typedef struct Each {
    PixelsEach each;
    VipsBandFormat format;
    int from_bands, to_bands;
    _Alignas(max_align_t) char state[];
} Each;

static float limited(float value, float white)
{
    return value > 0 ? MIN(value, 1) * white + 0.5F : 0;
}

static void each_of_8_bits(const Each *e, const PixelsRun *run)
{
    const uint8_t *from = run->from;
    uint8_t *to = run->to;
    float pixel[BANDS_MAX];

    for (int i = 0; i < run->count; i++, from += e->from_bands, to += e->to_bands) {
        for (int band = 0; band < e->from_bands; band++)
            pixel[band] = (float) from[band] / UINT8_MAX;
        e->each(e->state, pixel);
        for (int band = 0; band < e->to_bands; band++)
            to[band] = (uint8_t) limited(pixel[band], UINT8_MAX);
    }
}

static void each_of_16_bits(const Each *e, const PixelsRun *run)
{
    const uint16_t *from = run->from;
    uint16_t *to = run->to;
    float pixel[BANDS_MAX];

    for (int i = 0; i < run->count; i++, from += e->from_bands, to += e->to_bands) {
        for (int band = 0; band < e->from_bands; band++)
            pixel[band] = (float) from[band] / UINT16_MAX;
        e->each(e->state, pixel);
        for (int band = 0; band < e->to_bands; band++)
            to[band] = (uint16_t) limited(pixel[band], UINT16_MAX);
    }
}

static void each_of_floats(const Each *e, const PixelsRun *run)
{
    const float *from = run->from;
    float *to = run->to;
    float pixel[BANDS_MAX];

    for (int i = 0; i < run->count; i++, from += e->from_bands, to += e->to_bands) {
        for (int band = 0; band < e->from_bands; band++)
            pixel[band] = from[band] / UINT16_MAX;
        e->each(e->state, pixel);
        for (int band = 0; band < e->to_bands; band++)
            to[band] = pixel[band] * UINT16_MAX;
    }
}

static void each_run(const PixelsRun *run, const void *state)
{
    const Each *e = state;

    if (e->format == VIPS_FORMAT_UCHAR)
        each_of_8_bits(e, run);
    else if (e->format == VIPS_FORMAT_USHORT)
        each_of_16_bits(e, run);
    else
        each_of_floats(e, run);
}

VipsImage *pixels_each(VipsImage *in, int bands, PixelsEach each, const void *state, size_t size)
{
    g_autofree Each *e = g_malloc0(sizeof(Each) + size);

    g_assert(MAX(in->Bands, bands) <= BANDS_MAX);
    e->each = each;
    e->format = in->BandFmt;
    e->from_bands = in->Bands;
    e->to_bands = bands;
    memcpy(e->state, state, size);
    return pixels_map(in, NULL, bands, in->BandFmt, each_run, e, sizeof(Each) + size);
}

VipsImage *pixels_each_colour(VipsImage *in, PixelsEach each, const void *state, size_t size)
{
    return pixels_colours(in) == 1 ? g_object_ref(in)
                                   : pixels_each(in, in->Bands, each, state, size);
}
