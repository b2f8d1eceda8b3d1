/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode.h - writes pictures in each format. */
#pragma once

#include "actions/blocks.h"
#include "actions/libvips.h"
#include "actions/shape.h"
#include "formats/format.h"

typedef enum Compression {
    COMPRESSION_NONE,
    COMPRESSION_LZW,
    COMPRESSION_DEFLATE,
    COMPRESSION_JPEG,
} Compression;

typedef struct Encoding {
    Format format; /* one that encode_format() gives */
    int quality;   /* 1 to 100, 0: the format's default */
    int effort;    /* 1 to 9, 0: the format's default */
    Compression compression;
    bool lossless;
    bool progressive;
    bool optimised;    /* JPEG: with codes made for the picture, which takes time */
    Colour background; /* under transparent parts, where the format has none */
} Encoding;

/* The format of an extension ("jpg", "TIFF"), or FORMAT_NONE if we cannot write it. */
Format encode_format(const char *extension);

/* Whether viewers of this format respect an orientation tag. */
bool encode_has_orientation(Format format);

/* Whether to make the codes of a JPEG of `pixels` for it, which was made from `source` pixels:
 * where that takes less than a twentieth of the time of the whole picture, and no memory that
 * counts. */
bool encode_optimises(int64_t pixels, int64_t source);

/* Bytes of memory that encoding a picture of that shape uses, besides the rows that it
 * processes. */
double encode_memory(const Encoding *encoding, const Shape *shape);

/* Writes pixels to fd, which is open for reading and writing at offset 0 and stays the caller's,
 * with their colour profile and with `blocks`, and checks the result. What else the pixels' fields
 * say is not written. An error is of the kind that libvips_error() gives, or TRANSIENT if the
 * result is damaged. */
bool encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks, int fd,
            Error **err);
