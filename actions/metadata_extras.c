/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_extras.h"

#include <string.h>

#include "formats/bytes.h"
#include "formats/chunks.h"
#include "formats/jpeg.h"
#include "formats/tiff.h"

#define CREDENTIALS "content credentials"
#define FILM        "motion photo"

typedef struct Extras {
    Bytes bytes;
    MetadataDropped dropped;
    void *user;
} Extras;

static void tell(const Extras *extras, const char *what)
{
    extras->dropped(extras->user, what);
}

/* ---- JPEG ---- */

/* Whether the index of CIPA's Multi-Picture Format, a TIFF structure of `size` bytes at `at`, names
 * more than the picture itself and large thumbnails of it. */
static bool has_further_pictures(Bytes *bytes, uint64_t at, uint64_t size)
{
    enum {
        ENTRIES_TAG = 0xb002,
        ENTRY = 16,
        TYPE = 0xffffff,
        THUMBNAIL = 0x010000,
        FAMILY = 0xff0000
    };
    const unsigned char *head = size >= TIFF_HEADER ? bytes_at(bytes, at, TIFF_HEADER) : NULL;
    TiffLayout layout = { 0 };
    uint64_t directory = 0, list = 0, pictures = 0;

    if (!head)
        return false;
    layout = tiff_layout(head);
    directory = at + tiff_first_directory(&layout, head);
    const unsigned char *p = bytes_at(bytes, directory, 2);
    unsigned count = p ? (unsigned) tiff_number(&layout, p, 2) : 0;
    for (unsigned i = 0; i < MIN(count, 16); i++) {
        p = bytes_at(bytes, directory + 2 + (uint64_t) i * 12, 12);
        if (p && tiff_number(&layout, p, 2) == ENTRIES_TAG) {
            pictures = tiff_number(&layout, p + 4, 4) / ENTRY;
            list = at + tiff_number(&layout, p + 8, 4);
        }
    }
    for (uint64_t i = 1; i < MIN(pictures, 64) && (p = bytes_at(bytes, list + i * ENTRY, ENTRY));
         i++)
        if ((tiff_number(&layout, p, 4) & TYPE & FAMILY) != THUMBNAIL)
            return true;
    return false;
}

static void tell_segment(Extras *extras, const JpegSegment *segment)
{
    enum { APP2 = JPEG_APP0 + 2, APP11 = JPEG_APP0 + 11, BOX_TYPE = 12, MARK = 4 };
    const unsigned char *p =
        segment->length >= TIFF_HEADER ? bytes_at(&extras->bytes, segment->at, TIFF_HEADER) : NULL;

    if (p && segment->marker == APP11 && !memcmp(p, "JP", 2) && !memcmp(p + BOX_TYPE, "jumb", 4))
        tell(extras, CREDENTIALS);
    else if (p && segment->marker == APP2 && !memcmp(p, "MPF", MARK) &&
             has_further_pictures(&extras->bytes, segment->at + MARK, segment->length - MARK))
        tell(extras, "further pictures");
}

/* Whether a film follows the picture at *at or lies in front of the next one; else *at becomes
 * that one's place, or 0. Some phones fill the gap, or write a few bytes of their own. */
static bool film_follows(Bytes *bytes, uint64_t *at)
{
    enum { LOOK = BYTES_MAX_READ };
    bool whole = jpeg_find_scan(bytes, at) == COMPLETE_YES &&
                 jpeg_find_end(bytes, at) == COMPLETE_YES && *at < bytes->size;
    uint64_t from = *at;
    size_t count = whole ? (size_t) MIN(bytes->size - from, LOOK) : 0;
    const unsigned char *p = count ? bytes_at(bytes, from, count) : NULL;
    const unsigned char *film = p ? memmem(p, count, "ftyp", 4) : NULL;
    const unsigned char *next = p ? memmem(p, count, JPEG_MAGIC, strlen(JPEG_MAGIC)) : NULL;

    *at = next ? from + (uint64_t) (next - p) : 0;
    return film && film - p >= 4 && (!next || film < next);
}

/* A film behind the end of the picture, as phones write it, some without a word of it in XMP. */
static void tell_film(Extras *extras)
{
    enum { PICTURES = 16, BUDGET = 256 * 1024 * 1024 };
    Bytes *bytes = &extras->bytes;
    const unsigned char *end = bytes->size > 2 ? bytes_at(bytes, bytes->size - 2, 2) : NULL;
    uint64_t at = 0;

    if (!end || (end[0] == JPEG_MARKER && end[1] == JPEG_EOI))
        return; /* nothing follows, or a picture */
    bytes->budget = BUDGET;
    for (int i = 0; i < PICTURES && (i == 0 || at); i++)
        if (film_follows(bytes, &at)) {
            tell(extras, FILM);
            return;
        }
}

