/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_tiff.h"

#include <string.h>
#include <unistd.h>

#include "actions/copy_file.h"
#include "actions/exif_tree.h"
#include "actions/image_resources.h"
#include "formats/tiff.h"

enum { IPTC_MARK = 0x1c, ENTRY = 12, HEADER = 8, FIRST_DIRECTORY = 4 };

/* ---- reading ---- */

/* IPTC is often said to be numbers of four bytes, and some writers have turned each of them. */
static GBytes *iptc_of(const ExifTree *tree)
{
    const ExifEntry *entry = exif_entry_find(tree->blocks, TIFF_IPTC);
    size_t size = 0;
    const unsigned char *bytes = entry ? g_bytes_get_data(entry->value, &size) : NULL;

    if (bytes && bytes[0] == IPTC_MARK)
        return g_bytes_ref(entry->value);
    if (!bytes || size < 4 || bytes[3] != IPTC_MARK)
        return NULL;
    g_autofree guint32 *turned = g_malloc(size);
    memcpy(turned, bytes, size);
    for (size_t i = 0; i < size / 4; i++)
        turned[i] = GUINT32_SWAP_LE_BE(turned[i]);
    return g_bytes_new(turned, size & ~(size_t) 3);
}

/* Without the zeros that fill it up to numbers of four bytes. */
static GBytes *without_zeros(GBytes *iptc)
{
    size_t size = 0;
    const unsigned char *bytes = iptc ? g_bytes_get_data(iptc, &size) : NULL;
    size_t end = 0;

    while (bytes && end + 5 <= size && bytes[end] == IPTC_MARK) {
        size_t length = be16(bytes + end + 3);
        if (length & 0x8000 || length > size - end - 5)
            return g_bytes_ref(iptc); /* a large dataset, or a damaged one: as it is */
        end += 5 + length;
    }
    return end ? g_bytes_new(bytes, end) : NULL;
}

void blocks_tiff_read(Bytes *bytes, MetadataBlocks *blocks)
{
    blocks_tiff_read_page(bytes, tiff_picture(bytes), blocks);
}

void blocks_tiff_read_page(Bytes *bytes, uint64_t directory, MetadataBlocks *blocks)
{
    g_auto(ExifTree) tree = { 0 };

    if (!exif_tree_read_file(bytes, directory, &tree))
        return;
    blocks->density = exif_tree_density(&tree);
    if (!exif_tree_is_empty(&tree))
        blocks->exif = exif_tree_block(&tree);
    const ExifEntry *xmp = exif_entry_find(tree.blocks, TIFF_XMP);
    if (xmp)
        blocks->xmp = g_bytes_ref(xmp->value);
    g_autoptr(GBytes) iptc = iptc_of(&tree);
    blocks->iptc = without_zeros(iptc);
    const ExifEntry *photoshop = exif_entry_find(tree.blocks, TIFF_PHOTOSHOP);
    if (photoshop)
        image_resources_read(g_bytes_get_data(photoshop->value, NULL),
                             g_bytes_get_size(photoshop->value), blocks);
}

/* ---- writing ---- */

/* TIFF demands that something is said. */
static void add_density(GArray *own, Density density)
{
    enum { NONE = 1, INCH = 2, CM = 3 };
    bool known = density.unit != DENSITY_UNKNOWN;

    exif_entries_add_fraction(own, TIFF_X_RESOLUTION, false, known ? density.x : 1);
    exif_entries_add_fraction(own, TIFF_Y_RESOLUTION, false, known ? density.y : 1);
    exif_entries_add_short(own, TIFF_RESOLUTION_UNIT, false,
                           density.unit == DENSITY_INCH ? INCH
                           : density.unit == DENSITY_CM ? CM
                                                        : NONE);
}

static void add_block(GArray *own, unsigned tag, unsigned type, GBytes *block)
{
    if (block)
        exif_entries_add(own, tag, type, (uint32_t) g_bytes_get_size(block), g_bytes_ref(block));
}

/* As numbers of four bytes, which libtiff demands. */
static void add_iptc(GArray *own, GBytes *filled)
{
    if (filled)
        exif_entries_add(own, TIFF_IPTC, TYPE_LONG, (uint32_t) (g_bytes_get_size(filled) / 4),
                         g_bytes_ref(filled));
}

