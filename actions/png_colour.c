/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/png_colour.h"

#include <math.h>

#include "formats/chunks.h"

enum { BUDGET = 1024 * 1024 };

static double hundred_thousandths(const unsigned char *p)
{
    return be32(p) / 100000.0;
}

static void read_cicp(PngColour *colour, const unsigned char *p)
{
    enum { RGB = 0 }; /* PNG allows no other matrix */

    colour->cicp = (Cicp){ p[0], p[1] };
    colour->has_cicp = p[2] == RGB && cicp_kind(colour->cicp) != CICP_UNKNOWN;
}

static void read_srgb(PngColour *colour, const unsigned char *p)
{
    (void) p;
    colour->has_srgb = true;
}

static void read_gamma(PngColour *colour, const unsigned char *p)
{
    enum { LEAST = 1000, MOST = 10000000 }; /* 0.01 to 100: others are an accident */

    colour->has_gamma = be32(p) >= LEAST && be32(p) <= MOST;
    if (colour->has_gamma)
        colour->exponent = 1 / hundred_thousandths(p);
}

static void read_primaries(PngColour *colour, const unsigned char *p)
{
    Chromaticity *points[] = { &colour->primaries.white, &colour->primaries.red,
                               &colour->primaries.green, &colour->primaries.blue };

    colour->has_primaries = true;
    for (size_t i = 0; i < G_N_ELEMENTS(points); i++, p += 8) {
        *points[i] = (Chromaticity){ hundred_thousandths(p), hundred_thousandths(p + 4) };
        if (points[i]->y <= 0 || points[i]->x + points[i]->y > 1.0001)
            colour->has_primaries = false;
    }
}

static const struct {
    char type[5];
    unsigned length;
    void (*read)(PngColour *colour, const unsigned char *p);
} chunks[] = { { "cICP", 4, read_cicp },
               { "sRGB", 1, read_srgb },
               { "gAMA", 4, read_gamma },
               { "cHRM", 32, read_primaries } };

/* Of two chunks of a type, the first counts. */
static void read_chunk(PngColour *colour, Bytes *bytes, const Chunk *chunk, unsigned *seen)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(chunks); i++) {
        const unsigned char *p = NULL;
        if (!chunk_is(chunk, chunks[i].type) || chunk->length != chunks[i].length ||
            *seen & 1U << i || !(p = bytes_at(bytes, chunk->at, chunks[i].length)))
            continue;
        *seen |= 1U << i;
        chunks[i].read(colour, p);
    }
}

/* All of them are before the pixels. */
PngColour png_colour_read(int fd)
{
    PngColour colour = { 0 };
    unsigned seen = 0;
    Chunk chunk;
    Bytes bytes;

    if (!bytes_begin(&bytes, fd, BUDGET))
        return colour;
    for (uint64_t at = PNG_SIGNATURE; png_next(&bytes, &at, &chunk) && !chunk_is(&chunk, "IDAT");)
        read_chunk(&colour, &bytes, &chunk, &seen);
    return colour;
}

static bool is_near(Chromaticity a, Chromaticity b)
{
    return fabs(a.x - b.x) <= 0.01 && fabs(a.y - b.y) <= 0.01;
}

static bool has_srgb_primaries(const Primaries *p)
{
    return is_near(p->white, primaries_srgb.white) && is_near(p->red, primaries_srgb.red) &&
           is_near(p->green, primaries_srgb.green) && is_near(p->blue, primaries_srgb.blue);
}

bool png_colour_is_srgb(const PngColour *colour)
{
    return (!colour->has_gamma || fabs(colour->exponent / 2.2 - 1) <= 0.05) &&
           (!colour->has_primaries || has_srgb_primaries(&colour->primaries));
}
