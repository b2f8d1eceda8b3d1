/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_limits.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "actions/blocks_gif.h"
#include "base/units.h"
#include "formats/bmp.h"
#include "formats/bytes.h"
#include "formats/chunks.h"
#include "formats/jpeg.h"
#include "formats/tiff.h"

enum { UNPACKED_MAX = 64 * 1024 }; /* bytes at once, counted and discarded */

/* What was found so far. Counting ends when it is over the limit, or where the file is damaged,
 * which the decoder reports. */
typedef struct Count {
    Bytes bytes;
    uint64_t max, found;
} Count;

static bool is_over_limit(const Count *count)
{
    return count->found > count->max;
}

/* ---- PNG ---- */

/* Adds what the zlib stream in the bytes from `at` to `end` unpacks to. */
static void add_packed(Count *count, uint64_t at, uint64_t end)
{
    g_autofree unsigned char *out = g_malloc(UNPACKED_MAX);
    z_stream stream = { 0 };
    int status = Z_OK;

    if (inflateInit(&stream) != Z_OK)
        return;
    /* (Z_BUF_ERROR: all that was given is unpacked, and the last of it just filled the buffer) */
    while ((status == Z_OK || status == Z_BUF_ERROR) && at < end && !is_over_limit(count)) {
        size_t have = 0;
        const unsigned char *in = bytes_from(&count->bytes, at, &have);
        if (!in)
            break;
        have = (size_t) MIN((uint64_t) have, end - at);
        stream.next_in = (unsigned char *) (uintptr_t) in;
        stream.avail_in = (unsigned) have;
        do {
            stream.next_out = out;
            stream.avail_out = UNPACKED_MAX;
            status = inflate(&stream, Z_NO_FLUSH);
            count->found += UNPACKED_MAX - stream.avail_out;
        } while (status == Z_OK && stream.avail_out == 0 && !is_over_limit(count));
        at += have;
    }
    inflateEnd(&stream);
}

/* After `texts` strings that each end in a 0, or `end`. */
static uint64_t skip_texts(Count *count, uint64_t at, uint64_t end, int texts)
{
    while (texts && at < end) {
        size_t have = 0;
        const unsigned char *run = bytes_from(&count->bytes, at, &have);
        const unsigned char *zero = run ? memchr(run, 0, have) : NULL;

        if (!run)
            return end;
        at += zero ? (uint64_t) (zero - run) + 1 : have;
        texts -= zero != NULL;
    }
    return MIN(at, end);
}

static void add_png_chunk(Count *count, const Chunk *chunk)
{
    uint64_t end = chunk->at + chunk->length;

    if (chunk_is(chunk, "zTXt") || chunk_is(chunk, "iCCP")) {
        add_packed(count, skip_texts(count, chunk->at, end, 1) + 1, end); /* + the method */
    } else if (chunk_is(chunk, "iTXt")) {
        uint64_t flag = skip_texts(count, chunk->at, end, 1);
        const unsigned char *packed = flag < end ? bytes_at(&count->bytes, flag, 1) : NULL;
        if (packed && *packed)
            add_packed(count, skip_texts(count, flag + 2, end, 2), end);
    }
    if (g_ascii_islower(*chunk->type)) /* ancillary */
        count->found += chunk->length;
}

static void count_png(Count *count)
{
    Chunk chunk;

    for (uint64_t at = PNG_SIGNATURE; !is_over_limit(count) &&
                                      png_next(&count->bytes, &at, &chunk) &&
                                      bytes_in_file(&count->bytes, chunk.at, chunk.length);)
        add_png_chunk(count, &chunk);
}

/* ---- JPEG ---- */

static void count_jpeg(Count *count)
{
    JpegSegment segment;

    for (uint64_t at = JPEG_FIRST;
         !is_over_limit(count) && jpeg_next(&count->bytes, &at, &segment);)
        if ((segment.marker >= JPEG_APP0 && segment.marker <= JPEG_APP15) ||
            segment.marker == JPEG_COM)
            count->found += 2 + segment.length; /* with its length */
}

/* ---- WebP, and everything that is made of boxes ---- */

static void count_webp(Count *count)
{
    Chunk chunk;

    for (uint64_t at = WEBP_HEADER; !is_over_limit(count) && webp_next(&count->bytes, &at, &chunk);)
        if (chunk_is(&chunk, "EXIF") || chunk_is(&chunk, "XMP ") || chunk_is(&chunk, "ICCP"))
            count->found += chunk.length;
}

static void count_boxes(Count *count)
{
    static const char *const metadata_boxes[] = { "meta", "Exif", "xml ", "uuid",
                                                  "brob", "jp2h", NULL };
    Box box;

    for (uint64_t at = 0; !is_over_limit(count) && box_read(&count->bytes, at, &box);
         at += box.length) {
        if (!bytes_in_file(&count->bytes, at, box.length))
            return;
        if (g_strv_contains(metadata_boxes, box.type))
            count->found += box.length;
    }
}