/* Whether an entry of the file gives way to what the blocks say. */
static bool is_replaced(unsigned tag, const GArray *own, const ExifTree *tree)
{
    return exif_entry_find(own, tag) || (tree && exif_entry_find(tree->parts[EXIF_MAIN], tag));
}

/* Entries of the file that the blocks say, or say no more. */
static bool is_said(const ExifTree *old, unsigned tag)
{
    bool density =
        tag == TIFF_X_RESOLUTION || tag == TIFF_Y_RESOLUTION || tag == TIFF_RESOLUTION_UNIT;

    return tag == EXIF_TO_PHOTO || tag == EXIF_TO_GPS || exif_entry_find(old->blocks, tag) ||
           (!density && exif_entry_find(old->parts[EXIF_MAIN], tag));
}

/* Adds the entries of the file's directory, but for what it said of `old` (NULL: nothing); false
 * where it is not one that we can write again. *next: where the directory of the next picture lies,
 * 0: there is none. */
static bool add_directory(Bytes *bytes, uint64_t at, GArray *own, const ExifTree *old,
                          const ExifTree *tree, uint32_t *next)
{
    const unsigned char *p = bytes_at(bytes, at, 2);
    unsigned entries = p ? le16(p) : 0;

    for (at += 2; entries; entries--, at += ENTRY) {
        p = bytes_at(bytes, at, ENTRY);
        if (!p)
            return false;
        if (!(old && is_said(old, le16(p))) && !is_replaced(le16(p), own, tree))
            exif_entries_add(own, le16(p), 0, 0, g_bytes_new(p, ENTRY));
    }
    p = bytes_at(bytes, at, 4);
    *next = p ? le32(p) : 0;
    return p;
}

static bool write_at(int fd, const void *bytes, size_t size, uint64_t at)
{
    return lseek(fd, (off_t) at, SEEK_SET) == (off_t) at && write_bytes(fd, bytes, size);
}

/* Lets the directory at `at` of what was made lead to the next one. */
static void set_next(GByteArray *made, uint32_t at, uint32_t next)
{
    unsigned char *directory = made->data + at;
    uint32_t little = GUINT32_TO_LE(next);

    memcpy(directory + 2 + (size_t) ENTRY * le16(directory), &little, sizeof(little));
}

/* Appends what was made, and then lets the header point to its directory. */
static bool append(int fd, uint64_t end, const GByteArray *made, uint32_t directory)
{
    uint32_t little = GUINT32_TO_LE(directory);

    return write_at(fd, made->data, made->len, end) &&
           write_at(fd, &little, sizeof(little), FIRST_DIRECTORY);
}

/* That it is one of several pages, and which: programs for faxes ask. */
static void add_page(GArray *own, const TiffPage *page)
{
    enum { NEW_SUBFILE = 254, OF_SEVERAL = 2, PAGE_NUMBER = 297 };
    const guint32 kind = GUINT32_TO_LE(OF_SEVERAL);
    const guint16 number[] = { GUINT16_TO_LE((guint16) page->number),
                               GUINT16_TO_LE((guint16) page->count) };

    if (!page->count || page->count > UINT16_MAX)
        return;
    exif_entries_add(own, NEW_SUBFILE, TYPE_LONG, 1, g_bytes_new(&kind, sizeof(kind)));
    exif_entries_add(own, PAGE_NUMBER, TYPE_SHORT, 2, g_bytes_new(number, sizeof(number)));
}

static void add_blocks(GArray *own, const MetadataBlocks *blocks)
{
    MetadataBlocks others = *blocks; /* borrowed */
    g_autoptr(GBytes) iptc = blocks->iptc ? image_resources_fill(blocks->iptc) : NULL;

    others.iptc = iptc;
    g_autoptr(GBytes) photoshop = image_resources_write(&others, false);
    add_block(own, TIFF_XMP, TYPE_BYTE, blocks->xmp);
    add_iptc(own, iptc);
    add_block(own, TIFF_PHOTOSHOP, TYPE_BYTE, photoshop);
}

