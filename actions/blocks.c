/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks.h"

#include <string.h>

static GBytes *share(GBytes *bytes)
{
    return bytes ? g_bytes_ref(bytes) : NULL;
}

MetadataBlocks metadata_blocks_copy(const MetadataBlocks *blocks)
{
    return (MetadataBlocks){
        .exif = share(blocks->exif),
        .xmp = share(blocks->xmp),
        .iptc = share(blocks->iptc),
        .iptc_digest = blocks->iptc_digest,
        .photoshop = share(blocks->photoshop),
        .comment = g_strdup(blocks->comment),
        .png_texts = share(blocks->png_texts),
        .density = blocks->density,
        .page = blocks->page,
    };
}

void metadata_blocks_clear(MetadataBlocks *blocks)
{
    g_clear_pointer(&blocks->exif, g_bytes_unref);
    g_clear_pointer(&blocks->xmp, g_bytes_unref);
    g_clear_pointer(&blocks->iptc, g_bytes_unref);
    g_clear_pointer(&blocks->photoshop, g_bytes_unref);
    g_clear_pointer(&blocks->comment, g_free);
    g_clear_pointer(&blocks->png_texts, g_bytes_unref);
    blocks->iptc_digest = (IptcDigest){ 0 };
    blocks->density = (Density){ 0 };
}

GByteArray *blocks_read(Bytes *bytes, uint64_t at, uint64_t length)
{
    g_autoptr(GByteArray) data = g_byte_array_new();

    if (length > BLOCK_MAX)
        return NULL;
    g_byte_array_set_size(data, (unsigned) length);
    return bytes_copy(bytes, at, data->data, length) ? g_steal_pointer(&data) : NULL;
}

void blocks_replace(GBytes **block, GBytes *with)
{
    g_bytes_unref(*block);
    *block = with;
}

bool blocks_is_exif(const void *bytes, size_t size)
{
    enum { SMALLEST = 8 + 2 + 4 };

    return size >= SMALLEST && (!memcmp(bytes, "II*\0", 4) || !memcmp(bytes, "MM\0*", 4));
}

GBytes *blocks_exif(const void *bytes, size_t size)
{
    enum { SEGMENT_HEAD = 4 };
    static const char mark[] = { 'E', 'x', 'i', 'f', 0, 0 };
    const char *start = bytes;

    if (size > SEGMENT_HEAD && memcmp(start, "\xff\xe1", 2) == 0) {
        start += SEGMENT_HEAD;
        size -= SEGMENT_HEAD;
    }
    while (size > sizeof(mark) && memcmp(start, mark, sizeof(mark)) == 0) {
        start += sizeof(mark);
        size -= sizeof(mark);
    }
    return size <= BLOCK_MAX && blocks_is_exif(start, size) ? g_bytes_new(start, size) : NULL;
}
