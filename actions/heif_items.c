/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_items.h"

#include <string.h>
#include <unistd.h>

/* ---- what they are ---- */

/* Of infe, versions 2 and 3. */
static bool read_entry(Bytes *bytes, const Box *infe, HeifItem *item)
{
    uint64_t p = infe->at + infe->header;
    uint64_t version = heif_number(bytes, &p, 1);

    p += 3;
    if (version < 2)
        return false;
    item->number = (uint32_t) heif_number(bytes, &p, version == 2 ? 2 : 4);
    const unsigned char *type = bytes_at(bytes, p + 2, 4);
    if (!type)
        return false;
    memcpy(item->type, type, 4);
    item->type[4] = '\0';
    item->at = p + 6;
    item->end = infe->at + infe->length;
    return true;
}

bool heif_find_items(Bytes *bytes, const Box *meta, Box *items, uint64_t *at)
{
    if (!heif_find(bytes, meta, HEIF_FULL_BOX, "iinf", items))
        return false;
    *at = items->at + items->header;
    *at += heif_number(bytes, at, 1) > 0 ? 7 : 5; /* flags and the count */
    return true;
}

bool heif_next_item(Bytes *bytes, const Box *items, uint64_t *at, HeifItem *item)
{
    Box infe;

    while (heif_next(bytes, items, at, &infe))
        if (read_entry(bytes, &infe, item))
            return true;
    return false;
}

/* ---- where they lie ---- */

static bool append_extent(Bytes *bytes, uint64_t at, uint64_t length, uint64_t most,
                          GByteArray *data)
{
    guint have = data->len;

    if (!bytes_in_file(bytes, at, length) || have + length > most)
        return false;
    g_byte_array_set_size(data, have + (guint) length);
    return pread(bytes->fd, data->data + have, length, (off_t) at) == (ssize_t) length;
}

/* The sizes of the numbers in iloc. */
typedef struct Sizes {
    unsigned version, offset, length, base, index, item;
} Sizes;

/* Reads the extents of one item; appends their bytes where it is the wanted one. */
static bool read_location(Bytes *bytes, const Box *meta, const Sizes *sizes, uint64_t *at,
                          uint32_t item, uint64_t end, uint64_t most, GByteArray *data)
{
    bool own = heif_number(bytes, at, sizes->item) == item;
    uint64_t method = sizes->version > 0 ? heif_number(bytes, at, 2) & 15 : 0;
    uint64_t elsewhere = heif_number(bytes, at, 2);
    uint64_t base = heif_number(bytes, at, sizes->base);
    uint64_t extents = heif_number(bytes, at, 2);
    Box idat;

    if (own && method == 1 && heif_find(bytes, meta, HEIF_FULL_BOX, "idat", &idat))
        base += idat.at + idat.header;
    for (; extents && *at < end; extents--) {
        *at += sizes->version > 0 ? sizes->index : 0;
        uint64_t offset = heif_number(bytes, at, sizes->offset);
        uint64_t length = heif_number(bytes, at, sizes->length);
        if (own && (method > 1 || elsewhere || !length ||
                    !append_extent(bytes, base + offset, length, most, data)))
            return false;
    }
    return own;
}

bool heif_item_data(Bytes *bytes, const Box *meta, uint32_t item, uint64_t most, GByteArray *data)
{
    Box iloc;

    if (!heif_find(bytes, meta, HEIF_FULL_BOX, "iloc", &iloc))
        return false;
    uint64_t at = iloc.at + iloc.header, end = iloc.at + iloc.length;
    Sizes sizes = { .version = (unsigned) heif_number(bytes, &at, 1) };
    at += 3;
    unsigned packed = (unsigned) heif_number(bytes, &at, 2);
    sizes.offset = MIN(packed >> 12, 8);
    sizes.length = MIN(packed >> 8 & 15, 8);
    sizes.base = MIN(packed >> 4 & 15, 8);
    sizes.index = packed & 15;
    sizes.item = sizes.version < 2 ? 2 : 4;
    for (uint64_t items = heif_number(bytes, &at, sizes.item); items && at < end; items--) {
        if (read_location(bytes, meta, &sizes, &at, item, end, most, data))
            return true;
        if (data->len) /* a part of it is nowhere */
            return false;
    }
    return false;
}