bool blocks_tiff_write(int fd, const MetadataBlocks *blocks)
{
    g_autoptr(GArray) own = exif_entries_new();
    g_autoptr(GByteArray) made = g_byte_array_new();
    g_auto(ExifTree) tree = { 0 };
    bool has_exif = blocks->exif && exif_tree_read(blocks->exif, &tree);
    Bytes bytes;

    if (!bytes_begin(&bytes, fd, UINT64_MAX))
        return false;
    const unsigned char *header = bytes_at(&bytes, 0, HEADER);
    if (!header || memcmp(header, TIFF_MAGIC_LITTLE, 4) != 0 || bytes.size >= UINT32_MAX)
        return true;
    uint64_t end = bytes.size;
    uint64_t directory = le32(header + FIRST_DIRECTORY);
    uint32_t next = 0;
    add_page(own, &blocks->page);
    add_density(own, blocks->density);
    add_blocks(own, blocks);
    if (!add_directory(&bytes, directory, own, NULL, has_exif ? &tree : NULL, &next))
        return true;
    uint32_t at = exif_tree_append(has_exif ? &tree : NULL, own, (uint32_t) end, made);
    set_next(made, at - (uint32_t) end, next);
    return end + made->len > UINT32_MAX || append(fd, end, made, at);
}

/* ---- a TIFF of others ---- */

bool blocks_tiff_can_change(Bytes *bytes)
{
    const unsigned char *header = bytes_at(bytes, 0, HEADER);

    if (!header || memcmp(header, TIFF_MAGIC_LITTLE, 4) != 0 || bytes->size >= UINT32_MAX)
        return false;
    const uint64_t first = le32(header + FIRST_DIRECTORY); /* its bytes move with the next read */
    return tiff_picture(bytes) == first;
}

/* ---- where pixels lie ---- */

/* Of one directory: from the first of its strips or tiles to the end of the last. */
typedef struct Span {
    uint64_t from, to;
} Span;

static void note_span(const TiffReader *reader, const TiffEntry *starts, const TiffEntry *sizes,
                      GArray *spans)
{
    enum { PARTS_MAX = 100000 };
    Span span = { UINT64_MAX, 0 };

    for (uint64_t i = 0; i < MIN(starts->count, PARTS_MAX); i++) {
        uint64_t from = tiff_value(reader, starts, i), size = tiff_value(reader, sizes, i);
        span.from = MIN(span.from, from);
        span.to = MAX(span.to, size ? from + size : reader->bytes->size);
    }
    if (span.to)
        g_array_append_val(spans, span);
}

/* Each once. */
static void add_place(GArray *directories, uint64_t at)
{
    enum { DIRECTORIES_MAX = 1000 };

    for (guint i = 0; i < directories->len; i++)
        if (g_array_index(directories, uint64_t, i) == at)
            return;
    if (at && directories->len < DIRECTORIES_MAX)
        g_array_append_val(directories, at);
}

static void note_directory(TiffReader *reader, GArray *spans, GArray *directories)
{
    enum { STRIPS = 273, STRIP_SIZES = 279, TILES = 324, TILE_SIZES = 325, BELOW = 330, MOST = 64 };
    TiffEntry entry, starts = { 0 }, sizes = { 0 };

    while (tiff_entry(reader, &entry)) {
        if (entry.tag == STRIPS || entry.tag == TILES)
            starts = entry;
        else if (entry.tag == STRIP_SIZES || entry.tag == TILE_SIZES)
            sizes = entry;
        for (uint64_t i = 0; entry.tag == BELOW && i < MIN(entry.count, MOST); i++)
            add_place(directories, tiff_value(reader, &entry, i));
    }
    add_place(directories, tiff_next(reader));
    note_span(reader, &starts, &sizes, spans);
}

/* Of every directory, as Span; newly allocated. */
static GArray *pixels_of(Bytes *bytes)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(Span));
    g_autoptr(GArray) directories = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    TiffReader reader = { 0 };

    add_place(directories, tiff_begin(&reader, bytes));
    for (guint i = 0; i < directories->len; i++)
        if (tiff_enter(&reader, g_array_index(directories, uint64_t, i)))
            note_directory(&reader, spans, directories);
    return spans;
}

static bool is_of_pixels(const GArray *spans, uint64_t at, uint64_t length)
{
    for (guint i = 0; i < spans->len; i++) {
        const Span *span = &g_array_index(spans, Span, i);
        if (at < span->to && span->from < at + length)
            return true;
    }
    return false;
}

/* ---- what it said goes ---- */

/* As large as zeros can be: a damaged entry may name any bytes, and pixels are not ours. */
static bool is_text_of(const ExifTree *old, const TiffEntry *entry)
{
    enum { ASCII = 2 };

    return exif_entry_find(old->blocks, entry->tag) ||
           (entry->type == ASCII && exif_entry_find(old->parts[EXIF_MAIN], entry->tag));
}

