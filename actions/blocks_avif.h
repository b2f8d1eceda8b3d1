/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_avif.h - the metadata of an AVIF: items beside those of the pixels. Any thread. */
#pragma once

#include "actions/blocks.h"

/* The AVIF, as libheif has written it, with the blocks' EXIF and XMP in place of those that it has;
 * NULL where it is damaged. */
GByteArray *blocks_avif_write(const GByteArray *file, const MetadataBlocks *blocks);
