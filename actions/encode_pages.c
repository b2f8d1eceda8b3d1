/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/encode_pages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "actions/at_most.h"
#include "actions/colour.h"
#include "actions/encoders.h"
#include "actions/pixels.h"
#include "actions/webp_delays.h"
#include "formats/tiff.h"

enum {
    DIRECTORY_AT = 4,
    ENTRY = 12,
    MAGIC = 4,
    COPIES = 32 /* of a page: each is half as large */
};

struct EncodePages {
    Encoding encoding;
    EncodeEnd end;
    int fd;
    int count;
    /* of a TIFF: where the first directory lies, and that which was written last */
    uint32_t first, last;
    /* of an animation */
    GPtrArray *frames;     /* of VipsImage, in memory */
    GArray *delays;        /* of int */
    MetadataBlocks blocks; /* of the first frame */
};

bool encode_pages_holds(Format format, bool animated)
{
    return format == FORMAT_TIFF || (animated && (format == FORMAT_GIF || format == FORMAT_WEBP));
}

/* A WebP is whole in memory before it is written, in up to five copies: coded as photos are, 0.2
 * bytes a pixel, without loss 1.5. */
double encode_pages_kept(const Encoding *encoding, const Shape *shape)
{
    enum { PIXEL = 4, CODED = 2, CODED_LOSSLESS = 8 };
    double coded = encoding->format != FORMAT_WEBP ? 0
                   : encoding->lossless            ? CODED_LOSSLESS
                                                   : CODED;

    return encoding->format == FORMAT_TIFF
               ? 0
               : (PIXEL + coded) * shape->width * (double) shape->height;
}

EncodePages *encode_pages_new(const Encoding *encoding, const EncodeEnd *end, int fd)
{
    EncodePages *pages = g_new0(EncodePages, 1);

    pages->encoding = *encoding;
    pages->fd = fd;
    pages->end = *end;
    pages->frames = g_ptr_array_new_with_free_func(g_object_unref);
    pages->delays = g_array_new(FALSE, FALSE, sizeof(int));
    return pages;
}

void encode_pages_free(void *data)
{
    EncodePages *pages = data;

    if (!pages)
        return;
    g_ptr_array_unref(pages->frames);
    g_array_unref(pages->delays);
    metadata_blocks_clear(&pages->blocks);
    close(pages->fd);
    g_free(pages);
}

Format encode_pages_format(const EncodePages *pages)
{
    return pages->encoding.format;
}

/* ---- pages of a TIFF ---- */

static bool read_at(int fd, uint64_t at, void *to, size_t size)
{
    return pread(fd, to, size, (off_t) at) == (ssize_t) size;
}

static bool write_number(int fd, uint64_t at, uint32_t number, Error **err)
{
    const uint32_t little = GUINT32_TO_LE(number);

    return pwrite(fd, &little, sizeof(little), (off_t) at) == (ssize_t) sizeof(little) ||
           error_errno(err, errno, "cannot write the TIFF");
}

/* Where the number of the next directory stands in the one at `at`; 0: it cannot be read. */
static uint64_t link_of(int fd, uint32_t at)
{
    unsigned char entries[2];

    return read_at(fd, at, entries, sizeof(entries))
               ? at + sizeof(entries) + (uint64_t) le16(entries) * ENTRY
               : 0;
}

/* Behind a page its smaller copies may lie, those of a pyramid. */
static bool find_last(EncodePages *pages, uint32_t at)
{
    unsigned char next[4];

    for (int i = 0; i < COPIES; i++) {
        const uint64_t link = link_of(pages->fd, at);
        if (!link || !read_at(pages->fd, link, next, sizeof(next)))
            return false;
        pages->last = at;
        at = le32(next);
        if (!at)
            return true;
    }
    return false;
}

/* libtiff begins a file with its header, and appends all else at its end: so a page comes behind
 * those that are there, and only the header and the directory before it have to be set right. */
