/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the tree of exif_tree.h, as an EXIF block or as tags of a TIFF. */
#include <string.h>

#include "actions/exif_tree.h"
#include "formats/tiff.h"

enum { ENTRY = 12 /* bytes in a directory */ };

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

/* A comment is bytes to TIFF; that of Unicode has UTF-16 in the file's order behind its name. */
static void swap_value(unsigned char *bytes, size_t size, unsigned type)
{
    static const char unicode[] = "UNICODE";
    bool comment = type == TYPE_UNDEFINED && size > sizeof(unicode) &&
                   !memcmp(bytes, unicode, sizeof(unicode));

    if (comment)
        swap(bytes + sizeof(unicode), size - sizeof(unicode), 2);
    else
        swap(bytes, size, unit_of(type));
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
        swap_value(bytes, size, from->type);
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
            (entry->tag == EXIF_MAKER_NOTES && !can_move(entry)))
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
    put_pointer(writer, rows, EXIF_TO_INTEROP, interop);
    return put_directory(writer, rows);
}

/* Writes all parts but the main one, and adds its pointers to them. */
static void put_parts(const Writer *writer, const ExifTree *tree, GArray *rows)
{
    uint32_t interop = writer->in_tiff ? 0 : put_part(writer, tree, EXIF_INTEROP, 0);
    uint32_t photo = put_part(writer, tree, EXIF_PHOTO, interop);
    uint32_t gps = put_part(writer, tree, EXIF_GPS, 0);

    put_pointer(writer, rows, EXIF_TO_PHOTO, photo);
    put_pointer(writer, rows, EXIF_TO_GPS, gps);
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
        if (g_array_index(photo, ExifEntry, i).tag == EXIF_MAKER_NOTES)
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