static bool write_zeros(int fd, uint64_t at, uint64_t size)
{
    g_autofree unsigned char *zeros = g_malloc0(size);

    return write_at(fd, zeros, size, at);
}

typedef struct Blanking {
    int fd;
    Bytes *bytes;
    const ExifTree *old;
    const GArray *pixels; /* of Span */
} Blanking;

/* The values of a directory, and with `all` the directory itself. */
static bool blank(const Blanking *blanking, uint64_t at, bool all)
{
    Bytes *bytes = blanking->bytes;
    TiffReader reader = { 0 };
    TiffEntry entry;
    uint64_t start = at;

    tiff_begin(&reader, bytes);
    if (!at || !tiff_enter(&reader, at))
        return true;
    uint64_t size = 2 + reader.left * ENTRY;
    while (tiff_entry(&reader, &entry)) {
        uint64_t length = entry.count * tiff_type_size(entry.type);
        bool inside = length > 4 && length <= MIN(bytes->size, BLOCK_MAX) &&
                      entry.at <= bytes->size - length &&
                      !is_of_pixels(blanking->pixels, entry.at, length);
        if (inside && (all || is_text_of(blanking->old, &entry)) &&
            !write_zeros(blanking->fd, entry.at, length))
            return false;
    }
    return !all || is_of_pixels(blanking->pixels, start, size) ||
           write_zeros(blanking->fd, start, size);
}

/* Where the directory that an entry names lies; 0: there is none. */
static uint64_t directory_of(Bytes *bytes, uint64_t main, unsigned tag)
{
    TiffReader reader = { 0 };
    TiffEntry entry;

    tiff_begin(&reader, bytes);
    if (!tiff_enter(&reader, main))
        return 0;
    while (tiff_entry(&reader, &entry))
        if (entry.tag == tag)
            return tiff_value(&reader, &entry, 0);
    return 0;
}

static bool blank_old(int fd, Bytes *bytes, uint64_t main, const ExifTree *old)
{
    uint64_t photo = directory_of(bytes, main, EXIF_TO_PHOTO);
    uint64_t gps = directory_of(bytes, main, EXIF_TO_GPS);
    uint64_t interop = photo ? directory_of(bytes, photo, EXIF_TO_INTEROP) : 0;
    g_autoptr(GArray) pixels = pixels_of(bytes);
    const Blanking blanking = { fd, bytes, old, pixels };

    return blank(&blanking, main, false) && blank(&blanking, interop, true) &&
           blank(&blanking, photo, true) && blank(&blanking, gps, true);
}

/* *changed stays false where it is larger than a TIFF can be, or damaged. */
static bool change(int fd, Bytes *bytes, const ExifTree *old, const MetadataBlocks *blocks,
                   bool *changed)
{
    g_autoptr(GArray) own = exif_entries_new();
    g_autoptr(GByteArray) made = g_byte_array_new();
    g_auto(ExifTree) tree = { 0 };
    bool has_exif = blocks->exif && exif_tree_read(blocks->exif, &tree);
    uint64_t main = le32(bytes_at(bytes, FIRST_DIRECTORY, 4));
    uint32_t end = (uint32_t) bytes->size + (bytes->size & 1), next = 0;

    if (blocks->density.unit != DENSITY_UNKNOWN)
        add_density(own, blocks->density);
    add_blocks(own, blocks);
    if (!add_directory(bytes, main, own, old, has_exif ? &tree : NULL, &next))
        return true;
    uint32_t at = exif_tree_append(has_exif ? &tree : NULL, own, end, made);
    set_next(made, at - end, next);
    *changed = (uint64_t) end + made->len <= UINT32_MAX;
    return !*changed || (blank_old(fd, bytes, main, old) && append(fd, end, made, at));
}

bool blocks_tiff_change(int fd, const MetadataBlocks *blocks, bool *changed)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    g_auto(ExifTree) old = { 0 };

    *changed = false;
    if (!bytes_begin(bytes, fd, UINT64_MAX))
        return false;
    return !blocks_tiff_can_change(bytes) || !exif_tree_read_file(bytes, 0, &old) ||
           change(fd, bytes, &old, blocks, changed);
}
