/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/exif_tree.h"

#include <math.h>
#include <string.h>

enum {
    PADDING = 59932, /* room that Windows leaves for changes */
    ENTRIES_MAX = 1000,
    HEADER = 8,
};

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

void exif_entries_add_short(GArray *entries, unsigned tag, bool big_endian, unsigned value)
{
    const guint16 number = (guint16) value;
    const guint16 ordered = big_endian ? GUINT16_TO_BE(number) : GUINT16_TO_LE(number);

    exif_entries_add(entries, tag, TYPE_SHORT, 1, g_bytes_new(&ordered, sizeof(ordered)));
}

void exif_entries_add_fraction(GArray *entries, unsigned tag, bool big_endian, double value)
{
    const double below = value == rint(value) ? 1 : value < 1e4 ? 10000 : 100;
    guint32 pair[] = { (guint32) CLAMP(rint(value * below), 0, UINT32_MAX), (guint32) below };

    for (size_t i = 0; i < G_N_ELEMENTS(pair); i++)
        pair[i] = big_endian ? GUINT32_TO_BE(pair[i]) : GUINT32_TO_LE(pair[i]);
    exif_entries_add(entries, tag, TYPE_RATIONAL, 1, g_bytes_new(pair, sizeof(pair)));
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
    static const unsigned tags[] = { /* ProcessingSoftware */ 11,
                                     269,
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
                                     /* TargetPrinter */ 337,
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
    if ((part == EXIF_MAIN && !is_about_photo(tag)) || tag == EXIF_TO_INTEROP || tag == PADDING)
        return NULL;
    return tree->parts[part];
}

/* NULL where the value is damaged, and where more would be copied than there is, as of entries that
 * all name the same bytes. */
static GBytes *entry_value(Source *source, const TiffEntry *entry)
{
    unsigned size = tiff_type_size(entry->type);

    if (!size || !entry->count || entry->count > source->left / size)
        return NULL;
    GByteArray *value = blocks_read(source->reader.bytes, entry->at, entry->count * size);
    source->left -= value ? value->len : 0;
    return value ? g_byte_array_free_to_bytes(value) : NULL;
}

/* Where a directory lies that a part points to. */
typedef struct Pointers {
    uint64_t at[EXIF_PARTS]; /* 0: there is none */
} Pointers;

static void note_pointer(Pointers *pointers, ExifPart part, unsigned tag, uint64_t to)
{
    if (part == EXIF_MAIN && tag == EXIF_TO_PHOTO)
        pointers->at[EXIF_PHOTO] = to;
    if (part == EXIF_MAIN && tag == EXIF_TO_GPS)
        pointers->at[EXIF_GPS] = to;
    if (part == EXIF_PHOTO && tag == EXIF_TO_INTEROP)
        pointers->at[EXIF_INTEROP] = to;
}

static bool is_pointer(ExifPart part, unsigned tag)
{
    return (part == EXIF_MAIN && (tag == EXIF_TO_PHOTO || tag == EXIF_TO_GPS)) ||
           (part == EXIF_PHOTO && tag == EXIF_TO_INTEROP);
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

void exif_tree_add(ExifTree *tree, ExifPart part, GBytes *tiff)
{
    unsigned char header[TIFF_HEADER] = { 0 };
    size_t size = 0;
    const void *memory = g_bytes_get_data(tiff, &size);
    Pointers pointers = { 0 };
    Bytes bytes;

    bytes_begin_memory(&bytes, memory, size);
    Source source = { .reader = { .bytes = &bytes }, .left = size };
    if (size < HEADER || !bytes_copy(&bytes, 0, header, MIN(size, sizeof(header))) ||
        !is_tiff(header))
        return;
    source.reader.layout = tiff_layout(header);
    if (source.reader.layout.big_endian != tree->big_endian)
        return;
    read_directory(&source, tiff_first_directory(&source.reader.layout, header), part, tree,
                   &pointers);
    g_array_sort(tree->parts[part], by_tag);
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

Density exif_tree_density_of(const MetadataBlocks *blocks)
{
    const Density density = blocks->density;
    bool known =
        density.unit > DENSITY_ASPECT || (density.unit == DENSITY_ASPECT && density.x != density.y);
    g_auto(ExifTree) tree = { 0 };

    if (known || !blocks->exif || !exif_tree_read(blocks->exif, &tree))
        return density;
    const Density in_exif = exif_tree_density(&tree);
    return in_exif.unit > DENSITY_ASPECT ? in_exif : density;
}
