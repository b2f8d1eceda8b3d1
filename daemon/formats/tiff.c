/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/tiff.h"

#include <glib.h>

TiffLayout tiff_layout(const unsigned char *header)
{
    bool big_endian = header[0] == 'M';
    bool big_tiff = header[big_endian ? 3 : 2] == '+';

    return (TiffLayout){ .big_endian = big_endian,
                         .word = big_tiff ? 8 : 4,
                         .count = big_tiff ? 8 : 2,
                         .entry = big_tiff ? 20 : 12 };
}

uint64_t tiff_number(const TiffLayout *layout, const unsigned char *p, unsigned length)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < length; i++)
        value = value << 8 | p[layout->big_endian ? i : length - 1 - i];
    return value;
}

uint64_t tiff_first_directory(const TiffLayout *layout, const unsigned char *header)
{
    return tiff_number(layout, header + layout->word, layout->word);
}

unsigned tiff_type_size(uint64_t type)
{
    static const unsigned char sizes[] = {
        0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8
    };

    return type < G_N_ELEMENTS(sizes) ? sizes[type] : 0;
}

/* ---- directories ---- */

static uint64_t number_at(const TiffReader *reader, uint64_t at, unsigned length)
{
    const unsigned char *p = bytes_at(reader->bytes, at, length);

    return p ? tiff_number(&reader->layout, p, length) : 0;
}

uint64_t tiff_begin(TiffReader *reader, Bytes *bytes)
{
    const unsigned char *header = bytes_at(bytes, 0, TIFF_HEADER);

    *reader = (TiffReader){ .bytes = bytes };
    if (!header)
        return 0;
    reader->layout = tiff_layout(header);
    return tiff_first_directory(&reader->layout, header);
}

bool tiff_enter(TiffReader *reader, uint64_t at)
{
    const TiffLayout *layout = &reader->layout;
    uint64_t entries = number_at(reader, at, layout->count);

    reader->left = 0;
    if (!entries || entries > TIFF_ENTRIES_MAX ||
        !bytes_in_file(reader->bytes, at, layout->count + entries * layout->entry + layout->word))
        return false;
    reader->at = at + layout->count;
    reader->left = entries;
    return true;
}

bool tiff_entry(TiffReader *reader, TiffEntry *entry)
{
    const TiffLayout *layout = &reader->layout;
    const unsigned char *p =
        reader->left ? bytes_at(reader->bytes, reader->at, layout->entry) : NULL;

    if (!p)
        return false;
    *entry = (TiffEntry){ .tag = (unsigned) tiff_number(layout, p, 2),
                          .type = (unsigned) tiff_number(layout, p + 2, 2),
                          .count = tiff_number(layout, p + 4, layout->word),
                          .at = reader->at + 4 + layout->word };
    unsigned size = tiff_type_size(entry->type);
    if (size && entry->count > layout->word / size)
        entry->at = tiff_number(layout, p + 4 + layout->word, layout->word);
    reader->at += layout->entry;
    reader->left--;
    return true;
}

static bool is_unsigned(unsigned type)
{
    enum { BYTE = 1, SHORT = 3, LONG = 4, IFD = 13, LONG8 = 16, IFD8 = 18 };

    return type == BYTE || type == SHORT || type == LONG || type == IFD || type == LONG8 ||
           type == IFD8;
}

uint64_t tiff_value(const TiffReader *reader, const TiffEntry *entry, uint64_t index)
{
    unsigned size = tiff_type_size(entry->type);

    if (!is_unsigned(entry->type) || index >= entry->count || index > reader->bytes->size)
        return 0;
    return number_at(reader, entry->at + index * size, size);
}

uint64_t tiff_next(const TiffReader *reader)
{
    return number_at(reader, reader->at + reader->left * reader->layout.entry, reader->layout.word);
}

/* ---- pages ---- */

static bool is_about_another(const TiffReader *reader, const TiffEntry *entry)
{
    enum { NEW_SUBFILE = 254, SUBFILE = 255, PHOTOMETRIC = 262 };
    enum { REDUCED = 1, MASK = 4, OLD_REDUCED = 2, PHOTOMETRIC_MASK = 4 };

    if (entry->tag == NEW_SUBFILE)
        return tiff_value(reader, entry, 0) & (REDUCED | MASK);
    if (entry->tag == SUBFILE)
        return tiff_value(reader, entry, 0) == OLD_REDUCED;
    return entry->tag == PHOTOMETRIC && tiff_value(reader, entry, 0) == PHOTOMETRIC_MASK;
}

/* Whether the directory is neither a reduced copy nor a mask of another. */
static bool is_picture(TiffReader *reader)
{
    TiffEntry entry;

    while (tiff_entry(reader, &entry))
        if (is_about_another(reader, &entry))
            return false;
    return true;
}

/* Whether the directory was not met before. */
static bool is_new(GHashTable *seen, uint64_t at)
{
    return g_hash_table_add(seen, g_memdup2(&at, sizeof(at)));
}

/* `found` gets where each picture lies; NULL: it is not asked for. */
static TiffPages find_pages(Bytes *bytes, bool all, GArray *found, bool *whole)
{
    enum { PAGES_MAX = 65536 };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    TiffReader reader;
    uint64_t at = tiff_begin(&reader, bytes);
    TiffPages pages = { .at = at };

    while (at && pages.directories < PAGES_MAX && (all || !pages.pictures) && is_new(seen, at) &&
           (*whole = tiff_enter(&reader, at))) {
        bool picture = is_picture(&reader);
        if (picture && found)
            g_array_append_val(found, at);
        if (picture && !pages.pictures++) {
            pages.chosen = pages.directories;
            pages.at = at;
        }
        pages.directories++;
        at = tiff_next(&reader);
    }
    *whole &= !bytes->exhausted && !bytes->error && pages.directories < PAGES_MAX;
    return pages;
}

TiffPages tiff_pages(Bytes *bytes)
{
    bool whole = true;

    return find_pages(bytes, true, NULL, &whole);
}

uint64_t tiff_picture(Bytes *bytes)
{
    bool whole = true;

    return find_pages(bytes, false, NULL, &whole).at;
}

GArray *tiff_pictures(Bytes *bytes, bool *whole)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(uint64_t));

    *whole = true;
    const TiffPages pages = find_pages(bytes, true, found, whole);
    if (!found->len && pages.at)
        g_array_append_val(found, pages.at);
    return found;
}
