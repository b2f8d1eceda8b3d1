/* encode.h - the formats that pictures are written in, and how. */
#pragma once

#include "actions/libvips.h"
#include "formats/format.h"

typedef enum Compression {
    COMPRESSION_NONE,
    COMPRESSION_LZW,
    COMPRESSION_DEFLATE,
    COMPRESSION_JPEG,
} Compression;

typedef struct Encoding {
    Format format; /* one that encode_format() gives */
    int quality;   /* 1 to 100, 0: what suits the format */
    int effort;    /* 1 to 9, 0: what suits the format */
    Compression compression;
    bool lossless;
    bool progressive;
    bool metadata;
    Colour background; /* under transparent parts, where the format has none */
} Encoding;

/* The format that an extension ("jpg", "TIFF") stands for, or FORMAT_NONE where we can't write it.
 */
Format encode_format(const char *extension);

/* Whether viewers of this format heed an orientation tag. */
bool encode_turns(Format format);

/* Bytes a pixel that it takes in memory, beside the rows in work. */
double encode_memory(const Encoding *encoding);

/* Writes pixels to fd, which is open for reading and writing and stays the caller's, and looks at
 * what came out. An error is of kind WORLD where the file couldn't be written, of kind IMAGE where
 * the picture couldn't be read to its end, and of kind LATER where the encoder failed. */
bool encode(VipsImage *pixels, const Encoding *encoding, int fd, Error **err);
