/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks.h - what a picture says of itself, as blocks of bytes that no container frames.
 *
 * metadata_blocks_read() takes them out of a file, encode() puts them into another. All bytes come
 * from strangers; any thread. */
#pragma once

#include "formats/bytes.h"

/* More than any program writes; the setting `max_metadata` allows 64 MB of all of them. */
enum { BLOCK_MAX = 64 * 1024 * 1024 };

typedef enum DensityUnit {
    DENSITY_UNKNOWN, /* nothing is said */
    DENSITY_ASPECT,  /* x and y are only the shape of a pixel */
    DENSITY_INCH,
    DENSITY_CM,
} DensityUnit;

/* Pixels for each unit of length, as the container says it. */
typedef struct Density {
    DensityUnit unit;
    double x, y;
} Density;

/* What Photoshop's resource 1061 says of IPTC: its MD5 when XMP was last in step with it. */
typedef struct IptcDigest {
    bool said;
    bool differs; /* a program that knows no XMP has changed IPTC, which is newer than XMP then */
    guint8 bytes[16];
} IptcDigest;

/* Which of several pages of a TIFF. */
typedef struct TiffPage {
    int number, count; /* from 0 on; a count of 0: it stands alone */
} TiffPage;

typedef struct MetadataBlocks {
    /* A TIFF structure, from "II"/"MM" on, without "Exif\0\0"; NULL: none, and so with all. */
    GBytes *exif;
    /* The packet, UTF-8; extended XMP is joined with it. */
    GBytes *xmp;
    /* IIM datasets, from the first 0x1C on, without Photoshop's block. */
    GBytes *iptc;
    IptcDigest iptc_digest;
    /* Other image resources ("8BIM"...), without IPTC's (1028), its digest (1061) and thumbnails
     * (1033, 1036). */
    GBytes *photoshop;
    char *comment; /* as in a COM of JPEG: Latin-1 where it is no UTF-8 */
    /* Other texts of a PNG: whole chunks, as they are. */
    GBytes *png_texts;
    Density density;
    TiffPage page; /* of a TIFF that is written */
} MetadataBlocks;

/* A copy that shares the bytes. */
MetadataBlocks metadata_blocks_copy(const MetadataBlocks *blocks);

void metadata_blocks_clear(MetadataBlocks *blocks);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MetadataBlocks, metadata_blocks_clear)

/* Bytes of a file; NULL when they are more than BLOCK_MAX or not all there. Newly allocated. */
GByteArray *blocks_read(Bytes *bytes, uint64_t at, uint64_t length);

/* Puts `with` (taken over; may be NULL) in place of a block. */
void blocks_replace(GBytes **block, GBytes *with);

/* Whether the bytes begin as EXIF does: with the header of a TIFF. */
bool blocks_is_exif(const void *bytes, size_t size);

/* EXIF from bytes that may begin with the "Exif\0\0" of JPEG, which WebP, PNG and HEIF are given
 * too, and in HEIC of some phones with the head of JPEG's segment before it; NULL where it is none.
 * Newly referenced. */
GBytes *blocks_exif(const void *bytes, size_t size);
