/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_blocks.h"

#include <errno.h>

#include "actions/blocks_gif.h"
#include "actions/blocks_heif.h"
#include "actions/blocks_jpeg.h"
#include "actions/blocks_jxl.h"
#include "actions/blocks_png.h"
#include "actions/blocks_raw.h"
#include "actions/blocks_tiff.h"
#include "actions/blocks_webp.h"

bool metadata_blocks_read(int fd, Format format, uint64_t directory, MetadataBlocks *blocks,
                          Error **err)
{
    static void (*const readers[FORMAT_COUNT])(Bytes *, MetadataBlocks *) = {
        [FORMAT_JPEG] = blocks_jpeg_read, [FORMAT_PNG] = blocks_png_read,
        [FORMAT_WEBP] = blocks_webp_read, [FORMAT_TIFF] = blocks_tiff_read,
        [FORMAT_GIF] = blocks_gif_read,   [FORMAT_RAW] = blocks_raw_read,
        [FORMAT_JXL] = blocks_jxl_read,   [FORMAT_HEIF] = blocks_heif_read,
        [FORMAT_AVIF] = blocks_heif_read,
    };
    Bytes bytes;

    *blocks = (MetadataBlocks){ 0 };
    if (!readers[format])
        return true;
    if (!bytes_begin(&bytes, fd, UINT64_MAX))
        return error_errno(err, errno, "cannot read the picture");
    if (directory)
        blocks_tiff_read_page(&bytes, directory, blocks);
    else
        readers[format](&bytes, blocks);
    if (!bytes.error)
        return true;
    metadata_blocks_clear(blocks);
    return error_errno(err, bytes.error, "cannot read the picture");
}
