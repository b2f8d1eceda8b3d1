/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_jpeg.h"

#include <math.h>
#include <string.h>

#include "actions/image_resources.h"
#include "actions/xmp_packet.h"
#include "formats/jpeg.h"

enum {
    APP0 = 0,
    APP1 = 1,
    APP2 = 2,
    APP13 = 13,
    SEGMENT_MAX = 65533, /* bytes of a segment behind its length */
    MARK_MAX = 40,       /* bytes that say what a segment is */
};

/* A mark with the zeros that end it. */
typedef struct Mark {
    const char *bytes;
    size_t size;
} Mark;

static const Mark jfif_mark = { "JFIF", 5 };
static const Mark exif_mark = { "Exif\0", 6 };
static const Mark xmp_mark = { "http://ns.adobe.com/xap/1.0/", 29 };
static const Mark extended_mark = { "http://ns.adobe.com/xmp/extension/", 35 };
static const Mark photoshop_mark = { "Photoshop 3.0", 14 };
static const Mark profile_mark = { "ICC_PROFILE", 12 };

/* ---- reading ---- */

/* A part of an extended packet. */
typedef struct Part {
    char guid[XMP_GUID + 1];
    uint64_t at; /* in the file */
    size_t size;
    uint32_t whole, offset; /* in the packet */
} Part;

typedef struct Reader {
    Bytes *bytes;
    MetadataBlocks *blocks;
    GByteArray *photoshop; /* all of its segments */
    GArray *parts;         /* Part */
} Reader;

static GBytes *to_bytes(GByteArray *array)
{
    return array && array->len ? g_byte_array_free_to_bytes(array) : NULL;
}

static bool begins(const unsigned char *bytes, size_t size, Mark mark)
{
    return size > mark.size && memcmp(bytes, mark.bytes, mark.size) == 0;
}

static void read_jfif(Reader *reader, const unsigned char *p, size_t size)
{
    enum { UNIT = 7, X = 8, Y = 10, END = 12 };
    static const DensityUnit units[] = { DENSITY_ASPECT, DENSITY_INCH, DENSITY_CM };

    if (size < END || !begins(p, size, jfif_mark) || p[UNIT] >= G_N_ELEMENTS(units))
        return;
    Density density = { units[p[UNIT]], be16(p + X), be16(p + Y) };
    bool says_nothing = density.unit == DENSITY_ASPECT && density.x <= 1 && density.y <= 1;
    if (density.x >= 1 && density.y >= 1 && !says_nothing)
        reader->blocks->density = density;
}

static void read_exif(Reader *reader, uint64_t at, size_t size)
{
    g_autoptr(GByteArray) segment =
        reader->blocks->exif ? NULL : blocks_read(reader->bytes, at, size);

    if (segment)
        reader->blocks->exif = blocks_exif(segment->data, segment->len);
}

static void read_extended(Reader *reader, uint64_t at, size_t size)
{
    enum { LENGTH = XMP_GUID, OFFSET = LENGTH + 4, HEAD = OFFSET + 4 };
    const unsigned char *head = size > HEAD ? bytes_at(reader->bytes, at, HEAD) : NULL;
    Part part = { .at = at + HEAD, .size = size - HEAD };

    if (!head)
        return;
    memcpy(part.guid, head, XMP_GUID);
    part.whole = be32(head + LENGTH);
    part.offset = be32(head + OFFSET);
    if (part.whole <= BLOCK_MAX && part.offset <= part.whole &&
        part.size <= part.whole - part.offset)
        g_array_append_val(reader->parts, part);
}

static void read_photoshop(Reader *reader, uint64_t at, size_t size)
{
    g_autoptr(GByteArray) segment = blocks_read(reader->bytes, at, size);

    if (segment && reader->photoshop->len + size <= BLOCK_MAX)
        g_byte_array_append(reader->photoshop, segment->data, segment->len);
}

static void read_app1(Reader *reader, const unsigned char *mark, size_t have, uint64_t at,
                      size_t size)
{
    if (begins(mark, have, exif_mark))
        read_exif(reader, at + exif_mark.size, size - exif_mark.size);
    else if (begins(mark, have, extended_mark))
        read_extended(reader, at + extended_mark.size, size - extended_mark.size);
    else if (begins(mark, have, xmp_mark) && !reader->blocks->xmp)
        reader->blocks->xmp =
            to_bytes(blocks_read(reader->bytes, at + xmp_mark.size, size - xmp_mark.size));
}

static void read_comment(Reader *reader, uint64_t at, size_t size)
{
    g_autoptr(GByteArray) text = blocks_read(reader->bytes, at, size);
    g_autofree char *comment = text ? g_strndup((const char *) text->data, text->len) : NULL;
    char **all = &reader->blocks->comment;

    if (!comment || !*comment || (*all && strlen(*all) > SEGMENT_MAX))
        return;
    g_autofree char *before = g_steal_pointer(all);
    *all = before ? g_strconcat(before, "\n", comment, NULL) : g_steal_pointer(&comment);
}

