/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/late_exif.h"

#include <unistd.h>

#include "formats/chunks.h"

/* More than any camera writes; a setting of the folder, `max_metadata`, was checked before. */
enum { EXIF_MAX = 16 * 1024 * 1024 };

static bool find_exif(Bytes *bytes, Chunk *chunk)
{
    for (uint64_t at = PNG_SIGNATURE; png_next(bytes, &at, chunk);)
        if (chunk_is(chunk, "eXIf"))
            return bytes_in_file(bytes, chunk->at, chunk->length);
    return false;
}

void late_exif_add(VipsImage *image, int fd)
{
    Chunk chunk;
    Bytes bytes;

    if (vips_image_get_typeof(image, VIPS_META_EXIF_NAME) || !bytes_begin(&bytes, fd, UINT64_MAX) ||
        !find_exif(&bytes, &chunk) || chunk.length == 0 || chunk.length > EXIF_MAX)
        return;
    g_autofree unsigned char *exif = g_malloc(chunk.length);
    if (pread(fd, exif, chunk.length, (off_t) chunk.at) == (ssize_t) chunk.length)
        vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, exif, chunk.length);
}