static void tell_jpeg_segments(Extras *extras)
{
    JpegSegment segment;

    for (uint64_t at = JPEG_FIRST; jpeg_next(&extras->bytes, &at, &segment);)
        tell_segment(extras, &segment);
}

static void tell_jpeg(Extras *extras)
{
    tell_jpeg_segments(extras);
    tell_film(extras);
}

/* ---- chunks, boxes, tags ---- */

static void tell_png(Extras *extras)
{
    Chunk chunk;

    for (uint64_t at = PNG_SIGNATURE; png_next(&extras->bytes, &at, &chunk);)
        if (chunk_is(&chunk, "caBX")) {
            tell(extras, CREDENTIALS);
            return;
        }
}

static void tell_webp(Extras *extras)
{
    Chunk chunk;

    for (uint64_t at = WEBP_HEADER; webp_next(&extras->bytes, &at, &chunk);)
        if (chunk_is(&chunk, "C2PA")) {
            tell(extras, CREDENTIALS);
            return;
        }
}

static bool has_credentials(TiffReader *reader, uint64_t directory)
{
    enum { CREDENTIALS_TAG = 0xcd41 };
    TiffEntry entry;

    if (!tiff_enter(reader, directory))
        return false;
    while (tiff_entry(reader, &entry))
        if (entry.tag == CREDENTIALS_TAG)
            return true;
    return false;
}

/* Those of the whole file stand in the first directory, whichever page the picture is. */
static void tell_tiff(Extras *extras)
{
    uint64_t picture = tiff_picture(&extras->bytes);
    TiffReader reader;
    uint64_t first = tiff_begin(&reader, &extras->bytes);

    if (has_credentials(&reader, first) || has_credentials(&reader, picture))
        tell(extras, CREDENTIALS);
}

/* What an auxiliary picture of a HEIF is, by the name in its property. */
static const struct {
    const char *name, *what;
} auxiliaries[] = {
    { "urn:com:apple:photo:2020:aux:hdrgainmap", "gain map" },
    { "urn:com:samsung:image:gainmap", "gain map" },
    { "urn:mpeg:hevc:2015:auxid:2", "depth map" },
    { "urn:mpeg:mpegB:cicp:systems:auxiliary:depth", "depth map" },
};

static bool has(const char *bytes, size_t size, const char *name)
{
    return memmem(bytes, size, name, strlen(name));
}

static void tell_meta(Extras *extras, const Box *box)
{
    enum { META_MAX = 1024 * 1024 };
    size_t size = (size_t) MIN(box->length, META_MAX);
    g_autofree char *meta = g_malloc(size);

    if (!bytes_copy(&extras->bytes, box->at, (unsigned char *) meta, size))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(auxiliaries); i++)
        if (has(meta, size, auxiliaries[i].name))
            tell(extras, auxiliaries[i].what);
    if (has(meta, size, "tmap")) /* an item that maps tones by a gain map, ISO 21496-1 */
        tell(extras, "gain map");
}

static void tell_boxes(Extras *extras)
{
    static const unsigned char manifest[] = { 0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c,
                                              0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81 };
    Box box;

    for (uint64_t at = 0;
         box_read(&extras->bytes, at, &box) && bytes_in_file(&extras->bytes, at, box.length);
         at += box.length) {
        const unsigned char *id = NULL;
        if (!strcmp(box.type, "meta"))
            tell_meta(extras, &box);
        else if (!strcmp(box.type, "mpvd"))
            tell(extras, FILM);
        else if (!strcmp(box.type, "uuid") &&
                 (id = bytes_at(&extras->bytes, at + box.header, sizeof(manifest))) &&
                 !memcmp(id, manifest, sizeof(manifest)))
            tell(extras, CREDENTIALS);
    }
}

void metadata_extras(int fd, Format format, MetadataDropped dropped, void *user)
{
    static void (*const readers[FORMAT_COUNT])(Extras *) = {
        [FORMAT_JPEG] = tell_jpeg, [FORMAT_PNG] = tell_png,    [FORMAT_WEBP] = tell_webp,
        [FORMAT_TIFF] = tell_tiff, [FORMAT_HEIF] = tell_boxes, [FORMAT_AVIF] = tell_boxes,
    };
    enum { BUDGET = 8 * 1024 * 1024 };
    Extras extras = { .dropped = dropped, .user = user };

    if (readers[format] && bytes_begin(&extras.bytes, fd, BUDGET))
        readers[format](&extras);
}
