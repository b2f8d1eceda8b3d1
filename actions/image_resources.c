/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/image_resources.h"

#include <string.h>

#include "formats/bytes.h"

enum {
    IPTC = 1028,
    IPTC_DIGEST = 1061,
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
        1033,        1036, /* thumbnails */
        1039,              /* the colour profile */
        1058,        1059, /* EXIF */
        1060,              /* XMP */
        IPTC_DIGEST,
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

GBytes *image_resources_fill(GBytes *iptc)
{
    GByteArray *filled = g_byte_array_new();

    g_byte_array_append(filled, g_bytes_get_data(iptc, NULL), (unsigned) g_bytes_get_size(iptc));
    while (filled->len % 4)
        g_byte_array_append(filled, (const unsigned char *) "", 1);
    return g_byte_array_free_to_bytes(filled);
}

static void md5(GBytes *of, guint8 digest[16])
{
    gsize size = sizeof(((IptcDigest *) NULL)->bytes);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);

    g_checksum_update(sum, g_bytes_get_data(of, NULL), (gssize) g_bytes_get_size(of));
    g_checksum_get_digest(sum, digest, &size);
}

static void read_digest(const Resource *resource, IptcDigest *digest)
{
    if (resource->size != sizeof(digest->bytes))
        return;
    digest->said = true;
    memcpy(digest->bytes, resource->data, sizeof(digest->bytes));
}

static bool is_digest_of(GBytes *iptc, const IptcDigest *digest)
{
    guint8 now[sizeof(digest->bytes)];

    md5(iptc, now);
    return memcmp(now, digest->bytes, sizeof(now)) == 0;
}

static void compare_digest(MetadataBlocks *blocks)
{
    IptcDigest *digest = &blocks->iptc_digest;

    if (!blocks->iptc || !digest->said)
        return;
    g_autoptr(GBytes) filled = image_resources_fill(blocks->iptc);
    digest->differs = !is_digest_of(blocks->iptc, digest) && !is_digest_of(filled, digest);
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
        } else if (found.number == IPTC_DIGEST) {
            read_digest(&found, &blocks->iptc_digest);
        } else if (!is_left_out(found.number)) {
            add_padded(others, found.start, (size_t) (found.data - found.start) + found.size);
        }
    }
    compare_digest(blocks);
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

static void add_resource(GByteArray *to, unsigned number, const void *bytes, size_t size)
{
    const unsigned char head[] = {
        '8', 'B', 'I', 'M', (unsigned char) (number >> 8), (unsigned char) number, 0, 0
    };
    guint32 length = GUINT32_TO_BE((guint32) size);

    g_byte_array_append(to, head, sizeof(head));
    g_byte_array_append(to, (const unsigned char *) &length, sizeof(length));
    add_padded(to, bytes, size);
}

/* A save may have left datasets out: IPTC stays in step with XMP, or stays newer. */
static void add_digest(GByteArray *to, const MetadataBlocks *blocks)
{
    IptcDigest digest = blocks->iptc_digest;

    if (!digest.said || !blocks->iptc)
        return;
    if (!digest.differs)
        md5(blocks->iptc, digest.bytes);
    add_resource(to, IPTC_DIGEST, digest.bytes, sizeof(digest.bytes));
}

GBytes *image_resources_write(const MetadataBlocks *blocks, bool iptc)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    size_t size = blocks->iptc ? g_bytes_get_size(blocks->iptc) : 0;

    if (iptc && size)
        add_resource(out, IPTC, g_bytes_get_data(blocks->iptc, NULL), size);
    add_digest(out, blocks);
    const unsigned char *bytes =
        blocks->photoshop ? g_bytes_get_data(blocks->photoshop, &size) : NULL;
    if (bytes)
        add_padded(out, bytes, size);
    return out->len ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}
