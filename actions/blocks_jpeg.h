/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_jpeg.h - the metadata of a JPEG: its application segments and its comment. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads what stands before the first scan. */
void blocks_jpeg_read(Bytes *bytes, MetadataBlocks *blocks);

/* What of the blocks has no place in a JPEG. */
typedef struct JpegLost {
    bool exif, comment; /* of more than 64 KB */
    bool xmp;           /* the same, and cannot be divided */
} JpegLost;

JpegLost blocks_jpeg_lost(const MetadataBlocks *blocks);

/* What a JPEG begins with, up to the tables of its codes: SOI, JFIF where `jfif` is set, and the
 * blocks and the colour profile (NULL: none), but for what blocks_jpeg_lost() names. */
GByteArray *blocks_jpeg_head(const MetadataBlocks *blocks, GBytes *profile, bool jfif);
