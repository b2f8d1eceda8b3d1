/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 23008-12, A.2: EXIF is an item "Exif", whose first four bytes say how far it begins
 * behind them; XMP is one "mime" of the type application/rdf+xml. */
#include "actions/blocks_heif.h"

#include <string.h>

#include "actions/heif_items.h"

/* The bytes of an item; NULL: they are not all there. Newly allocated. */
static GBytes *read_item(Bytes *bytes, const Box *meta, const HeifItem *item)
{
    g_autoptr(GByteArray) data = g_byte_array_new();

    return heif_item_data(bytes, meta, item->number, BLOCK_MAX, data)
               ? g_byte_array_free_to_bytes(g_steal_pointer(&data))
               : NULL;
}

static GBytes *read_exif(Bytes *bytes, const Box *meta, const HeifItem *item)
{
    enum { OFFSET = 4 };
    g_autoptr(GBytes) data = read_item(bytes, meta, item);
    gsize size = 0;
    const unsigned char *content = data ? g_bytes_get_data(data, &size) : NULL;

    return size > OFFSET ? blocks_exif(content + OFFSET, size - OFFSET) : NULL;
}

/* Behind its name. */
static bool is_of_type(Bytes *bytes, const HeifItem *item, const char *type)
{
    enum { LOOK = 256 };
    size_t there = (size_t) MIN(LOOK, item->end > item->at ? item->end - item->at : 0);
    const char *text = there ? (const char *) bytes_at(bytes, item->at, there) : NULL;
    const char *behind = text ? memchr(text, '\0', there) : NULL;
    size_t length = strlen(type) + 1;

    return behind && (size_t) (text + there - behind - 1) >= length &&
           !memcmp(behind + 1, type, length);
}

static bool is_xmp(GBytes *packet)
{
    enum { LOOK = 1024 };
    gsize size = 0;
    const char *text = g_bytes_get_data(packet, &size);

    return size && g_strstr_len(text, (gssize) MIN(size, LOOK), "<rdf:RDF");
}

/* An item that may have metadata; false: it has none. */
static bool read_metadata(Bytes *bytes, const Box *meta, const HeifItem *item,
                          MetadataBlocks *blocks)
{
    if (!blocks->exif && !strcmp(item->type, "Exif")) {
        blocks->exif = read_exif(bytes, meta, item);
        return true;
    }
    if (blocks->xmp || strcmp(item->type, "mime") != 0 ||
        !is_of_type(bytes, item, "application/rdf+xml"))
        return false;
    g_autoptr(GBytes) packet = read_item(bytes, meta, item);
    if (packet && is_xmp(packet))
        blocks->xmp = g_steal_pointer(&packet);
    return true;
}

void blocks_heif_read(Bytes *bytes, MetadataBlocks *blocks)
{
    enum { READ_MAX = 16 }; /* of several, which may be damaged, each as large as the file */
    HeifItem item;
    Box meta, items;
    uint64_t at = 0;

    if (!heif_find_meta(bytes, &meta) || !heif_find_items(bytes, &meta, &items, &at))
        return;
    for (int read = 0; read < READ_MAX && heif_next_item(bytes, &items, &at, &item);)
        read += read_metadata(bytes, &meta, &item, blocks);
}
