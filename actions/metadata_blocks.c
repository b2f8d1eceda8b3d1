/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_blocks.h"

#include <errno.h>
#include <string.h>

#include "actions/blocks_gif.h"
#include "actions/blocks_jpeg.h"
#include "actions/blocks_jxl.h"
#include "actions/blocks_png.h"
#include "actions/blocks_raw.h"
#include "actions/blocks_tiff.h"
#include "actions/blocks_webp.h"

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

static bool is_xmp(const void *bytes, size_t size)
{
    enum { LOOK = 1024 };

    return bytes && size <= BLOCK_MAX && g_strstr_len(bytes, (gssize) MIN(size, LOOK), "<rdf:RDF");
}

/* The first field that holds XMP: to libvips one of a HEIC is XMP only where nothing stands before
 * x:xmpmeta. */
static void *read_xmp(VipsImage *file, const char *name, GValue *value, void *xmp)
{
    size_t size = 0;
    bool may_be = g_str_has_prefix(name, "heif-mime") || strcmp(name, VIPS_META_XMP_NAME) == 0;
    const void *bytes =
        may_be && G_VALUE_TYPE(value) == VIPS_TYPE_BLOB ? vips_value_get_blob(value, &size) : NULL;

    if (!is_xmp(bytes, size))
        return NULL;
    *(GBytes **) xmp = g_bytes_new(bytes, size);
    return file; /* ends the search */
}

static void read_fields(VipsImage *file, MetadataBlocks *blocks)
{
    size_t size = 0;
    const void *bytes = field(file, VIPS_META_EXIF_NAME, &size);

    if (bytes)
        blocks->exif = blocks_exif(bytes, size);
    vips_image_map(file, read_xmp, &blocks->xmp);
}

bool metadata_blocks_read(VipsImage *file, int fd, Format format, uint64_t directory,
                          MetadataBlocks *blocks, Error **err)
{
    static void (*const readers[FORMAT_COUNT])(Bytes *, MetadataBlocks *) = {
        [FORMAT_JPEG] = blocks_jpeg_read, [FORMAT_PNG] = blocks_png_read,
        [FORMAT_WEBP] = blocks_webp_read, [FORMAT_TIFF] = blocks_tiff_read,
        [FORMAT_GIF] = blocks_gif_read,   [FORMAT_RAW] = blocks_raw_read,
        [FORMAT_JXL] = blocks_jxl_read,
    };
    Bytes bytes;

    *blocks = (MetadataBlocks){ 0 };
    if (!readers[format]) {
        read_fields(file, blocks);
        return true;
    }
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
