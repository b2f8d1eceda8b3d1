/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/exif_edit.h"

#include <string.h>

#include "actions/exif_tree.h"
#include "formats/tiff.h"

enum {
    ENTRY = 12,
    VALUE = 8, /* where the value stands in an entry */
    POINTER_PHOTO = 34665,
    THUMBNAIL_AT = 513,
    THUMBNAIL_SIZE = 514,
    PIXEL_WIDTH = 40962,
    PIXEL_HEIGHT = 40963,
};

typedef struct Block {
    TiffLayout layout;
    unsigned char *bytes;
    size_t size;
} Block;

/* One directory that lies in the block as a whole. */
typedef struct Directory {
    unsigned char *first; /* entry; NULL: there is none */
    unsigned count;
    unsigned char *next; /* where the position of the next directory stands */
} Directory;

static uint32_t get(const Block *block, const unsigned char *p, unsigned size)
{
    return (uint32_t) tiff_number(&block->layout, p, size);
}

static void put(const Block *block, unsigned char *p, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[block->layout.big_endian ? size - 1 - i : i] = (unsigned char) (value >> 8 * i);
}

static Directory directory_at(const Block *block, size_t at)
{
    Directory directory = { 0 };

    if (at < 8 || at + 2 > block->size)
        return directory;
    unsigned count = get(block, block->bytes + at, 2);
    if (block->size - at < 2 + (size_t) count * ENTRY + 4)
        return directory;
    return (Directory){ block->bytes + at + 2, count,
                        block->bytes + at + 2 + (size_t) count * ENTRY };
}

static unsigned char *find(const Block *block, const Directory *directory, unsigned tag)
{
    for (unsigned i = 0; directory->first && i < directory->count; i++)
        if (get(block, directory->first + (size_t) i * ENTRY, 2) == tag)
            return directory->first + (size_t) i * ENTRY;
    return NULL;
}

/* The value of a tag that is one number; 0 where it is missing. */
static uint32_t number(const Block *block, const Directory *directory, unsigned tag)
{
    const unsigned char *entry = find(block, directory, tag);

    if (!entry)
        return 0;
    return get(block, entry + VALUE, get(block, entry + 2, 2) == TYPE_SHORT ? 2 : 4);
}

static void set(const Block *block, const Directory *directory, unsigned tag, int value)
{
    unsigned char *entry = find(block, directory, tag);
    unsigned type = entry ? get(block, entry + 2, 2) : 0;

    if (!entry || get(block, entry + 4, 4) != 1 || (type != TYPE_SHORT && type != TYPE_LONG))
        return;
    memset(entry + VALUE, 0, 4);
    put(block, entry + VALUE, (uint32_t) value, type == TYPE_SHORT && value <= UINT16_MAX ? 2 : 4);
    if (value > UINT16_MAX)
        put(block, entry + 2, TYPE_LONG, 2);
}

/* Blanks what a thumbnail takes, and cuts it off where nothing follows. */
static void blank(Block *block, size_t at, size_t size)
{
    if (at < 8 || at > block->size || size > block->size - at)
        return;
    memset(block->bytes + at, 0, size);
    if (at + size == block->size)
        block->size = at;
}

static void blank_values(Block *block, const Directory *directory)
{
    for (unsigned i = directory->count; i-- > 0;) {
        const unsigned char *entry = directory->first + (size_t) i * ENTRY;
        uint64_t size =
            (uint64_t) get(block, entry + 4, 4) * tiff_type_size(get(block, entry + 2, 2));
        if (size > 4 && size <= block->size)
            blank(block, get(block, entry + VALUE, 4), (size_t) size);
    }
}

/* The second directory is the thumbnail's. */
static void remove_thumbnail(Block *block, const Directory *main)
{
    size_t at = main->first ? get(block, main->next, 4) : 0;
    Directory directory = directory_at(block, at);

    if (main->first)
        memset(main->next, 0, 4);
    if (!directory.first || directory.first == main->first)
        return;
    blank(block, number(block, &directory, THUMBNAIL_AT),
          number(block, &directory, THUMBNAIL_SIZE));
    blank_values(block, &directory);
    blank(block, at, 2 + (size_t) directory.count * ENTRY + 4);
}

GBytes *exif_edit(GBytes *exif, const ExifTruth *truth)
{
    size_t size = 0;
    const unsigned char *old = g_bytes_get_data(exif, &size);
    Block block = { .layout = tiff_layout(old), .bytes = g_memdup2(old, size), .size = size };
    Directory main = directory_at(&block, get(&block, old + 4, 4));
    uint32_t photo_at = number(&block, &main, POINTER_PHOTO);

    remove_thumbnail(&block, &main);
    Directory photo = directory_at(&block, photo_at);
    if (truth->upright)
        set(&block, &main, TIFF_ORIENTATION, 1);
    set(&block, &photo, PIXEL_WIDTH, truth->width);
    set(&block, &photo, PIXEL_HEIGHT, truth->height);
    return g_bytes_new_take(block.bytes, block.size);
}
