/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/exif_tree.h"

#include <string.h>

#include "formats/tiff.h"

enum {
    POINTER_PHOTO = 34665,
    POINTER_GPS = 34853,
    POINTER_INTEROP = 40965,
    MAKER_NOTES = 37500,
    PADDING = 59932, /* room that Windows leaves for changes */
    ENTRIES_MAX = 1000,
    ENTRY = 12, /* bytes in a directory that is no BigTIFF's */
    HEADER = 8,
};

/* ---- reading ---- */

typedef struct Source {
    TiffReader reader;
    uint64_t left; /* bytes of values that may still be copied */
} Source;

static void entry_clear(void *data)
{
    ExifEntry *entry = data;

    g_clear_pointer(&entry->value, g_bytes_unref);
}

GArray *exif_entries_new(void)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(ExifEntry));

    g_array_set_clear_func(entries, entry_clear);
    return entries;
}

void exif_entries_add(GArray *entries, unsigned tag, unsigned type, uint32_t count, GBytes *value)
{
    const ExifEntry entry = { tag, type, count, value };

    g_array_append_val(entries, entry);
}

const ExifEntry *exif_entry_find(const GArray *entries, unsigned tag)
{
    for (unsigned i = 0; i < entries->len; i++)
        if (g_array_index(entries, ExifEntry, i).tag == tag)
            return &g_array_index(entries, ExifEntry, i);
    return NULL;
}

