/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_data.h"

#include <string.h>

#include "actions/heif_items.h"

enum {
    BUDGET = 16 * 1024 * 1024, /* of the boxes; coded data is read apart */
    TILES_MAX = 4096,
    DATA_MAX = 256 * 1024 * 1024, /* of one tile */
    CONFIG_MAX = BYTES_MAX_READ,
};

typedef struct Reader {
    Bytes bytes;
    Box meta;
} Reader;

/* ---- items ---- */

static void read_type(Reader *reader, uint32_t item, char type[5])
{
    Bytes *bytes = &reader->bytes;
    HeifItem found;
    Box items;
    uint64_t at = 0;

    type[0] = '\0';
    if (!heif_find_items(bytes, &reader->meta, &items, &at))
        return;
    while (heif_next_item(bytes, &items, &at, &found))
        if (found.number == item) {
            memcpy(type, found.type, sizeof(found.type));
            return;
        }
}

/* Begins to walk over what items say of each other: the box, where its first part lies, and the
 * bytes of an item's number. False where there is nothing. */
static bool begin_references(Reader *reader, Box *iref, uint64_t *at, unsigned *size)
{
    Bytes *bytes = &reader->bytes;

    if (!heif_find(bytes, &reader->meta, HEIF_FULL_BOX, "iref", iref))
        return false;
    *at = iref->at + iref->header;
    *size = heif_number(bytes, at, 1) > 0 ? 4 : 2; /* by its version; flags follow */
    *at += 3;
    return true;
}

/* The items that the main one is made of. */
static GArray *read_tiles(Reader *reader, uint32_t item)
{
    GArray *tiles = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    Bytes *bytes = &reader->bytes;
    Box iref, box;
    uint64_t at = 0;
    unsigned size = 0;

    if (!begin_references(reader, &iref, &at, &size))
        return tiles;
    while (heif_next(bytes, &iref, &at, &box)) {
        uint64_t p = box.at + box.header;
        if (strcmp(box.type, "dimg") != 0 || heif_number(bytes, &p, size) != item)
            continue;
        uint64_t count = heif_number(bytes, &p, 2);
        for (; count && p < box.at + box.length && tiles->len < TILES_MAX; count--) {
            uint32_t tile = (uint32_t) heif_number(bytes, &p, size);
            g_array_append_val(tiles, tile);
        }
    }
    return tiles;
}

/* ---- what an item has ---- */

typedef struct Wanted {
    unsigned indexes[64];
    unsigned count;
} Wanted;

static void want(void *user, unsigned index)
{
    Wanted *wanted = user;

    if (wanted->count < G_N_ELEMENTS(wanted->indexes))
        wanted->indexes[wanted->count++] = index;
}

static bool is_wanted(const Wanted *wanted, unsigned index)
{
    for (unsigned i = 0; i < wanted->count; i++)
        if (wanted->indexes[i] == index)
            return true;
    return false;
}

static bool is_config(const Box *box)
{
    return strcmp(box->type, "hvcC") == 0 || strcmp(box->type, "av1C") == 0;
}

static void read_config(Reader *reader, uint32_t item, GByteArray *config)
{
    Bytes *bytes = &reader->bytes;
    Wanted wanted = { .count = 0 };
    Box iprp, ipco, box;

    if (!heif_find(bytes, &reader->meta, HEIF_FULL_BOX, "iprp", &iprp) ||
        !heif_find(bytes, &iprp, 0, "ipco", &ipco))
        return;
    heif_properties_of(bytes, &reader->meta, item, want, &wanted);
    uint64_t at = ipco.at + ipco.header;
    for (unsigned index = 1; heif_next(bytes, &ipco, &at, &box); index++) {
        uint64_t length = box.length - box.header;
        if (!is_config(&box) || length > CONFIG_MAX || !is_wanted(&wanted, index))
            continue;
        const unsigned char *p = bytes_at(bytes, box.at + box.header, (size_t) length);
        if (p)
            g_byte_array_append(config, p, (guint) length);
        return;
    }
}

/* ---- each ---- */

