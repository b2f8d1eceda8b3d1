/* encode.h - writes pictures in each format. */
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
    int quality;   /* 1 to 100, 0: the format's default */
    int effort;    /* 1 to 9, 0: the format's default */
    Compression compression;
    bool lossless;
    bool progressive;
    bool metadata;
    Colour background; /* under transparent parts, where the format has none */
} Encoding;

/* The format of an extension ("jpg", "TIFF"), or FORMAT_NONE if we cannot write it. */
Format encode_format(const char *extension);

/* Whether viewers of this format respect an orientation tag. */
bool encode_has_orientation(Format format);

/* Bytes of memory a pixel that encoding uses, beside the rows in work. */
double encode_memory(const Encoding *encoding);

/* Writes pixels to fd, which is open for reading and writing and stays the caller's, and checks the
 * result. An error is of kind ENVIRONMENT if the file could not be written, PICTURE if the picture
 * could not be read to its end, and LATER if the encoder failed. */
bool encode(VipsImage *pixels, const Encoding *encoding, int fd, Error **err);