static void count_bmp(Count *count)
{
    g_autoptr(Error) error = NULL;
    Bmp bmp = { 0 };

    if (bmp_read(&count->bytes, &bmp, &error))
        count->found = bmp.profile_size;
}

/* ---- TIFF ---- */

/* Tags of the pixels' offsets and lengths, and tables of colours: not metadata. */
static bool is_pixel_tag(uint64_t tag)
{
    return tag == 273 || tag == 279 || tag == 324 || tag == 325 || tag == 320;
}

/* Directories below a page's that hold metadata: each may point to each. */
enum { MAIN, PHOTO, GPS, INTEROP, PARTS };

static void note_below(const TiffReader *reader, const TiffEntry *entry, uint64_t at[PARTS])
{
    static const unsigned tags[PARTS] = { [PHOTO] = 34665, [GPS] = 34853, [INTEROP] = 40965 };

    for (int part = PHOTO; part < PARTS; part++)
        if (entry->tag == tags[part])
            at[part] = tiff_value(reader, entry, 0);
}

static void count_directory(Count *count, TiffReader *reader, uint64_t at[PARTS], int part)
{
    const uint64_t size = count->bytes.size;
    TiffEntry entry;

    if (!at[part] || !tiff_enter(reader, at[part]))
        return;
    while (!is_over_limit(count) && tiff_entry(reader, &entry)) {
        note_below(reader, &entry, at);
        if (!is_pixel_tag(entry.tag) && entry.count <= size)
            count->found += MIN(entry.count * tiff_type_size(entry.type), size);
    }
}

static void count_page(Count *count, TiffReader *reader, uint64_t page)
{
    uint64_t at[PARTS] = { [MAIN] = page };

    for (int part = MAIN; part < PARTS; part++)
        count_directory(count, reader, at, part);
}

/* libtiff reads the first page too where another one is the picture. */
static void count_tiff(Count *count)
{
    uint64_t picture = tiff_picture(&count->bytes);
    TiffReader reader;
    uint64_t first = tiff_begin(&reader, &count->bytes);

    count_page(count, &reader, picture);
    if (first != picture)
        count_page(count, &reader, first);
}

static void count_gif(Count *count)
{
    count->found = blocks_gif_size(&count->bytes, count->max);
}

/* ---- in and out ---- */

static bool check_size(uint64_t found, int64_t max, Error **err)
{
    if (!max || found <= (uint64_t) max)
        return true;
    g_autofree char *size = units_bytes_rounded((int64_t) found);
    g_autofree char *most = units_bytes_text(max);
    return error_set(
        err, ERROR_PICTURE, "raise `max_metadata`, or export it without them",
        "its EXIF, profiles and texts unpack to %s or more, more than max_metadata = %s allows",
        size, most);
}

bool metadata_limits_check_file(int fd, Format format, int64_t max, Error **err)
{
    static void (*const counts[FORMAT_COUNT])(Count *) = {
        [FORMAT_JPEG] = count_jpeg, [FORMAT_PNG] = count_png,    [FORMAT_WEBP] = count_webp,
        [FORMAT_TIFF] = count_tiff, [FORMAT_HEIF] = count_boxes, [FORMAT_AVIF] = count_boxes,
        [FORMAT_JXL] = count_boxes, [FORMAT_JP2] = count_boxes,  [FORMAT_BMP] = count_bmp,
        [FORMAT_GIF] = count_gif,
    };
    Count count = { .max = (uint64_t) max };

    if (!max || !counts[format])
        return true;
    if (!bytes_begin(&count.bytes, fd, UINT64_MAX))
        return error_errno(err, errno, "cannot read the picture");
    counts[format](&count);
    if (count.bytes.error)
        return error_errno(err, count.bytes.error, "cannot read the picture");
    return check_size(count.found, max, err);
}

bool metadata_limits_check_page(int fd, uint64_t directory, int64_t max, Error **err)
{
    Count count = { .max = (uint64_t) max };
    TiffReader reader;

    if (!max)
        return true;
    if (!bytes_begin(&count.bytes, fd, UINT64_MAX))
        return error_errno(err, errno, "cannot read the picture");
    tiff_begin(&reader, &count.bytes);
    count_page(&count, &reader, directory);
    if (count.bytes.error)
        return error_errno(err, count.bytes.error, "cannot read the picture");
    return check_size(count.found, max, err);
}

static void *add_field(VipsImage *file G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, GValue *value,
                       void *found)
{
    size_t size = 0;

    if (G_VALUE_TYPE(value) == VIPS_TYPE_BLOB)
        vips_value_get_blob(value, &size);
    else if (G_VALUE_TYPE(value) == VIPS_TYPE_REF_STRING)
        vips_value_get_ref_string(value, &size);
    *(uint64_t *) found += size;
    return NULL;
}

bool metadata_limits_check_header(VipsImage *file, int64_t max, Error **err)
{
    uint64_t found = 0;

    vips_image_map(file, add_field, &found);
    return check_size(found, max, err);
}