static bool chain(EncodePages *pages, Error **err)
{
    unsigned char header[DIRECTORY_AT + 4];

    if (!read_at(pages->fd, 0, header, sizeof(header)) ||
        memcmp(header, TIFF_MAGIC_LITTLE, MAGIC) != 0)
        return error_set(err, ERROR_INTERNAL, NULL, "cannot make the TIFF: its header is unknown");
    const uint32_t made = le32(header + DIRECTORY_AT);
    const uint64_t link = pages->count ? link_of(pages->fd, pages->last) : 0;
    if (!pages->count)
        pages->first = made;
    else if (!link)
        return error_set(err, ERROR_INTERNAL, NULL, "cannot make the TIFF: a page has no place");
    else if (!write_number(pages->fd, link, made, err) ||
             !write_number(pages->fd, DIRECTORY_AT, pages->first, err))
        return false;
    pages->count++;
    return find_last(pages, made) ||
           error_set(err, ERROR_INTERNAL, NULL, "cannot make the TIFF: a page has no end");
}

/* In a TIFF of more than 4 GB places are numbers of eight bytes, from its header on: the encoder
 * writes a page in that way which may need them. */
static bool check_room(const EncodePages *pages, const VipsImage *pixels, Error **err)
{
    const double page = (double) VIPS_IMAGE_SIZEOF_IMAGE(pixels);
    const off_t size = lseek(pages->fd, 0, SEEK_END);

    if (size < 0)
        return error_errno(err, errno, "cannot write the TIFF");
    return ((double) size + page < UINT32_MAX && !encoders_tiff_is_big(page, &pages->encoding)) ||
           error_set(err, ERROR_PICTURE,
                     "split the file, or make its pages smaller, or set pages = first",
                     "the TIFF of its pages could become larger than 4 GB");
}

static bool add_page(EncodePages *pages, VipsImage *pixels, const MetadataBlocks *blocks,
                     Error **err)
{
    MetadataBlocks own = *blocks; /* borrowed */

    own.page = (TiffPage){ pages->count, pages->end.most };
    return check_room(pages, pixels, err) && lseek(pages->fd, 0, SEEK_SET) == 0 &&
           encode(pixels, &pages->encoding, &own, pages->fd, err) && chain(pages, err);
}

/* Where the page number stands in a directory of `count` entries; 0: it has none, as the smaller
 * copies of a page. */
static uint64_t find_page_number(int fd, uint32_t at, int count)
{
    enum { PAGE_NUMBER = 297, VALUE = 8 };
    unsigned char tag[2];

    for (int i = 0; i < count; i++) {
        const uint64_t entry = at + sizeof(tag) + (uint64_t) i * ENTRY;
        if (read_at(fd, entry, tag, sizeof(tag)) && le16(tag) == PAGE_NUMBER)
            return entry + VALUE;
    }
    return 0;
}

static bool set_total(const EncodePages *pages, uint32_t at, int count, Error **err)
{
    const uint16_t total = GUINT16_TO_LE((uint16_t) pages->count);
    const uint64_t number = find_page_number(pages->fd, at, count);

    return !number ||
           pwrite(pages->fd, &total, sizeof(total), (off_t) (number + sizeof(total))) ==
               (ssize_t) sizeof(total) ||
           error_errno(err, errno, "cannot write the TIFF");
}

/* Where steps leave pages out, how many are written is known only behind the last one. */
static bool set_totals(const EncodePages *pages, Error **err)
{
    uint32_t at = pages->count < pages->end.most ? pages->first : 0;

    for (int i = 0; at && i < pages->count * COPIES; i++) {
        const uint64_t link = link_of(pages->fd, at);
        unsigned char next[4];
        if (!link || !read_at(pages->fd, link, next, sizeof(next)))
            return error_set(err, ERROR_INTERNAL, NULL, "cannot make the TIFF: a page has no end");
        if (!set_total(pages, at, (int) ((link - at) / ENTRY), err))
            return false;
        at = le32(next);
    }
    return true;
}

/* ---- frames ---- */

static VipsImage *first_frame(const EncodePages *pages)
{
    return pages->frames->pdata[0];
}

static bool check_frame(const EncodePages *pages, const VipsImage *pixels, Error **err)
{
    const VipsImage *first = pages->count ? first_frame(pages) : pixels;

    return (first->Xsize == pixels->Xsize && first->Ysize == pixels->Ysize) ||
           error_set(err, ERROR_PICTURE,
                     "give them one size with scale, fit or crop, or save them as tiff",
                     "it is %d x %d pixels, and the first one %d x %d: the frames of a %s have one "
                     "size",
                     pixels->Xsize, pixels->Ysize, first->Xsize, first->Ysize,
                     format_name(pages->encoding.format));
}

