/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/bilevel.h"

#include <stdint.h>

#include "actions/colour.h"
#include "actions/few_colours.h"
#include "actions/pixels.h"
#include "actions/rows.h"

enum { WHITE = 255, MIDDLE = 128, PARTS = 16 };

typedef struct Bilevel {
    int bands, colours, width;
    bool dither;
    int *errors; /* of each pixel of the row before, in parts of 16; one more at the left end */
    uint8_t *to; /* the next row of the result */
} Bilevel;

/* Rec. 601, in thousandths. */
static int grey_of(const Bilevel *b, const uint8_t *pixel)
{
    return b->colours == 1 ? 1000 * pixel[0] : 299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2];
}

/* 7 parts of an error go to the right; below, 3 to the left, 5 straight, 1 to the right. */
static void dither_row(Bilevel *b, const uint8_t *from)
{
    int right = 0, straight = 0, behind = 0;
    uint8_t *to = b->to;

    for (int x = 0; x < b->width; x++, from += b->bands, to += b->bands - b->colours + 1) {
        int wanted = CLAMP(grey_of(b, from) / 1000 + (right + b->errors[x + 1]) / PARTS, 0, WHITE);
        bool white = wanted > MIDDLE;
        int error = wanted - (white ? WHITE : 0);
        *to = white ? WHITE : 0;
        b->errors[x] = behind + 3 * error;
        behind = straight + 5 * error;
        straight = error;
        right = 7 * error;
    }
    b->errors[b->width] = behind;
}

static void divide_row(Bilevel *b, const uint8_t *from)
{
    uint8_t *to = b->to;

    for (int x = 0; x < b->width; x++, from += b->bands, to += b->bands - b->colours + 1)
        *to = grey_of(b, from) >= MIDDLE * 1000 ? WHITE : 0;
}

/* A VipsRegionWrite. */
static int take(VipsRegion *region, VipsRect *area, void *user)
{
    Bilevel *b = user;
    int alpha = b->bands - b->colours;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        const uint8_t *from = VIPS_REGION_ADDR(region, 0, y);
        if (b->dither)
            dither_row(b, from);
        else
            divide_row(b, from);
        for (int x = 0; alpha && x < b->width; x++)
            b->to[2 * x + 1] = from[x * b->bands + b->colours];
        b->to += (size_t) b->width * (1 + (size_t) alpha);
    }
    return 0;
}

static VipsImage *result_for(VipsImage *in, int bands)
{
    g_autoptr(VipsImage) out = vips_image_new_memory();

    if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_ANY, in, NULL))
        return NULL;
    out->Bands = bands;
    out->Type = pixels_type(out->BandFmt, bands);
    return vips_image_write_prepare(out) ? NULL : g_steal_pointer(&out);
}

static VipsImage *divided(VipsImage *in, bool dither)
{
    int colours = pixels_colours(in);
    g_autoptr(VipsImage) out = result_for(in, in->Bands - colours + 1);
    g_autofree int *errors = g_new0(int, (gsize) in->Xsize + 1);
    Bilevel state = { in->Bands, colours, in->Xsize, dither, errors, NULL };

    if (!out)
        return NULL;
    state.to = (uint8_t *) VIPS_IMAGE_ADDR(out, 0, 0);
    return rows_each(in, take, &state) ? NULL : g_steal_pointer(&out);
}

VipsImage *bilevel(VipsImage *in, bool dither)
{
    g_autoptr(VipsImage) srgb = colour_in_srgb(in);
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    VipsImage *out = bytes ? divided(bytes, dither) : NULL;

    if (out)
        few_colours_mark(out);
    return out;
}