static bool check_item(Reader *reader, uint32_t item, double share,
                       bool (*check)(void *user, const HeifData *data, double share), void *user)
{
    g_autoptr(GByteArray) config = g_byte_array_new();
    g_autoptr(GByteArray) coded = g_byte_array_new();
    HeifData data = { .config = config, .data = coded };

    read_type(reader, item, data.type);
    read_config(reader, item, config);
    return !heif_item_data(&reader->bytes, &reader->meta, item, DATA_MAX, coded) ||
           check(user, &data, share);
}

static void check_tiles(Reader *reader, uint32_t item,
                        bool (*check)(void *user, const HeifData *data, double share), void *user)
{
    g_autoptr(GArray) tiles = read_tiles(reader, item);

    if (!tiles->len)
        g_array_append_val(tiles, item);
    for (guint i = 0; i < tiles->len; i++)
        if (!check_item(reader, g_array_index(tiles, uint32_t, i), (double) i / tiles->len, check,
                        user))
            return;
}

void heif_data_each(int fd, bool (*check)(void *user, const HeifData *data, double share),
                    void *user)
{
    g_autofree Reader *reader = g_new0(Reader, 1);

    if (bytes_begin(&reader->bytes, fd, BUDGET) && heif_find_meta(&reader->bytes, &reader->meta))
        check_tiles(reader, heif_main_item(&reader->bytes, &reader->meta), check, user);
}

/* ---- alpha ---- */

/* Whether auxC says that the item is an alpha: in the words of MIAF, of HEIF for HEVC, or AVC. */
static bool is_alpha(Reader *reader, uint32_t item)
{
    static const char *const kinds[] = { "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
                                         "urn:mpeg:hevc:2015:auxid:1",
                                         "urn:mpeg:avc:2015:auxid:1" };
    Wanted wanted = { .count = 0 };
    Box box;

    heif_properties_of(&reader->bytes, &reader->meta, item, want, &wanted);
    for (unsigned i = 0; i < wanted.count; i++) {
        if (!heif_property(&reader->bytes, &reader->meta, wanted.indexes[i], &box) ||
            strcmp(box.type, "auxC") != 0)
            continue;
        for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
            size_t size = strlen(kinds[k]) + 1;
            const unsigned char *p =
                bytes_at(&reader->bytes, box.at + box.header + HEIF_FULL_BOX, size);
            if (p && memcmp(p, kinds[k], size) == 0)
                return true;
        }
    }
    return false;
}

/* Whether the reference, of item numbers of `size` bytes, leads to the item; *from is whose it is.
 */
static bool leads_to(Bytes *bytes, const Box *reference, unsigned size, uint32_t item,
                     uint32_t *from)
{
    uint64_t at = reference->at + reference->header;

    *from = (uint32_t) heif_number(bytes, &at, size);
    for (uint64_t count = heif_number(bytes, &at, 2);
         count && at < reference->at + reference->length; count--)
        if (heif_number(bytes, &at, size) == item)
            return true;
    return false;
}

static bool find_alpha(Reader *reader, uint32_t item, uint32_t *alpha)
{
    Bytes *bytes = &reader->bytes;
    Box iref, box;
    uint64_t at = 0;
    unsigned size = 0;

    if (!begin_references(reader, &iref, &at, &size))
        return false;
    while (heif_next(bytes, &iref, &at, &box))
        if (strcmp(box.type, "auxl") == 0 && leads_to(bytes, &box, size, item, alpha) &&
            is_alpha(reader, *alpha))
            return true;
    return false;
}

void heif_data_each_of_alpha(int fd, bool (*check)(void *user, const HeifData *data, double share),
                             void *user)
{
    g_autofree Reader *reader = g_new0(Reader, 1);
    uint32_t alpha = 0;

    if (bytes_begin(&reader->bytes, fd, BUDGET) && heif_find_meta(&reader->bytes, &reader->meta) &&
        find_alpha(reader, heif_main_item(&reader->bytes, &reader->meta), &alpha))
        check_tiles(reader, alpha, check, user);
}
