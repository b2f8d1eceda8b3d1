/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/page_count.h"

#include "formats/chunks.h"
#include "formats/tiff.h"

/* The chunk of an animation is before the pixels. */
static int png_frames(Bytes *bytes)
{
    enum { FRAMES_MAX = 1000000 };
    Chunk chunk;

    for (uint64_t at = PNG_SIGNATURE; png_next(bytes, &at, &chunk) && !chunk_is(&chunk, "IDAT");)
        if (chunk_is(&chunk, "acTL")) {
            const unsigned char *frames = bytes_at(bytes, chunk.at, 4);
            return frames ? (int) MIN(be32(frames), FRAMES_MAX) : 1;
        }
    return 1;
}

int page_count(VipsImage *file, Format format, int fd)
{
    enum { BUDGET = 64 * 1024 * 1024 };
    Bytes bytes;

    if (format == FORMAT_JP2) /* to libvips each resolution of the picture is a page */
        return 1;
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
