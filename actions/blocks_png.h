/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_png.h - the metadata of a PNG: its chunks before and behind the pixels. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads all chunks: eXIf, XMP, profiles as ImageMagick and ExifTool write them, texts. */
void blocks_png_read(Bytes *bytes, MetadataBlocks *blocks);

/* The first of the texts (MetadataBlocks' png_texts, NULL: none) with this keyword; newly
 * allocated, NULL where there is none. */
char *blocks_png_text(GBytes *texts, const char *keyword);

/* Those of the texts whose keyword `keep` is true of; NULL where none is left. Newly referenced. */
GBytes *blocks_png_filter(GBytes *texts, bool (*keep)(const char *keyword));

/* The start of a PNG, from its signature to its first IDAT, with the blocks and the colour profile
 * (NULL: none) in place of what it said of density. NULL where it is not yet whole. */
GByteArray *blocks_png_head(const unsigned char *start, size_t size, const MetadataBlocks *blocks,
                            GBytes *profile, size_t *length);
