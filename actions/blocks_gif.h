/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_gif.h - the metadata of a GIF: its comment and XMP. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads the extensions that stand before the first picture, and behind it. */
void blocks_gif_read(Bytes *bytes, MetadataBlocks *blocks);

/* The file with the comment and XMP. NULL where it does not begin as a GIF. */
GByteArray *blocks_gif_write(const GByteArray *file, const MetadataBlocks *blocks);

/* Bytes of all comments and of what programs added, as XMP and profiles. Counting ends when they
 * are more than `max`. */
uint64_t blocks_gif_size(Bytes *bytes, uint64_t max);