/* A segment of `size` bytes at `at`, behind its length. */
static void read_segment(Reader *reader, unsigned marker, uint64_t at, size_t size)
{
    size_t have = MIN(size, MARK_MAX);
    const unsigned char *mark = size ? bytes_at(reader->bytes, at, have) : NULL;

    if (!mark)
        return;
    if (marker == JPEG_APP0 + APP0)
        read_jfif(reader, mark, have);
    else if (marker == JPEG_APP0 + APP1)
        read_app1(reader, mark, have, at, size);
    else if (marker == JPEG_APP0 + APP13 && begins(mark, have, photoshop_mark))
        read_photoshop(reader, at + photoshop_mark.size, size - photoshop_mark.size);
    else if (marker == JPEG_COM)
        read_comment(reader, at, size);
}

static void read_segments(Reader *reader)
{
    JpegSegment segment;

    for (uint64_t at = JPEG_FIRST; jpeg_next(reader->bytes, &at, &segment) &&
                                   bytes_in_file(reader->bytes, segment.at, segment.length);)
        read_segment(reader, segment.marker, segment.at, segment.length);
}

static int by_offset(const void *a, const void *b)
{
    const Part *left = a, *right = b;

    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* The extended packet of this name; NULL where a part is missing. */
static GBytes *extended_packet(Reader *reader, const char *guid)
{
    g_autoptr(GByteArray) packet = g_byte_array_new();
    uint32_t whole = 0;

    g_array_sort(reader->parts, by_offset);
    for (unsigned i = 0; i < reader->parts->len; i++) {
        const Part *part = &g_array_index(reader->parts, Part, i);
        if (strcmp(part->guid, guid) != 0 || part->offset != packet->len)
            continue; /* of another packet, or a repetition */
        g_autoptr(GByteArray) bytes = blocks_read(reader->bytes, part->at, part->size);
        if (!bytes)
            return NULL;
        g_byte_array_append(packet, bytes->data, bytes->len);
        whole = part->whole;
    }
    return whole && packet->len == whole ? to_bytes(g_steal_pointer(&packet)) : NULL;
}

static void join_xmp(Reader *reader)
{
    MetadataBlocks *blocks = reader->blocks;
    g_autofree char *guid = blocks->xmp ? xmp_packet_extended_guid(blocks->xmp) : NULL;
    g_autoptr(GBytes) extended = guid ? extended_packet(reader, guid) : NULL;
    g_autoptr(GBytes) standard = extended ? g_steal_pointer(&blocks->xmp) : NULL;

    if (extended)
        blocks->xmp = xmp_packet_join(standard, extended);
}

void blocks_jpeg_read(Bytes *bytes, MetadataBlocks *blocks)
{
    g_autoptr(GByteArray) photoshop = g_byte_array_new();
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
    Reader reader = { bytes, blocks, photoshop, parts };

    read_segments(&reader);
    join_xmp(&reader);
    image_resources_read(photoshop->data, photoshop->len, blocks);
}

/* ---- writing ---- */

static void add(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

static void add_be16(GByteArray *to, unsigned value)
{
    const unsigned char bytes[] = { (unsigned char) (value >> 8), (unsigned char) value };

    add(to, bytes, sizeof(bytes));
}

static void add_be32(GByteArray *to, size_t value)
{
    add_be16(to, (unsigned) (value >> 16));
    add_be16(to, (unsigned) value & 0xffff);
}

/* The head of a segment whose mark and content have `size` bytes. */
static void add_head(GByteArray *to, unsigned marker, Mark mark, size_t size)
{
    const unsigned char head[] = { JPEG_MARKER, (unsigned char) marker };

    add(to, head, sizeof(head));
    add_be16(to, (unsigned) (2 + mark.size + size));
    add(to, mark.bytes, mark.size);
}

static bool fits(Mark mark, size_t size)
{
    return mark.size + size <= SEGMENT_MAX;
}

static void add_block(GByteArray *to, unsigned number, Mark mark, GBytes *block)
{
    size_t size = 0;
    const void *bytes = block ? g_bytes_get_data(block, &size) : NULL;

    if (!bytes || !fits(mark, size))
        return;
    add_head(to, JPEG_APP0 + number, mark, size);
    add(to, bytes, size);
}

/* JFIF knows whole numbers only. A PNG's dots a metre may be whole numbers of dots an inch. */
static Density whole_density(Density density)
{
    const double inch = 2.54, near = 0.01;
    double x = density.x * inch, y = density.y * inch;
    bool whole = density.x == rint(density.x) && density.y == rint(density.y);

    if (density.unit == DENSITY_CM && !whole && fabs(x - rint(x)) < near &&
        fabs(y - rint(y)) < near)
        return (Density){ DENSITY_INCH, rint(x), rint(y) };
    return (Density){ density.unit, rint(density.x), rint(density.y) };
}

static void add_jfif(GByteArray *to, Density density)
{
    static const unsigned char version[] = { 1, 1 }, no_thumbnail[] = { 0, 0 };
    static const unsigned char units[] = {
        [DENSITY_UNKNOWN] = 0, [DENSITY_ASPECT] = 0, [DENSITY_INCH] = 1, [DENSITY_CM] = 2
    };
    enum { SIZE = 9 };

    density = whole_density(density);
    bool known = density.unit != DENSITY_UNKNOWN && density.x >= 1 && density.x <= UINT16_MAX &&
                 density.y >= 1 && density.y <= UINT16_MAX;
    add_head(to, JPEG_APP0 + APP0, jfif_mark, SIZE);
    add(to, version, sizeof(version));
    add(to, &units[known ? density.unit : DENSITY_UNKNOWN], 1);
    add_be16(to, known ? (unsigned) density.x : 1);
    add_be16(to, known ? (unsigned) density.y : 1);
    add(to, no_thumbnail, sizeof(no_thumbnail));
}

static void add_extended(GByteArray *to, GBytes *extended)
{
    enum { PART = 65400 };
    g_autofree char *guid = xmp_packet_guid(extended);
    size_t size = 0;
    const unsigned char *bytes = g_bytes_get_data(extended, &size);

    for (size_t at = 0; at < size; at += PART) {
        size_t part = MIN(PART, size - at);
        add_head(to, JPEG_APP0 + APP1, extended_mark, XMP_GUID + 8 + part);
        add(to, guid, XMP_GUID);
        add_be32(to, size);
        add_be32(to, at);
        add(to, bytes + at, part);
    }
}

static void add_xmp(GByteArray *to, GBytes *xmp)
{
    g_autoptr(GBytes) standard = NULL;
    g_autoptr(GBytes) extended = NULL;

    if (!xmp || fits(xmp_mark, g_bytes_get_size(xmp))) {
        add_block(to, APP1, xmp_mark, xmp);
    } else if (xmp_packet_divide(xmp, SEGMENT_MAX - xmp_mark.size, &standard, &extended)) {
        add_block(to, APP1, xmp_mark, standard);
        add_extended(to, extended);
    }
}

/* A block in as many segments as it needs; `numbered`: each says which of how many it is. */
static void add_parts(GByteArray *to, unsigned number, Mark mark, GBytes *block, bool numbered)
{
    size_t size = 0, most = SEGMENT_MAX - mark.size - (numbered ? 2 : 0);
    const unsigned char *bytes = block ? g_bytes_get_data(block, &size) : NULL;
    size_t count = (size + most - 1) / most;

    if (numbered && count > UINT8_MAX)
        return;
    for (size_t i = 0; i < count; i++) {
        size_t part = MIN(most, size - i * most);
        const unsigned char which[] = { (unsigned char) (i + 1), (unsigned char) count };
        add_head(to, JPEG_APP0 + number, mark, part + (numbered ? sizeof(which) : 0));
        if (numbered)
            add(to, which, sizeof(which));
        add(to, bytes + i * most, part);
    }
}

static bool can_divide(GBytes *xmp)
{
    g_autoptr(GBytes) standard = NULL;
    g_autoptr(GBytes) extended = NULL;

    return xmp_packet_divide(xmp, SEGMENT_MAX - xmp_mark.size, &standard, &extended);
}

JpegLost blocks_jpeg_lost(const MetadataBlocks *blocks)
{
    return (JpegLost){
        .exif = blocks->exif && !fits(exif_mark, g_bytes_get_size(blocks->exif)),
        .comment = blocks->comment && strlen(blocks->comment) > SEGMENT_MAX,
        .xmp = blocks->xmp && !fits(xmp_mark, g_bytes_get_size(blocks->xmp)) &&
               !can_divide(blocks->xmp),
    };
}

GByteArray *blocks_jpeg_head(const MetadataBlocks *blocks, GBytes *profile, bool jfif)
{
    static const unsigned char start[] = { JPEG_MARKER, JPEG_SOI };
    GByteArray *head = g_byte_array_new();
    g_autoptr(GBytes) photoshop = image_resources_write(blocks, true);
    size_t comment = blocks->comment ? strlen(blocks->comment) : 0;

    add(head, start, sizeof(start));
    if (jfif)
        add_jfif(head, blocks->density);
    add_block(head, APP1, exif_mark, blocks->exif);
    add_xmp(head, blocks->xmp);
    add_parts(head, APP2, profile_mark, profile, true);
    add_parts(head, APP13, photoshop_mark, photoshop, false);
    if (comment && comment <= SEGMENT_MAX) {
        add_head(head, JPEG_COM, (Mark){ "", 0 }, comment);
        add(head, blocks->comment, comment);
    }
    return head;
}
