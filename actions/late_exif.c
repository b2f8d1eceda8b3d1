/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/late_exif.h"

#include <string.h>
#include <unistd.h>

#include "formats/bytes.h"

/* More than any camera writes; a setting of the folder, `max_metadata`, was checked before. */
enum { EXIF_MAX = 16 * 1024 * 1024 };

/* Finds the chunk; false where there is none. */
static bool find_chunk(Bytes *bytes, const char *type, uint64_t *at, uint64_t *length)
{
    const unsigned char *head = NULL;

    for (*at = 8; (head = bytes_at(bytes, *at, 8)); *at += 12 + *length) {
        *length = be32(head);
        if (memcmp(head + 4, type, 4) == 0)
            return bytes_in_file(bytes, *at + 8, *length);
    }
    return false;
}

void late_exif_add(VipsImage *image, int fd)
{
    uint64_t at = 0, length = 0;
    Bytes bytes;

    if (vips_image_get_typeof(image, VIPS_META_EXIF_NAME) || !bytes_begin(&bytes, fd, UINT64_MAX) ||
        !find_chunk(&bytes, "eXIf", &at, &length) || length == 0 || length > EXIF_MAX)
        return;
    g_autofree unsigned char *exif = g_malloc(length);
    if (pread(fd, exif, length, (off_t) at + 8) == (ssize_t) length)
        vips_image_set_blob_copy(image, VIPS_META_EXIF_NAME, exif, length);
}
