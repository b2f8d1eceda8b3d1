/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_jpeg.h - the metadata of a JPEG: its application segments and its comment. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads what stands before the first scan. */
void blocks_jpeg_read(Bytes *bytes, MetadataBlocks *blocks);

/* What a JPEG begins with, up to the tables of its codes: SOI, JFIF where `jfif` is set, and the
 * blocks and the colour profile (NULL: none). EXIF of more than 64 KB has no place. */
GByteArray *blocks_jpeg_head(const MetadataBlocks *blocks, GBytes *profile, bool jfif);
