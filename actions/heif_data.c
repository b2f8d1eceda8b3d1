/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/heif_data.h"

#include <string.h>
#include <unistd.h>

#include "actions/heif_boxes.h"

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

/* Of infe, versions 2 and 3. */
static void read_type(Reader *reader, uint32_t item, char type[5])
{
    Bytes *bytes = &reader->bytes;
    Box iinf, infe;

    type[0] = '\0';
    if (!heif_find(bytes, &reader->meta, HEIF_FULL_BOX, "iinf", &iinf))
        return;
    uint64_t at = iinf.at + iinf.header;
    at += heif_number(bytes, &at, 1) > 0 ? 7 : 5; /* flags and the count */
    while (heif_next(bytes, &iinf, &at, &infe)) {
        uint64_t p = infe.at + infe.header;
        uint64_t version = heif_number(bytes, &p, 1);
        p += 3;
        if (version < 2 || heif_number(bytes, &p, version == 2 ? 2 : 4) != item)
            continue;
        const unsigned char *name = bytes_at(bytes, p + 2, 4);
        if (name)
            memcpy(type, name, 4);
        type[4] = '\0';
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

static bool append_extent(Reader *reader, uint64_t at, uint64_t length, GByteArray *data)
{
    guint have = data->len;

    if (!bytes_in_file(&reader->bytes, at, length) || have + length > DATA_MAX)
        return false;
    g_byte_array_set_size(data, have + (guint) length);
    return pread(reader->bytes.fd, data->data + have, length, (off_t) at) == (ssize_t) length;
}

/* The sizes of the numbers in iloc. */
typedef struct Sizes {
    unsigned version, offset, length, base, index, item;
} Sizes;

/* Reads the extents of one item; appends their bytes where it is the wanted one. */
static bool read_location(Reader *reader, const Sizes *sizes, uint64_t *at, uint32_t item,
                          uint64_t end, GByteArray *data)
{
    Bytes *bytes = &reader->bytes;
    bool own = heif_number(bytes, at, sizes->item) == item;
    uint64_t method = sizes->version > 0 ? heif_number(bytes, at, 2) & 15 : 0;
    uint64_t elsewhere = heif_number(bytes, at, 2);
    uint64_t base = heif_number(bytes, at, sizes->base);
    uint64_t extents = heif_number(bytes, at, 2);
    Box idat;

    if (own && method == 1 && heif_find(bytes, &reader->meta, HEIF_FULL_BOX, "idat", &idat))
        base += idat.at + idat.header;
    for (; extents && *at < end; extents--) {
        *at += sizes->version > 0 ? sizes->index : 0;
        uint64_t offset = heif_number(bytes, at, sizes->offset);
        uint64_t length = heif_number(bytes, at, sizes->length);
        if (own && (method > 1 || elsewhere || !length ||
                    !append_extent(reader, base + offset, length, data)))
            return false;
    }
    return own;
}

static bool read_data(Reader *reader, uint32_t item, GByteArray *data)
{
    Bytes *bytes = &reader->bytes;
    Box iloc;

    if (!heif_find(bytes, &reader->meta, HEIF_FULL_BOX, "iloc", &iloc))
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
        if (read_location(reader, &sizes, &at, item, end, data))
            return true;
        if (data->len) /* a part of it is nowhere */
            return false;
    }
    return false;
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
    return !read_data(reader, item, coded) || check(user, &data, share);
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
