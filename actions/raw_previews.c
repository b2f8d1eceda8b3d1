/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/raw_previews.h"

#include <string.h>

#include "formats/jpeg.h"
#include "formats/tiff.h"

enum {
    PREVIEWS_MAX = 16,
    DIRECTORIES_MAX = 64,
    ATOM_DEPTH_MAX = 8, /* of Canon's boxes */
};

/* ---- a JPEG ---- */

/* Of the first frame: 8 bits, baseline to progressive. */
static bool read_frame(Bytes *bytes, const JpegSegment *segment, RawPreview *preview)
{
    enum { SOF2 = 0xc2, FRAME = 6, BITS = 8 };
    const unsigned char *p = segment->length >= FRAME ? bytes_at(bytes, segment->at, FRAME) : NULL;

    if (!p || segment->marker > SOF2 || p[0] != BITS)
        return false;
    preview->height = be16(p + 1);
    preview->width = be16(p + 3);
    preview->progressive = segment->marker == SOF2;
    return preview->width && preview->height;
}

static bool is_frame(unsigned marker)
{
    enum { SOF0 = 0xc0, SOF15 = 0xcf, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc };

    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

static bool read_jpeg(Bytes *bytes, uint64_t at, uint64_t length, RawPreview *preview)
{
    JpegSegment segment;
    const unsigned char *p = bytes_in_file(bytes, at, length) && length > JPEG_FIRST
                                 ? bytes_at(bytes, at, strlen(JPEG_MAGIC))
                                 : NULL;

    if (!p || memcmp(p, JPEG_MAGIC, strlen(JPEG_MAGIC)) != 0)
        return false;
    *preview = (RawPreview){ .at = at, .length = length };
    for (uint64_t next = at + JPEG_FIRST; jpeg_next(bytes, &next, &segment) && next < at + length;)
        if (is_frame(segment.marker))
            return read_frame(bytes, &segment, preview);
    return false;
}

static void add(Bytes *bytes, uint64_t at, uint64_t length, GArray *previews)
{
    RawPreview preview;

    for (guint i = 0; i < previews->len; i++)
        if (g_array_index(previews, RawPreview, i).at == at)
            return;
    if (previews->len < PREVIEWS_MAX && read_jpeg(bytes, at, length, &preview))
        g_array_append_val(previews, preview);
}

/* ---- directories of a TIFF ---- */

typedef struct Found {
    TiffReader reader;
    GArray *previews;
    uint64_t directories[DIRECTORIES_MAX]; /* that are known */
    unsigned known;
} Found;

static void note_directory(Found *found, uint64_t at)
{
    for (unsigned i = 0; i < found->known; i++)
        if (found->directories[i] == at)
            return;
    if (at && found->known < DIRECTORIES_MAX)
        found->directories[found->known++] = at;
}

static void note_directories(Found *found, const TiffEntry *entry)
{
    for (uint64_t i = 0; i < MIN(entry->count, DIRECTORIES_MAX); i++)
        note_directory(found, tiff_value(&found->reader, entry, i));
}

/* Of one directory: where a JPEG may lie. */
typedef struct Spot {
    uint64_t at, length, parts;
} Spot;

static void note_place(const TiffReader *reader, const TiffEntry *entry, Spot *strip, Spot *jpeg)
{
    enum { STRIP_AT = 273, STRIP_BYTES = 279, JPEG_AT = 513, JPEG_BYTES = 514 };

    switch (entry->tag) {
    case STRIP_AT:
        strip->parts = entry->count;
        strip->at = tiff_value(reader, entry, 0);
        break;
    case STRIP_BYTES:
        strip->length = tiff_value(reader, entry, 0);
        break;
    case JPEG_AT:
        jpeg->at = tiff_value(reader, entry, 0);
        break;
    case JPEG_BYTES:
        jpeg->length = tiff_value(reader, entry, 0);
        break;
    default:
        break;
    }
}

/* What lies in the values of Panasonic's JpgFromRaw: a whole JPEG. */
static void note_value(Found *found, const TiffEntry *entry)
{
    enum { JPEG_FROM_RAW = 0x2e };

    if (entry->tag == JPEG_FROM_RAW && entry->type == TYPE_UNDEFINED)
        add(found->reader.bytes, entry->at, entry->count, found->previews);
}

/* A mosaic, and a DNG with losses, may be coded as JPEG too. */
static bool is_of_sensor(uint64_t photometric)
{
    enum { MOSAIC = 32803, LINEAR = 34892 };

    return photometric == MOSAIC || photometric == LINEAR;
}

static void read_directory(Found *found, uint64_t at)
{
    enum { PHOTOMETRIC = 262, SUB_DIRECTORIES = 330 };
    TiffReader *reader = &found->reader;
    Spot strip = { 0 }, jpeg = { 0 };
    uint64_t photometric = 0;
    TiffEntry entry;

    if (!tiff_enter(reader, at))
        return;
    while (tiff_entry(reader, &entry)) {
        note_place(reader, &entry, &strip, &jpeg);
        note_value(found, &entry);
        if (entry.tag == SUB_DIRECTORIES)
            note_directories(found, &entry);
        else if (entry.tag == PHOTOMETRIC)
            photometric = tiff_value(reader, &entry, 0);
    }
    note_directory(found, tiff_next(reader));
    if (is_of_sensor(photometric))
        return;
    if (strip.parts == 1)
        add(reader->bytes, strip.at, strip.length, found->previews);
    add(reader->bytes, jpeg.at, jpeg.length, found->previews);
}

static void find_in_tiff(Bytes *bytes, GArray *previews)
{
    Found found = { .previews = previews };

    note_directory(&found, tiff_begin(&found.reader, bytes));
    for (unsigned i = 0; i < found.known; i++)
        read_directory(&found, found.directories[i]);
}

/* ---- Fuji, Canon ---- */

static void find_in_raf(Bytes *bytes, GArray *previews)
{
    enum { WHERE = 84 };
    const unsigned char *p = bytes_at(bytes, WHERE, 8);

    if (p)
        add(bytes, be32(p), be32(p + 4), previews);
}

/* The boxes of a CR3: PRVW has a preview, and the first track is a film of one JPEG. */
typedef struct Track {
    uint64_t at, length;
} Track;

static void read_sample(Bytes *bytes, const Box *box, Track *track)
{
    enum { VERSION = 4 };
    uint64_t at = box->at + box->header + VERSION;
    const unsigned char *p = bytes_at(bytes, at, 12);

    if (p && !strcmp(box->type, "stsz"))
        track->length = be32(p) ? be32(p) : be32(p + 8);
    else if (p && !strcmp(box->type, "co64") && be32(p))
        track->at = be64(p + 4);
    else if (p && !strcmp(box->type, "stco") && be32(p))
        track->at = be32(p + 4);
}

static void read_shown(Bytes *bytes, const Box *box, GArray *previews)
{
    enum { LENGTH = 12, HEAD = 16 };
    uint64_t at = box->at + box->header;
    const unsigned char *p = bytes_at(bytes, at, HEAD);

    if (p)
        add(bytes, at + HEAD, be32(p + LENGTH), previews);
}

/* Bytes before the boxes in a box of that type; -1: it holds none that count. */
static int head_of_parts(Bytes *bytes, const Box *box)
{
    static const unsigned char shown[] = { 0xea, 0xf4, 0x2b, 0x5e };
    static const char *const holders[] = { "moov", "trak", "mdia", "minf", "stbl", NULL };
    enum { ID = 16, COUNT = 8 };
    const unsigned char *id =
        strcmp(box->type, "uuid") ? NULL : bytes_at(bytes, box->at + box->header, ID);

    if (g_strv_contains(holders, box->type))
        return 0;
    return !id ? -1 : memcmp(id, shown, sizeof(shown)) == 0 ? ID + COUNT : -1;
}

static void find_in_boxes(Bytes *bytes, uint64_t at, uint64_t end, int depth, Track *track,
                          GArray *previews)
{
    Box box;

    for (; at < end && box_read(bytes, at, &box) && box.length >= 8; at += box.length) {
        uint64_t behind = MIN(end, at + box.length);
        int head = head_of_parts(bytes, &box);
        if (!strcmp(box.type, "PRVW"))
            read_shown(bytes, &box, previews);
        read_sample(bytes, &box, track);
        if (head >= 0 && depth < ATOM_DEPTH_MAX)
            find_in_boxes(bytes, at + box.header + (uint64_t) head, behind, depth + 1, track,
                          previews);
        if (!strcmp(box.type, "trak"))
            add(bytes, track->at, track->length, previews);
    }
}

/* ---- all of them ---- */

static int by_width(const void *a, const void *b)
{
    const RawPreview *left = a, *right = b;

    return (left->width > right->width) - (left->width < right->width);
}

GArray *raw_previews_find(Bytes *bytes)
{
    GArray *previews = g_array_new(FALSE, FALSE, sizeof(RawPreview));
    const unsigned char *head = bytes_at(bytes, 0, TIFF_HEADER);
    Track track = { 0 };

    if (!head)
        return previews;
    if (!memcmp(head, "FUJI", 4))
        find_in_raf(bytes, previews);
    else if (!memcmp(head + 4, "ftyp", 4))
        find_in_boxes(bytes, 0, bytes->size, 0, &track, previews);
    else if (!memcmp(head, "II", 2) || !memcmp(head, "MM", 2))
        find_in_tiff(bytes, previews);
    g_array_sort(previews, by_width);
    return previews;
}
