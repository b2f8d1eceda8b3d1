/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_raw.h - the metadata of a camera's RAW: of one that is a TIFF, its own tags; of Canon's
 * CR3, those in its boxes; of others, those of the preview. Any thread. */
#pragma once

#include "actions/blocks.h"

void blocks_raw_read(Bytes *bytes, MetadataBlocks *blocks);

/* The maker and the model that EXIF names, "Acme X1"; newly allocated, NULL: none. */
char *blocks_raw_camera(const MetadataBlocks *blocks);