/* Tags of a main directory that are about the photo, not about how its pixels are stored. */
static bool is_about_photo(unsigned tag)
{
    static const unsigned tags[] = { 269,
                                     270,
                                     271,
                                     272,
                                     TIFF_ORIENTATION,
                                     TIFF_X_RESOLUTION,
                                     TIFF_Y_RESOLUTION,
                                     285,
                                     TIFF_RESOLUTION_UNIT,
                                     305,
                                     306,
                                     315,
                                     316,
                                     /* Windows' rating */ 18246,
                                     18249,
                                     33432,
                                     /* Windows' texts */ 40091,
                                     40092,
                                     40093,
                                     40094,
                                     40095,
                                     /* PrintIM */ 50341 };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static bool is_block(unsigned tag)
{
    return tag == TIFF_XMP || tag == TIFF_IPTC || tag == TIFF_PHOTOSHOP;
}

/* Where an entry belongs; NULL: nowhere. */
static GArray *home_of(const ExifTree *tree, ExifPart part, unsigned tag)
{
    if (part == EXIF_MAIN && is_block(tag))
        return tree->blocks;
    if ((part == EXIF_MAIN && !is_about_photo(tag)) || tag == POINTER_INTEROP || tag == PADDING)
        return NULL;
    return tree->parts[part];
}

/* NULL where the value is damaged, and where more would be copied than there is, as of entries that
 * all name the same bytes. */
static GBytes *entry_value(Source *source, const TiffEntry *entry)
{
    unsigned size = tiff_type_size(entry->type);

    if (!size || !entry->count || entry->count > BLOCK_MAX / size ||
        entry->count * size > source->left)
        return NULL;
    g_autoptr(GByteArray) value = g_byte_array_new();
    g_byte_array_set_size(value, (unsigned) entry->count * size);
    if (!bytes_copy(source->reader.bytes, entry->at, value->data, value->len))
        return NULL;
    source->left -= value->len;
    return g_byte_array_free_to_bytes(g_steal_pointer(&value));
}

/* Where a directory lies that a part points to. */
typedef struct Pointers {
    uint64_t at[EXIF_PARTS]; /* 0: there is none */
} Pointers;

static void note_pointer(Pointers *pointers, ExifPart part, unsigned tag, uint64_t to)
{
    if (part == EXIF_MAIN && tag == POINTER_PHOTO)
        pointers->at[EXIF_PHOTO] = to;
    if (part == EXIF_MAIN && tag == POINTER_GPS)
        pointers->at[EXIF_GPS] = to;
    if (part == EXIF_PHOTO && tag == POINTER_INTEROP)
        pointers->at[EXIF_INTEROP] = to;
}

static bool is_pointer(ExifPart part, unsigned tag)
{
    return (part == EXIF_MAIN && (tag == POINTER_PHOTO || tag == POINTER_GPS)) ||
           (part == EXIF_PHOTO && tag == POINTER_INTEROP);
}

/* What the entry before the next one has in place of values, of whatever type it says to be. */
static uint64_t offset_of(const TiffReader *reader)
{
    const TiffLayout *layout = &reader->layout;
    const unsigned char *p = bytes_at(reader->bytes, reader->at - layout->word, layout->word);

    return p ? tiff_number(layout, p, layout->word) : 0;
}

static void read_entry(Source *source, const TiffEntry *entry, ExifPart part, ExifTree *tree,
                       Pointers *pointers)
{
    enum { EXIF_TYPES = 12 };

    if (is_pointer(part, entry->tag)) {
        note_pointer(pointers, part, entry->tag, offset_of(&source->reader));
        return;
    }
    GArray *home = home_of(tree, part, entry->tag);
    if (!home || entry->type > EXIF_TYPES || exif_entry_find(home, entry->tag))
        return;
    GBytes *value = entry_value(source, entry);
    if (value)
        exif_entries_add(home, entry->tag, entry->type, (uint32_t) entry->count, value);
}

/* As far as it is there: of a damaged one the first entries count. */
static void read_directory(Source *source, uint64_t at, ExifPart part, ExifTree *tree,
                           Pointers *pointers)
{
    TiffReader *reader = &source->reader;
    unsigned length = reader->layout.count;
    const unsigned char *count = at ? bytes_at(reader->bytes, at, length) : NULL;
    TiffEntry entry;

    if (!count)
        return;
    reader->left = MIN(tiff_number(&reader->layout, count, length), ENTRIES_MAX);
    reader->at = at + length;
    while (tiff_entry(reader, &entry))
        read_entry(source, &entry, part, tree, pointers);
}

static int by_tag(const void *a, const void *b)
{
    const ExifEntry *left = a, *right = b;

    return left->tag < right->tag ? -1 : left->tag > right->tag;
}

static bool is_tiff(const unsigned char *header)
{
    return !memcmp(header, TIFF_MAGIC_LITTLE, 4) || !memcmp(header, TIFF_MAGIC_BIG, 4) ||
           !memcmp(header, BIGTIFF_MAGIC_LITTLE, 8) || !memcmp(header, BIGTIFF_MAGIC_BIG, 8);
}

static bool read_tree(Bytes *bytes, uint64_t main, uint64_t left, ExifTree *tree)
{
    unsigned char header[TIFF_HEADER] = { 0 };
    Source source = { .reader = { .bytes = bytes }, .left = left };
    TiffLayout *layout = &source.reader.layout;
    Pointers pointers = { 0 };

    if (!bytes_copy(bytes, 0, header, HEADER) || !is_tiff(header))
        return false;
    bytes_copy(bytes, 0, header, sizeof(header)); /* of a BigTIFF */
    *layout = tiff_layout(header);
    *tree = (ExifTree){ .big_endian = layout->big_endian, .blocks = exif_entries_new() };
    for (ExifPart part = EXIF_MAIN; part < EXIF_PARTS; part++)
        tree->parts[part] = exif_entries_new();
    pointers.at[EXIF_MAIN] = main ? main : tiff_first_directory(layout, header);
    for (ExifPart part = EXIF_MAIN; part < EXIF_PARTS; part++) {
        read_directory(&source, pointers.at[part], part, tree, &pointers);
        g_array_sort(tree->parts[part], by_tag);
    }
    return true;
}

bool exif_tree_read_file(Bytes *file, uint64_t main, ExifTree *tree)
{
    return read_tree(file, main, MIN(file->size, BLOCK_MAX), tree);
}

bool exif_tree_read(GBytes *exif, ExifTree *tree)
{
    size_t size = 0;
    const void *memory = g_bytes_get_data(exif, &size);
    Bytes bytes;

    bytes_begin_memory(&bytes, memory, size);
    return read_tree(&bytes, 0, size, tree);
}

void exif_tree_clear(ExifTree *tree)
{
    for (ExifPart part = EXIF_MAIN; part < EXIF_PARTS; part++)
        g_clear_pointer(&tree->parts[part], g_array_unref);
    g_clear_pointer(&tree->blocks, g_array_unref);
}

bool exif_tree_is_empty(const ExifTree *tree)
{
    for (ExifPart part = EXIF_MAIN; part < EXIF_PARTS; part++)
        if (tree->parts[part]->len)
            return false;
    return true;
}

/* As a fraction or an integer; 0 where it is none. */
static double number_of(const ExifTree *tree, const ExifEntry *entry)
{
    const TiffLayout layout = { .big_endian = tree->big_endian };
    size_t size = 0;
    const unsigned char *p = entry ? g_bytes_get_data(entry->value, &size) : NULL;

    if (!p)
        return 0;
    if (entry->type == TYPE_SHORT && size >= 2)
        return (double) tiff_number(&layout, p, 2);
    if (entry->type == TYPE_LONG && size >= 4)
        return (double) tiff_number(&layout, p, 4);
    if (entry->type != TYPE_RATIONAL || size < 8)
        return 0;
    double below = (double) tiff_number(&layout, p + 4, 4);
    return below > 0 ? (double) tiff_number(&layout, p, 4) / below : 0;
}

Density exif_tree_density(const ExifTree *tree)
{
    static const DensityUnit units[] = { DENSITY_INCH, DENSITY_ASPECT, DENSITY_INCH, DENSITY_CM };
    const GArray *tags = tree->parts[EXIF_MAIN];
    double unit = number_of(tree, exif_entry_find(tags, TIFF_RESOLUTION_UNIT));
    Density density = {
        .x = number_of(tree, exif_entry_find(tags, TIFF_X_RESOLUTION)),
        .y = number_of(tree, exif_entry_find(tags, TIFF_Y_RESOLUTION)),
    };

    if (!(density.x > 0 && density.y > 0) || unit >= G_N_ELEMENTS(units))
        return (Density){ 0 };
    density.unit = units[(unsigned) unit];
    if (density.unit == DENSITY_ASPECT && density.x == 1 && density.y == 1)
        return (Density){ 0 }; /* it says nothing */
    return density;
}

/* ---- writing ---- */

typedef struct Writer {
    GByteArray *to;
    uint32_t base;
    bool from_big, to_big;
    bool in_tiff;
} Writer;

static void put(const Writer *writer, unsigned char *p, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[writer->to_big ? size - 1 - i : i] = (unsigned char) (value >> 8 * i);
}

/* Bytes that change their places with the order: a fraction is two numbers. */
static unsigned unit_of(unsigned type)
{
    enum { SIGNED_RATIONAL = 10 };
    unsigned size = tiff_type_size(type);

    return type == TYPE_RATIONAL || type == SIGNED_RATIONAL ? size / 2 : size;
}

static void swap(unsigned char *bytes, size_t size, unsigned unit)
{
    for (size_t at = 0; at + unit <= size; at += unit)
        for (unsigned i = 0; i < unit / 2; i++) {
            unsigned char first = bytes[at + i];
            bytes[at + i] = bytes[at + unit - 1 - i];
            bytes[at + unit - 1 - i] = first;
        }
}

static uint32_t position(const Writer *writer)
{
    return writer->base + writer->to->len;
}

/* Directories and values begin at even positions. */
static void align(const Writer *writer)
{
    if (position(writer) & 1)
        g_byte_array_append(writer->to, (const unsigned char *) "", 1);
}

/* Writes the value behind, or into the entry where there is room. */
static void put_value(const Writer *writer, unsigned char *entry, const ExifEntry *from)
{
    g_autofree unsigned char *bytes = NULL;
    size_t size = g_bytes_get_size(from->value);

    bytes = g_memdup2(g_bytes_get_data(from->value, NULL), size);
    if (writer->from_big != writer->to_big)
        swap(bytes, size, unit_of(from->type));
    if (size <= 4) {
        memcpy(entry + 8, bytes, size);
        return;
    }
    align(writer);
    put(writer, entry + 8, position(writer), 4);
    g_byte_array_append(writer->to, bytes, (unsigned) size);
}

static void put_entry(const Writer *writer, unsigned char *entry, const ExifEntry *from)
{
    memset(entry, 0, ENTRY);
    put(writer, entry, from->tag, 2);
    put(writer, entry + 2, from->type, 2);
    put(writer, entry + 4, from->count, 4);
    put_value(writer, entry, from);
}

static void put_pointer(const Writer *writer, GArray *rows, unsigned tag, uint32_t at)
{
    unsigned char row[ENTRY];

    if (!at)
        return;
    put(writer, row, tag, 2);
    put(writer, row + 2, TYPE_LONG, 2);
    put(writer, row + 4, 1, 4);
    put(writer, row + 8, at, 4);
    g_array_append_val(rows, row);
}

static int by_little_tag(const void *a, const void *b)
{
    return (int) le16(a) - (int) le16(b);
}

static int by_big_tag(const void *a, const void *b)
{
    return (int) be16(a) - (int) be16(b);
}

/* Writes rows as a directory, and returns where it begins. */
static uint32_t put_directory(const Writer *writer, GArray *rows)
{
    unsigned char count[2];
    uint32_t at = 0;

    g_array_sort(rows, writer->to_big ? by_big_tag : by_little_tag);
    align(writer);
    at = position(writer);
    put(writer, count, rows->len, 2);
    g_byte_array_append(writer->to, count, sizeof(count));
    g_byte_array_append(writer->to, (const unsigned char *) rows->data, rows->len * ENTRY);
    g_byte_array_append(writer->to, (const unsigned char *) "\0\0\0", 4); /* no next one */
    return at;
}

static GArray *rows_new(void)
{
    return g_array_new(FALSE, FALSE, ENTRY);
}

/* Whether maker notes count their positions from their own start: others are damaged when they
 * move, and programs then read wrong values. */
static bool can_move(const ExifEntry *notes)
{
    static const char *const begins[] = { "Nikon\0\2", "OLYMPUS\0", "OM SYSTEM",
                                          "FUJIFILM",  "Apple iOS", "PENTAX \0" };
    static const size_t lengths[] = { 7, 8, 9, 8, 9, 8 };
    size_t size = 0;
    const void *bytes = g_bytes_get_data(notes->value, &size);

    for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
        if (size >= lengths[i] && memcmp(bytes, begins[i], lengths[i]) == 0)
            return true;
    return false;
}

/* EXIF allows these where the pixels are compressed only; a TIFF says the same in its own tags. */
static bool is_of_compressed(unsigned tag)
{
    return tag == 37121 || tag == 37122 || tag == 40962 || tag == 40963;
}

/* Adds the entries, except those that `own` replaces, in a TIFF those that it must not have,
 * and maker notes that cannot move. */
static void put_entries(const Writer *writer, GArray *rows, const GArray *entries,
                        const GArray *own)
{
    unsigned char row[ENTRY];

    for (unsigned i = 0; i < entries->len; i++) {
        const ExifEntry *entry = &g_array_index(entries, ExifEntry, i);
        if ((own && exif_entry_find(own, entry->tag)) ||
            (writer->in_tiff && is_of_compressed(entry->tag)) ||
            (entry->tag == MAKER_NOTES && !can_move(entry)))
            continue;
        put_entry(writer, row, entry);
        g_array_append_val(rows, row);
    }
}

/* Writes a part with the directory that it points to. */
static uint32_t put_part(const Writer *writer, const ExifTree *tree, ExifPart part,
                         uint32_t interop)
{
    g_autoptr(GArray) rows = rows_new();

    if (!tree->parts[part]->len && !interop)
        return 0;
    put_entries(writer, rows, tree->parts[part], NULL);
    put_pointer(writer, rows, POINTER_INTEROP, interop);
    return put_directory(writer, rows);
}

/* Writes all parts but the main one, and adds its pointers to them. */
static void put_parts(const Writer *writer, const ExifTree *tree, GArray *rows)
{
    uint32_t interop = writer->in_tiff ? 0 : put_part(writer, tree, EXIF_INTEROP, 0);
    uint32_t photo = put_part(writer, tree, EXIF_PHOTO, interop);
    uint32_t gps = put_part(writer, tree, EXIF_GPS, 0);

    put_pointer(writer, rows, POINTER_PHOTO, photo);
    put_pointer(writer, rows, POINTER_GPS, gps);
}

GBytes *exif_tree_block(const ExifTree *tree)
{
    g_autoptr(GByteArray) to = g_byte_array_new();
    g_autoptr(GArray) rows = rows_new();
    const Writer writer = { to, 0, tree->big_endian, tree->big_endian, false };

    g_byte_array_append(
        to, (const unsigned char *) (tree->big_endian ? TIFF_MAGIC_BIG : TIFF_MAGIC_LITTLE), 4);
    g_byte_array_append(to, (const unsigned char *) "\0\0\0", 4);
    put_entries(&writer, rows, tree->parts[EXIF_MAIN], NULL);
    put_parts(&writer, tree, rows);
    uint32_t directory = put_directory(&writer, rows); /* moves the bytes */
    put(&writer, to->data + 4, directory, 4);
    return g_byte_array_free_to_bytes(g_steal_pointer(&to));
}

GBytes *exif_tree_small_block(ExifTree *tree)
{
    GArray *photo = tree->parts[EXIF_PHOTO];

    for (unsigned i = photo->len; i-- > 0;)
        if (g_array_index(photo, ExifEntry, i).tag == MAKER_NOTES)
            g_array_remove_index(photo, i);
    return exif_tree_block(tree);
}

static void put_own(const Writer *writer, GArray *rows, const GArray *own)
{
    unsigned char row[ENTRY];

    for (unsigned i = 0; i < own->len; i++) {
        const ExifEntry *entry = &g_array_index(own, ExifEntry, i);
        if (entry->count)
            put_entry(writer, row, entry);
        else
            memcpy(row, g_bytes_get_data(entry->value, NULL), ENTRY);
        g_array_append_val(rows, row);
    }
}

uint32_t exif_tree_append(const ExifTree *tree, const GArray *own, uint32_t base, GByteArray *to)
{
    g_autoptr(GArray) rows = rows_new();
    const Writer native = { to, base, false, false, true };

    put_own(&native, rows, own);
    if (tree) {
        const Writer writer = { to, base, tree->big_endian, false, true };
        put_entries(&writer, rows, tree->parts[EXIF_MAIN], own);
        put_parts(&writer, tree, rows);
    }
    return put_directory(&native, rows);
}