/* As both formats have it: RGB of 8 bits. */
static VipsImage *as_frame(VipsImage *pixels)
{
    g_autoptr(VipsImage) rgb = colour_rgb(pixels);
    g_autoptr(VipsImage) eight = rgb ? pixels_in_format(rgb, VIPS_FORMAT_UCHAR) : NULL;

    return eight ? pixels_in_memory(eight) : NULL;
}

static bool add_frame(EncodePages *pages, VipsImage *pixels, const MetadataBlocks *blocks,
                      int delay_ms, Error **err)
{
    if (!check_frame(pages, pixels, err))
        return false;
    VipsImage *frame = as_frame(pixels);
    if (!frame)
        return libvips_error(err, "read the picture");
    if (!pages->count++)
        pages->blocks = metadata_blocks_copy(blocks);
    g_ptr_array_add(pages->frames, frame);
    g_array_append_val(pages->delays, delay_ms);
    return true;
}

/* Where a step has made some transparent, all are. */
static bool give_alpha(GPtrArray *frames)
{
    bool any = false;

    for (guint i = 0; i < frames->len; i++)
        any |= vips_image_hasalpha(frames->pdata[i]);
    for (guint i = 0; any && i < frames->len; i++) {
        VipsImage *in = frames->pdata[i], *out = NULL;
        if (vips_image_hasalpha(in))
            continue;
        if (vips_addalpha(in, &out, NULL))
            return false;
        frames->pdata[i] = out;
        g_object_unref(in);
    }
    return true;
}

/* A GIF counts in hundredths of a second: a shorter delay would become none, which viewers show as
 * a tenth. */
static void lengthen_delays(const EncodePages *pages)
{
    enum { SHORTEST = 10 };

    for (guint i = 0; pages->encoding.format == FORMAT_GIF && i < pages->delays->len; i++) {
        int *delay = &g_array_index(pages->delays, int, i);
        if (*delay > 0)
            *delay = MAX(*delay, SHORTEST);
    }
}

/* All frames, one below the other, as libvips wants them. */
static VipsImage *joined(EncodePages *pages)
{
    g_autoptr(VipsImage) column = NULL;
    VipsImage *out = NULL;

    if (!give_alpha(pages->frames) ||
        vips_arrayjoin((VipsImage **) pages->frames->pdata, &column, pages->count, "across", 1,
                       NULL) ||
        vips_copy(column, &out, NULL))
        return NULL;
    lengthen_delays(pages);
    vips_image_set_int(out, VIPS_META_PAGE_HEIGHT, first_frame(pages)->Ysize);
    vips_image_set_int(out, VIPS_META_N_PAGES, pages->count);
    vips_image_set_array_int(out, "delay", (const int *) (const void *) pages->delays->data,
                             pages->count);
    vips_image_set_int(out, "loop", pages->end.loop);
    return out;
}

/* ---- both ---- */

bool encode_pages_add(EncodePages *pages, VipsImage *pixels, const MetadataBlocks *blocks,
                      int delay_ms, Error **err)
{
    return pages->encoding.format == FORMAT_TIFF ? add_page(pages, pixels, blocks, err)
                                                 : add_frame(pages, pixels, blocks, delay_ms, err);
}

static bool write_frames(EncodePages *pages, Error **err)
{
    g_autoptr(VipsImage) all = joined(pages);

    if (!all)
        return libvips_error(err, "join the frames");
    return encode(all, &pages->encoding, &pages->blocks, pages->fd, err) &&
           (pages->encoding.format != FORMAT_WEBP || webp_delays_set(pages->fd, pages->delays) ||
            error_errno(err, errno, "cannot write the WebP"));
}

static bool check_size(const EncodePages *pages, Error **err)
{
    g_autofree char *how =
        g_strdup_printf("%s of %d pictures", format_name(pages->encoding.format), pages->count);

    return at_most_holds(pages->end.at_most, pages->fd, how,
                         "scale its pictures, lower the quality, or raise at_most", err);
}

bool encode_pages_end(EncodePages *pages, Error **err)
{
    return (pages->encoding.format == FORMAT_TIFF ? set_totals(pages, err)
                                                  : write_frames(pages, err)) &&
           check_size(pages, err);
}
