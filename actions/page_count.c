/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/page_count.h"

#include <string.h>

#include "formats/bytes.h"
#include "formats/tiff.h"

/* The chunk of an animation is before the pixels. */
static int png_frames(Bytes *bytes)
{
    enum { SIGNATURE = 8, FRAMES_MAX = 1000000 };
    const unsigned char *p = NULL;

    for (uint64_t at = SIGNATURE; (p = bytes_at(bytes, at, 12)) && memcmp(p + 4, "IDAT", 4) != 0;
         at += 12 + (uint64_t) be32(p))
        if (memcmp(p + 4, "acTL", 4) == 0)
            return (int) MIN(be32(p + 8), FRAMES_MAX);
    return 1;
}

int page_count(VipsImage *file, Format format, int fd)
{
    enum { BUDGET = 64 * 1024 * 1024 };
    Bytes bytes;

    if (format != FORMAT_TIFF && format != FORMAT_PNG)
        return MAX(1, vips_image_get_n_pages(file));
    if (!bytes_begin(&bytes, fd, BUDGET))
        return 1;
    return MAX(1, format == FORMAT_TIFF ? (int) tiff_pages(&bytes).pictures : png_frames(&bytes));
}

const char *page_word(Format format)
{
    if (format == FORMAT_GIF || format == FORMAT_WEBP || format == FORMAT_PNG)
        return "frame";
    return format == FORMAT_HEIF || format == FORMAT_AVIF ? "picture" : "page";
}
