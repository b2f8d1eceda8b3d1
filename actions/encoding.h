/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encoding.h - how an output is to be encoded. */
#pragma once

#include <stdbool.h>

#include "config/param.h"
#include "formats/format.h"

typedef enum Compression {
    COMPRESSION_AUTO,
    COMPRESSION_NONE,
    COMPRESSION_LZW,
    COMPRESSION_DEFLATE,
    COMPRESSION_ZSTD,
    COMPRESSION_JPEG,
    COMPRESSION_WEBP,
    COMPRESSION_CCITT, /* black and white */
} Compression;

typedef enum Subsampling {
    SUBSAMPLING_AUTO,
    SUBSAMPLING_444,
    SUBSAMPLING_422,
    SUBSAMPLING_420,
} Subsampling;

typedef enum Palette { PALETTE_AUTO, PALETTE_YES, PALETTE_NO } Palette;

/* From this quality on each pixel of a JPEG or AVIF has its own colour; below, four share one. */
enum { ENCODING_FULL_FROM = 90 };

typedef struct Encoding {
    Format format; /* one that encode_format() gives */
    int quality;   /* 1 to 100, 0: the format's default */
    int eighths;   /* of the way to the next quality: 0 to 7 for JPEG XL, 0 or 4 for JPEG */
    int effort;    /* 1 to 9, 0: the format's default */
    Compression compression;
    Subsampling subsampling;
    Palette palette;
    int colours;       /* of a palette that is made: 2 to 256, 0: 256 */
    int alpha_quality; /* 1 to 100, 0: 100 */
    bool smooth;       /* a palette that is made: without dither */
    bool lossless, near_lossless;
    bool progressive;
    bool trellis, scans; /* JPEG: smaller, in much more time */
    bool tiles, pyramid;
    bool optimised;    /* JPEG: with codes made for the picture, which takes time */
    Colour background; /* under transparent parts, where the format has none */
} Encoding;

/* What may be set of an encoder; each is a field of Encoding. */
typedef enum EncodeOption {
    OPTION_QUALITY = 1,
    OPTION_EFFORT = 1 << 1,
    OPTION_LOSSLESS = 1 << 2,
    OPTION_NEAR_LOSSLESS = 1 << 3,
    OPTION_ALPHA_QUALITY = 1 << 4,
    OPTION_PROGRESSIVE = 1 << 5,
    OPTION_SUBSAMPLING = 1 << 6,
    OPTION_TRELLIS = 1 << 7,
    OPTION_SCANS = 1 << 8,
    OPTION_PALETTE = 1 << 9,
    OPTION_COLOURS = 1 << 10,
    OPTION_DITHER = 1 << 11,
    OPTION_COMPRESSION = 1 << 12,
    OPTION_TILES = 1 << 13,
    OPTION_PYRAMID = 1 << 14,
    OPTION_DENSITY = 1 << 15,
} EncodeOption;
