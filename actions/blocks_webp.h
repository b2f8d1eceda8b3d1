/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_webp.h - the metadata of a WebP: its chunks. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

void blocks_webp_read(Bytes *bytes, MetadataBlocks *blocks);

/* The WebP, as an encoder has written it, with the blocks' EXIF and XMP and the colour profile
 * (NULL: none) in place of those that it has; NULL where it is damaged. `width`, `height`: of the
 * picture. */
GByteArray *blocks_webp_write(const GByteArray *webp, const MetadataBlocks *blocks, GBytes *profile,
                              int width, int height);
