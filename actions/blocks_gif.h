/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_gif.h - the metadata of a GIF: its comment and XMP. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* Reads the extensions that stand before the first picture, and behind it. */
void blocks_gif_read(Bytes *bytes, MetadataBlocks *blocks);
