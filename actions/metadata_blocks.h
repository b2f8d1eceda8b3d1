/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_blocks.h - reads the blocks of a picture's metadata out of its file. */
#pragma once

#include "actions/blocks.h"
#include "base/error.h"
#include "formats/format.h"

/* Reads the blocks of the picture open as fd, whose offset stays; some formats have none.
 * `directory` is where that of a page of a TIFF lies; 0: of the
 * page that is the picture. A block that is damaged is left out. False with *err only when
 * the file cannot be read. `blocks` is overwritten, and freed with metadata_blocks_clear(). */
bool metadata_blocks_read(int fd, Format format, uint64_t directory, MetadataBlocks *blocks,
                          Error **err);
