/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/nclx.h"

#include <string.h>

#include "formats/bytes.h"

enum {
    FULL_BOX = 4,             /* version and flags */
    BUDGET = 4 * 1024 * 1024, /* bytes that are read */
    PROPERTIES_MAX = 1024,    /* more is no photo */
};

typedef struct Search {
    Bytes bytes;
    uint32_t item;                   /* the main one */
    bool is_its_own[PROPERTIES_MAX]; /* by the property's number, from 1 */
    Cicp own, any;                   /* of the main item, and of the first that has one */
    bool has_own, has_any;
} Search;

/* The next box inside `parent`, `*at` behind it; false at the end, and where boxes are damaged. */
static bool next(Search *search, const Box *parent, uint64_t *at, Box *box)
{
    uint64_t end = parent->at + parent->length;

    if (*at >= end || !box_read(&search->bytes, *at, box) || box->length > end - *at ||
        box->length < box->header)
        return false;
    *at += box->length;
    return true;
}

static bool find(Search *search, const Box *parent, uint64_t skip, const char *type, Box *box)
{
    uint64_t at = parent->at + parent->header + skip;

    while (next(search, parent, &at, box))
        if (strcmp(box->type, type) == 0)
            return true;
    return false;
}

static bool find_meta(Search *search, Box *meta)
{
    const Box file = { .length = search->bytes.size };

    return find(search, &file, 0, "meta", meta);
}

/* The number of `size` (1 to 4) bytes at *at, which moves behind it; 0 where the file ends. */
static uint32_t number(Search *search, uint64_t *at, unsigned size)
{
    const unsigned char *p = bytes_at(&search->bytes, *at, size);
    uint32_t value = 0;

    for (unsigned i = 0; p && i < size; i++)
        value = value << 8 | p[i];
    *at += size;
    return value;
}

static void read_main_item(Search *search, const Box *meta)
{
    Box pitm;

    if (!find(search, meta, FULL_BOX, "pitm", &pitm))
        return;
    uint64_t at = pitm.at + pitm.header;
    bool wide = number(search, &at, 1) > 0;
    at += 3;
    search->item = number(search, &at, wide ? 4 : 2);
}

/* Marks the properties of the main item. */
static void read_associations(Search *search, const Box *ipma)
{
    uint64_t at = ipma->at + ipma->header, end = ipma->at + ipma->length;
    bool wide_item = number(search, &at, 1) > 0;
    unsigned size = number(search, &at, 3) & 1 ? 2 : 1;
    uint32_t items = number(search, &at, 4);

    for (; items && at < end; items--) {
        bool own = number(search, &at, wide_item ? 4 : 2) == search->item;
        for (uint32_t count = number(search, &at, 1); count && at < end; count--) {
            uint32_t index = number(search, &at, size) & (size == 2 ? 0x7fff : 0x7f);
            if (own && index < PROPERTIES_MAX)
                search->is_its_own[index] = true;
        }
    }
}

static void read_colour(Search *search, const Box *colr, bool own)
{
    uint64_t at = colr->at + colr->header;
    const unsigned char *p = bytes_at(&search->bytes, at, 8);

    if (colr->length < colr->header + 8 || !p || memcmp(p, "nclx", 4) != 0)
        return;
    const Cicp cicp = { be16(p + 4), be16(p + 6) };
    if (own && !search->has_own)
        search->own = cicp;
    if (!search->has_any)
        search->any = cicp;
    search->has_own |= own;
    search->has_any = true;
}

static void read_properties(Search *search, const Box *meta)
{
    Box iprp, ipco, box;

    if (!find(search, meta, FULL_BOX, "iprp", &iprp) || !find(search, &iprp, 0, "ipco", &ipco))
        return;
    for (uint64_t at = iprp.at + iprp.header; next(search, &iprp, &at, &box);)
        if (strcmp(box.type, "ipma") == 0)
            read_associations(search, &box);

    uint64_t at = ipco.at + ipco.header;
    for (unsigned index = 1; index < PROPERTIES_MAX && next(search, &ipco, &at, &box); index++)
        if (strcmp(box.type, "colr") == 0)
            read_colour(search, &box, search->is_its_own[index]);
}

/* A picture of tiles may have its colours with the tiles only. */
bool nclx_read(int fd, Cicp *cicp)
{
    g_autofree Search *search = g_new0(Search, 1);
    Box meta;

    if (!bytes_begin(&search->bytes, fd, BUDGET) || !find_meta(search, &meta))
        return false;
    read_main_item(search, &meta);
    read_properties(search, &meta);
    *cicp = search->has_own ? search->own : search->any;
    return search->has_own || search->has_any;
}
