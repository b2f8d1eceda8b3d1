/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_heif.h - the metadata of a HEIC or AVIF: items beside the picture. libheif would read all
 * of the file for it. */
#pragma once

#include "actions/blocks.h"

/* Sets what it finds in `blocks`, which is empty. What is damaged is left out. */
void blocks_heif_read(Bytes *bytes, MetadataBlocks *blocks);
