/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/nclx.h"

#include <string.h>

#include "actions/heif_boxes.h"

enum {
    BUDGET = 4 * 1024 * 1024, /* bytes that are read */
    PROPERTIES_MAX = 1024,    /* more is no photo */
};

typedef struct Search {
    bool is_its_own[PROPERTIES_MAX]; /* of the main item, by the property's number */
    Nclx own, any;                   /* of the main item, and of the first that has one */
    bool has_own, has_any;
} Search;

static void mark(void *user, unsigned index)
{
    if (index < PROPERTIES_MAX)
        ((Search *) user)->is_its_own[index] = true;
}

static void read_colour(Search *search, Bytes *bytes, const Box *colr, bool own)
{
    enum { SIZE = 11, AT_RANGE = 10, FULL_RANGE = 0x80 };
    const unsigned char *p = bytes_at(bytes, colr->at + colr->header, SIZE);

    if (colr->length < colr->header + SIZE || !p || memcmp(p, "nclx", 4) != 0)
        return;
    const Nclx nclx = { { be16(p + 4), be16(p + 6) }, p[AT_RANGE] & FULL_RANGE };
    if (own && !search->has_own)
        search->own = nclx;
    if (!search->has_any)
        search->any = nclx;
    search->has_own |= own;
    search->has_any = true;
}

static void read_colours(Search *search, Bytes *bytes, const Box *meta)
{
    Box iprp, ipco, box;

    if (!heif_find(bytes, meta, HEIF_FULL_BOX, "iprp", &iprp) ||
        !heif_find(bytes, &iprp, 0, "ipco", &ipco))
        return;
    uint64_t at = ipco.at + ipco.header;
    for (unsigned index = 1; index < PROPERTIES_MAX && heif_next(bytes, &ipco, &at, &box); index++)
        if (strcmp(box.type, "colr") == 0)
            read_colour(search, bytes, &box, search->is_its_own[index]);
}

/* A picture of tiles may have its colours with the tiles only. */
bool nclx_read(int fd, Nclx *nclx)
{
    Search search = { .has_own = false };
    Bytes bytes;
    Box meta;

    if (!bytes_begin(&bytes, fd, BUDGET) || !heif_find_meta(&bytes, &meta))
        return false;
    heif_properties_of(&bytes, &meta, heif_main_item(&bytes, &meta), mark, &search);
    read_colours(&search, &bytes, &meta);
    *nclx = search.has_own ? search.own : search.any;
    return search.has_own || search.has_any;
}
