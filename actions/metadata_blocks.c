/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_blocks.h"

/* The bytes of a field, borrowed; NULL where there is none. */
static const void *field(VipsImage *file, const char *name, size_t *size)
{
    const void *bytes = NULL;

    if (!vips_image_get_typeof(file, name))
        return NULL;
    if (vips_image_get_blob(file, name, &bytes, size)) {
        vips_error_clear(); /* no blob */
        return NULL;
    }
    return bytes;
}

static void read_fields(VipsImage *file, MetadataBlocks *blocks)
{
    size_t size = 0;
    const void *bytes = field(file, VIPS_META_EXIF_NAME, &size);

    if (bytes)
        blocks->exif = blocks_exif(bytes, size);
    bytes = field(file, VIPS_META_XMP_NAME, &size);
    if (bytes && size <= BLOCK_MAX)
        blocks->xmp = g_bytes_new(bytes, size);
}

bool metadata_blocks_read(VipsImage *file, int fd G_GNUC_UNUSED, Format format G_GNUC_UNUSED,
                          MetadataBlocks *blocks, Error **err G_GNUC_UNUSED)
{
    *blocks = (MetadataBlocks){ 0 };
    read_fields(file, blocks);
    return true;
}
