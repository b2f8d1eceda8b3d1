/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/image_resources.h"

#include <string.h>

#include "formats/bytes.h"

enum {
    IPTC = 1028,
    HEAD = 4 + 2, /* signature and number; a name and a size follow */
    IPTC_MARK = 0x1c,
};

/* One resource in a block. */
typedef struct Resource {
    unsigned number;
    const unsigned char *start, *data;
    size_t size;  /* of the data */
    size_t whole; /* from the signature to the next resource */
} Resource;

/* Photoshop's signature, and those of other programs in its blocks. */
static bool has_signature(const unsigned char *p)
{
    static const char signatures[][5] = { "8BIM", "MeSa", "AgHg", "PHUT", "DCSR" };

    for (size_t i = 0; i < G_N_ELEMENTS(signatures); i++)
        if (memcmp(p, signatures[i], 4) == 0)
            return true;
    return false;
}

/* Reads the resource at `p`; a name and data of odd size are followed by a zero, which the last
 * resource may lack. */
static bool read_resource(const unsigned char *p, size_t left, Resource *resource)
{
    size_t at = HEAD;

    if (left < HEAD + 2 || !has_signature(p))
        return false;
    at += (p[HEAD] + 2U) & ~1U; /* with its length */
    if (at + 4 > left)
        return false;
    *resource = (Resource){ .number = be16(p + 4), .start = p, .size = be32(p + at) };
    at += 4;
    resource->data = p + at;
    if (resource->size > left - at)
        return false;
    resource->whole = MIN(at + resource->size + (resource->size & 1), left);
    return true;
}

static bool is_left_out(unsigned number)
{
    static const unsigned numbers[] = {
        1033, 1036, /* thumbnails */
        1039,       /* the colour profile */
        1058, 1059, /* EXIF */
        1060,       /* XMP */
        1061,       /* the digest of IPTC */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (number == numbers[i])
            return true;
    return false;
}

static void add_padded(GByteArray *to, const unsigned char *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
    if (size & 1)
        g_byte_array_append(to, (const unsigned char *) "", 1);
}

void image_resources_read(const void *bytes, size_t size, MetadataBlocks *blocks)
{
    g_autoptr(GByteArray) others = g_byte_array_new();
    const unsigned char *p = bytes;
    size_t left = size <= BLOCK_MAX ? size : 0;
    Resource found;

    for (; read_resource(p, left, &found); p += found.whole, left -= found.whole) {
        if (found.number == IPTC) {
            if (!blocks->iptc && found.size && found.data[0] == IPTC_MARK)
                blocks->iptc = g_bytes_new(found.data, found.size);
        } else if (!is_left_out(found.number)) {
            add_padded(others, found.start, (size_t) (found.data - found.start) + found.size);
        }
    }
    if (others->len && !blocks->photoshop)
        blocks->photoshop = g_byte_array_free_to_bytes(g_steal_pointer(&others));
}

GBytes *image_resources_filter(GBytes *block, bool (*keep)(unsigned number))
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    size_t left = 0;
    const unsigned char *p = block ? g_bytes_get_data(block, &left) : NULL;
    Resource found;

    for (; p && read_resource(p, left, &found); p += found.whole, left -= found.whole)
        if (keep(found.number))
            g_byte_array_append(out, p, (guint) found.whole);
    return out->len ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}

GBytes *image_resources_write(const MetadataBlocks *blocks)
{
    static const unsigned char head[] = { '8', 'B', 'I', 'M', IPTC >> 8, IPTC & 0xff, 0, 0 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    size_t size = 0;
    const unsigned char *bytes = blocks->iptc ? g_bytes_get_data(blocks->iptc, &size) : NULL;
    guint32 length = GUINT32_TO_BE((guint32) size);

    if (size) {
        g_byte_array_append(out, head, sizeof(head));
        g_byte_array_append(out, (const unsigned char *) &length, sizeof(length));
        add_padded(out, bytes, size);
    }
    bytes = blocks->photoshop ? g_bytes_get_data(blocks->photoshop, &size) : NULL;
    if (bytes)
        add_padded(out, bytes, size);
    return out->len ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}
