/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* blocks_jxl.h - the metadata of a JPEG XL: boxes around its data. Any thread. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"

/* libvips reads neither EXIF nor XMP. Those that are packed are unpacked. */
void blocks_jxl_read(Bytes *bytes, MetadataBlocks *blocks);

/* The file with EXIF and XMP in place of its own. NULL where it is no JPEG XL. */
GByteArray *blocks_jxl_write(const GByteArray *file, const MetadataBlocks *blocks);
