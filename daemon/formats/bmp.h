/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bmp.h - the header of a BMP of Windows or OS/2, and the codes of its run-length compression.
 *
 * By Microsoft's BITMAPFILEHEADER, BITMAPCOREHEADER and BITMAPINFOHEADER to BITMAPV5HEADER, and
 * OS/2's OS22XBITMAPHEADER. The probe and the decoder read it by these functions. Any thread. */
#pragma once

#include "base/error.h"
#include "formats/bytes.h"

enum {
    BMP_MAGIC = 18,         /* bytes that bmp_begins() needs */
    BMP_MAX_SIDE = 10000000 /* pixels; libvips' own limit */
};

enum { BMP_RED, BMP_GREEN, BMP_BLUE, BMP_ALPHA, BMP_CHANNELS };

typedef struct Bmp {
    int width, height;
    bool top_down; /* the first stored row is the top one; usual is the bottom one */
    bool runs;     /* compressed by run lengths; else each row has `stride` bytes */
    unsigned bits; /* of a pixel: 1, 2, 4, 8 of an index, 16, 24, 32 of a colour */
    uint64_t row;  /* bytes of a row without its padding */
    uint64_t stride;
    uint64_t pixels_at;
    uint64_t palette_at;
    unsigned colours;     /* in the palette that fit between it and the pixels */
    unsigned colour_size; /* bytes: blue, green, red, and often one more */
    uint32_t
        masks[BMP_CHANNELS]; /* of pixels of 16 and 32 bits; 0 where there is no such channel */
    uint64_t profile_at;
    uint64_t profile_size; /* 0 without an embedded colour profile */
    double across, down;   /* pixels in a millimetre; 0: unknown */
    bool cut;              /* bmp_read() failed since the file ends in the header */
} Bmp;

/* Whether these first `count` bytes of a file are those of a BMP. */
bool bmp_begins(const unsigned char *head, size_t count);

/* Reads the header of a file for which bmp_begins(). False with an error of kind PICTURE when it is
 * damaged, cut, or of a kind that we do not read; or `bytes` has the error. */
bool bmp_read(Bytes *bytes, Bmp *bmp, Error **err);

/* Where the pixels end that are not compressed, without the padding of the last row. */
uint64_t bmp_end(const Bmp *bmp);

/* ---- run lengths ---- */

/* The next code, and the pixel that it begins with. Rows count in stored order. */
typedef struct BmpCursor {
    uint64_t at; /* in the file */
    int x, row;  /* x is `width` where the row is full */
} BmpCursor;

typedef enum BmpCode {
    BMP_RUN,    /* `count` times the value at `values` */
    BMP_VALUES, /* `count` values */
    BMP_MOVE,   /* only the cursor moves, to a later row perhaps */
    BMP_END,    /* of the picture: its end marker, or a move beyond its last row */
    BMP_CUT     /* the file ends, a read failed, or the budget is spent */
} BmpCode;

typedef struct BmpPiece {
    uint64_t values; /* where they are in the file, all inside it */
    unsigned count;  /* what would be beyond the end of the row is not counted */
} BmpPiece;

/* Reads a code and moves the cursor behind it. What the cursor skips stays undefined: we make it
 * colour 0 of the palette, as Pillow and ImageMagick do. */
BmpCode bmp_next(const Bmp *bmp, Bytes *bytes, BmpCursor *cursor, BmpPiece *piece);

/* The cursor of the first code. */
BmpCursor bmp_first(const Bmp *bmp);

/* Whether every row up to the last is finished and that one is full: no code needs to follow. */
bool bmp_is_full(const Bmp *bmp, const BmpCursor *cursor);
