/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/page_count.h"

#include <string.h>

#include "formats/bytes.h"
#include "formats/tiff.h"

enum { BUDGET = 64 * 1024 * 1024, PAGES_MAX = 1000000 };

/* ---- TIFF ---- */

/* Whether the entry says that its page is a reduced copy or a mask of another. */
static bool is_about_another(const TiffLayout *layout, const unsigned char *entry)
{
    enum { NEW_SUBFILE = 254, SUBFILE = 255, REDUCED = 1, MASK = 4, OLD_REDUCED = 2, LONG = 4 };
    uint64_t tag = tiff_number(layout, entry, 2);
    unsigned size = tiff_number(layout, entry + 2, 2) == LONG ? 4 : 2;
    uint64_t value = tiff_number(layout, entry + 4 + layout->word, size);

    return (tag == NEW_SUBFILE && (value & (REDUCED | MASK))) ||
           (tag == SUBFILE && value == OLD_REDUCED);
}

/* Reads the directory at *at, which moves to the next; false where it is cut off. */
static bool read_directory(Bytes *bytes, const TiffLayout *layout, uint64_t *at, bool *counts)
{
    const unsigned char *p = bytes_at(bytes, *at, layout->count);
    uint64_t entries = p ? tiff_number(layout, p, layout->count) : 0;

    *counts = true;
    for (*at += layout->count; p && entries; entries--, *at += layout->entry) {
        p = bytes_at(bytes, *at, layout->entry);
        if (p && is_about_another(layout, p))
            *counts = false;
    }
    p = p ? bytes_at(bytes, *at, layout->word) : NULL;
    *at = p ? tiff_number(layout, p, layout->word) : 0;
    return p;
}

/* libtiff has refused directories in a circle. */
static int tiff_pages(Bytes *bytes)
{
    const unsigned char *head = bytes_at(bytes, 0, TIFF_HEADER);
    int pages = 0;
    bool counts = false;

    if (!head)
        return 1;
    TiffLayout layout = tiff_layout(head);
    uint64_t at = tiff_first_directory(&layout, head);
    for (int i = 0; at && i < PAGES_MAX && read_directory(bytes, &layout, &at, &counts); i++)
        pages += counts;
    return pages;
}

/* ---- PNG ---- */

/* The chunk of an animation is before the pixels. */
static int png_frames(Bytes *bytes)
{
    enum { SIGNATURE = 8 };
    const unsigned char *p = NULL;

    for (uint64_t at = SIGNATURE; (p = bytes_at(bytes, at, 12)) && memcmp(p + 4, "IDAT", 4) != 0;
         at += 12 + (uint64_t) be32(p))
        if (memcmp(p + 4, "acTL", 4) == 0)
            return (int) MIN(be32(p + 8), PAGES_MAX);
    return 1;
}

int page_count(VipsImage *file, Format format, int fd)
{
    Bytes bytes;

    if (format != FORMAT_TIFF && format != FORMAT_PNG)
        return MAX(1, vips_image_get_n_pages(file));
    if (!bytes_begin(&bytes, fd, BUDGET))
        return 1;
    return MAX(1, format == FORMAT_TIFF ? tiff_pages(&bytes) : png_frames(&bytes));
}

const char *page_word(Format format)
{
    if (format == FORMAT_GIF || format == FORMAT_WEBP || format == FORMAT_PNG)
        return "frame";
    return format == FORMAT_HEIF || format == FORMAT_AVIF ? "picture" : "page";
}
