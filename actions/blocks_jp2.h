/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_jp2.h - the boxes of a JPEG 2000 file: its metadata, and what its pixels are. Any thread.
 */
#pragma once

#include <stdbool.h>

#include "actions/blocks.h"

/* What the pixels are. */
typedef struct Jp2Kind {
    int width, height;
    unsigned colours, bits; /* 1 or 3; of each number */
    bool alpha;
} Jp2Kind;

/* The data of a JP2 of `length` bytes in boxes of ours, with the blocks and the colour profile
 * (NULL: sRGB). NULL where it is no JP2. */
GByteArray *blocks_jp2_write(const unsigned char *file, size_t length, const Jp2Kind *kind,
                             const MetadataBlocks *blocks, GBytes *profile);
