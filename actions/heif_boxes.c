/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_boxes.h"

#include <string.h>

bool heif_next(Bytes *bytes, const Box *parent, uint64_t *at, Box *box)
{
    uint64_t end = parent->at + parent->length;

    if (*at >= end || !box_read(bytes, *at, box) || box->length > end - *at ||
        box->length < box->header)
        return false;
    *at += box->length;
    return true;
}

bool heif_find(Bytes *bytes, const Box *parent, uint64_t skip, const char *type, Box *box)
{
    uint64_t at = parent->at + parent->header + skip;

    while (heif_next(bytes, parent, &at, box))
        if (strcmp(box->type, type) == 0)
            return true;
    return false;
}

bool heif_find_meta(Bytes *bytes, Box *meta)
{
    const Box file = { .length = bytes->size };

    return heif_find(bytes, &file, 0, "meta", meta);
}

uint64_t heif_number(Bytes *bytes, uint64_t *at, unsigned size)
{
    const unsigned char *p = size ? bytes_at(bytes, *at, size) : NULL;
    uint64_t value = 0;

    for (unsigned i = 0; p && i < size; i++)
        value = value << 8 | p[i];
    *at += size;
    return value;
}

uint32_t heif_main_item(Bytes *bytes, const Box *meta)
{
    Box pitm;

    if (!heif_find(bytes, meta, HEIF_FULL_BOX, "pitm", &pitm))
        return 0;
    uint64_t at = pitm.at + pitm.header;
    bool wide = heif_number(bytes, &at, 1) > 0;
    at += 3;
    return (uint32_t) heif_number(bytes, &at, wide ? 4 : 2);
}

/* Whether the item is among them: it is there once. */
static bool read_associations(Bytes *bytes, const Box *ipma, uint32_t item,
                              void (*found)(void *user, unsigned index), void *user)
{
    uint64_t at = ipma->at + ipma->header, end = ipma->at + ipma->length;
    bool wide_item = heif_number(bytes, &at, 1) > 0;
    unsigned size = heif_number(bytes, &at, 3) & 1 ? 2 : 1;
    uint64_t items = heif_number(bytes, &at, 4);

    for (; items && at < end; items--) {
        bool own = heif_number(bytes, &at, wide_item ? 4 : 2) == item;
        for (uint64_t count = heif_number(bytes, &at, 1); count && at < end; count--) {
            uint64_t index = heif_number(bytes, &at, size) & (size == 2 ? 0x7fff : 0x7f);
            if (own)
                found(user, (unsigned) index);
        }
        if (own)
            return true;
    }
    return false;
}

void heif_properties_of(Bytes *bytes, const Box *meta, uint32_t item,
                        void (*found)(void *user, unsigned index), void *user)
{
    Box iprp, box;

    if (!heif_find(bytes, meta, HEIF_FULL_BOX, "iprp", &iprp))
        return;
    for (uint64_t at = iprp.at + iprp.header; heif_next(bytes, &iprp, &at, &box);)
        if (strcmp(box.type, "ipma") == 0 && read_associations(bytes, &box, item, found, user))
            return;
}

bool heif_property(Bytes *bytes, const Box *meta, unsigned index, Box *box)
{
    Box iprp, ipco;

    if (!index || !heif_find(bytes, meta, HEIF_FULL_BOX, "iprp", &iprp) ||
        !heif_find(bytes, &iprp, 0, "ipco", &ipco))
        return false;
    uint64_t at = ipco.at + ipco.header;
    while (index && heif_next(bytes, &ipco, &at, box))
        index--;
    return index == 0;
}
