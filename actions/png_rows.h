/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* png_rows.h - writes a PNG row by row: its chunks, and its pixels filtered and packed. One thread.
 */
#pragma once

#include "actions/libvips.h"

typedef struct PngKind {
    int width, height;
    unsigned bits, samples; /* of each sample; of each pixel */
    bool interlaced;
    unsigned colours;               /* of the palette; 0: there is none */
    const unsigned char (*rgba)[4]; /* these; the opaque ones are the last */
} PngKind;

typedef struct PngRows PngRows;

/* Begins one at `target` (borrowed), packed with zlib's `level`, 0: what is best. NULL with
 * libvips' error set, as false from the others. */
PngRows *png_rows_new(VipsTarget *target, const PngKind *kind, int level);
void png_rows_free(PngRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PngRows, png_rows_free)

/* Begins the rows of another pass, where it is interlaced. */
void png_rows_begin_pass(PngRows *rows);

/* Writes a row of `width` pixels: each sample is a byte, or of 16 bits in the order of this
 * machine. */
bool png_rows_add(PngRows *rows, const unsigned char *pixels, int width);

/* Writes what is left, and the end. */
bool png_rows_end(PngRows *rows);
