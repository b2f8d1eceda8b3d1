/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* New values in an EXIF block. A directory that gets entries is written once more at the end, where
 * there is room; its old place becomes zeros. */
#include <math.h>
#include <string.h>

#include "actions/exif_internal.h"

Exif *exif_new_empty(void)
{
    static const unsigned char empty[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0 };
    g_autoptr(GBytes) bytes = g_bytes_new_static(empty, sizeof(empty));

    return exif_new(bytes);
}

bool exif_is_big_endian(const Exif *exif)
{
    return exif->layout.big_endian;
}

bool exif_has(const Exif *exif, ExifTag tag)
{
    return exif_entry_of(exif, tag);
}

bool exif_is_empty(const Exif *exif)
{
    return !exif_entries_of(exif, exif_directory_at(exif, EXIF_IN_MAIN));
}

/* ---- values ---- */

/* Values begin at even positions. */
static uint64_t append(Exif *exif, const void *bytes, size_t size)
{
    if (exif->bytes->len & 1)
        g_byte_array_append(exif->bytes, (const guint8 *) "", 1);
    uint64_t at = exif->bytes->len;
    g_byte_array_append(exif->bytes, bytes, (guint) size);
    return at;
}

/* Fills 12 bytes; a value that has no room in them goes behind all else. */
static void fill_entry(Exif *exif, unsigned char *entry, const ExifPut *put)
{
    size_t size = 0;
    const void *value = g_bytes_get_data(put->value, &size);

    memset(entry, 0, EXIF_ENTRY);
    exif_put_number(exif, entry, 2, put->tag.tag);
    exif_put_number(exif, entry + 2, 2, put->type);
    exif_put_number(exif, entry + 4, 4, put->count);
    if (size <= 4)
        memcpy(entry + 8, value, size);
    else
        exif_put_number(exif, entry + 8, 4, (uint32_t) append(exif, value, size));
}

/* Of the same type, with room for it where it lies. */
static bool overwrite(Exif *exif, uint64_t entry, const ExifPut *put)
{
    uint64_t at = 0, length = 0;
    size_t size = 0;
    const void *value = g_bytes_get_data(put->value, &size);

    if (!exif_value_of(exif, entry, &at, &length) || size <= 4 || length < size ||
        exif_number_at(exif, entry + 2, 2) != put->type)
        return false;
    exif_blank(exif, at, length);
    memcpy(exif->bytes->data + at, value, size);
    exif_put_number(exif, exif->bytes->data + entry + 4, 4, put->count);
    return true;
}

static void replace(Exif *exif, uint64_t entry, const ExifPut *put)
{
    unsigned char filled[EXIF_ENTRY];
    uint64_t at = 0, length = 0;

    if (overwrite(exif, entry, put))
        return;
    if (exif_value_of(exif, entry, &at, &length))
        exif_blank(exif, at, length);
    fill_entry(exif, filled, put); /* moves the bytes */
    memcpy(exif->bytes->data + entry, filled, EXIF_ENTRY);
}

/* ---- directories ---- */

static bool name_directory(Exif *exif, ExifDirectory directory, uint64_t at);

/* Puts one row more into the rows of a directory, which are sorted but for those that were not. */
static void insert_row(const Exif *exif, GByteArray *rows, const unsigned char *row)
{
    unsigned tag = (unsigned) tiff_number(&exif->layout, row, 2);
    guint at = rows->len;

    while (at && tiff_number(&exif->layout, rows->data + at - EXIF_ENTRY, 2) > tag)
        at -= EXIF_ENTRY;
    g_byte_array_set_size(rows, rows->len + EXIF_ENTRY);
    memmove(rows->data + at + EXIF_ENTRY, rows->data + at, rows->len - EXIF_ENTRY - at);
    memcpy(rows->data + at, row, EXIF_ENTRY);
}

static GByteArray *rows_of(const Exif *exif, uint64_t at)
{
    GByteArray *rows = g_byte_array_new();

    g_byte_array_append(rows, exif->bytes->data + (at ? at + 2 : 0),
                        exif_entries_of(exif, at) * EXIF_ENTRY);
    return rows;
}

/* Which directory follows it, or 0. */
static uint32_t next_of(const Exif *exif, uint64_t at)
{
    uint64_t link = at + 2 + (uint64_t) exif_entries_of(exif, at) * EXIF_ENTRY;

    return exif_entries_of(exif, at) && exif_is_inside(exif, link, 4)
               ? exif_number_at(exif, link, 4)
               : 0;
}

static uint64_t append_directory(Exif *exif, const GByteArray *rows, uint32_t next)
{
    unsigned char number[4];

    exif_put_number(exif, number, 2, rows->len / EXIF_ENTRY);
    uint64_t at = append(exif, number, 2);
    g_byte_array_append(exif->bytes, rows->data, rows->len);
    exif_put_number(exif, number, 4, next);
    g_byte_array_append(exif->bytes, number, 4);
    return at;
}

/* The directory with more rows, of which none is there. */
static bool extend(Exif *exif, ExifDirectory directory, const GByteArray *more)
{
    uint64_t old = exif_directory_at(exif, directory);
    unsigned count = exif_entries_of(exif, old);
    uint32_t next = next_of(exif, old);
    g_autoptr(GByteArray) rows = rows_of(exif, old);

    for (guint i = 0; i < more->len; i += EXIF_ENTRY)
        insert_row(exif, rows, more->data + i);
    if (rows->len / EXIF_ENTRY > EXIF_ENTRIES_MAX)
        return false;
    if (count)
        exif_blank(exif, old, 2 + (uint64_t) count * EXIF_ENTRY + 4);
    return name_directory(exif, directory, append_directory(exif, rows, next));
}

/* Says where a directory begins now. */
static bool name_directory(Exif *exif, ExifDirectory directory, uint64_t at)
{
    const ExifTag tag = { EXIF_IN_MAIN,
                          directory == EXIF_IN_GPS ? EXIF_LINK_GPS : EXIF_LINK_PHOTO };
    unsigned char number[4], row[EXIF_ENTRY];

    if (directory == EXIF_IN_MAIN) {
        exif_put_number(exif, exif->bytes->data + 4, 4, (uint32_t) at);
        return true;
    }
    exif_put_number(exif, number, 4, (uint32_t) at);
    g_autoptr(GBytes) value = g_bytes_new(number, sizeof(number));
    const ExifPut link = { tag, TYPE_LONG, 1, value };
    uint64_t entry = exif_entry_of(exif, tag);
    if (entry) {
        fill_entry(exif, exif->bytes->data + entry, &link);
        return true;
    }
    g_autoptr(GByteArray) rows = g_byte_array_new();
    fill_entry(exif, row, &link);
    g_byte_array_append(rows, row, EXIF_ENTRY);
    return extend(exif, EXIF_IN_MAIN, rows);
}

static bool put_in(Exif *exif, ExifDirectory directory, const ExifPut *puts, unsigned count)
{
    g_autoptr(GByteArray) rows = g_byte_array_new();
    unsigned char row[EXIF_ENTRY];

    for (unsigned i = 0; i < count; i++) {
        if (puts[i].tag.directory != directory)
            continue;
        uint64_t entry = exif_entry_of(exif, puts[i].tag);
        if (!puts[i].value) {
            exif_remove(exif, puts[i].tag);
        } else if (entry) {
            replace(exif, entry, &puts[i]);
        } else {
            fill_entry(exif, row, &puts[i]);
            g_byte_array_append(rows, row, EXIF_ENTRY);
        }
    }
    return !rows->len || extend(exif, directory, rows);
}

/* Directories before the one that names them. */
bool exif_put(Exif *exif, const ExifPut *puts, unsigned count)
{
    static const ExifDirectory order[] = { EXIF_IN_GPS, EXIF_IN_PHOTO, EXIF_IN_MAIN };
    bool ok = true;

    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        ok = put_in(exif, order[i], puts, count) && ok;
    return ok;
}

/* ---- what EXIF demands ---- */

typedef struct Mandatory {
    ExifTag tag;
    unsigned type, count, size;
    const char *value; /* the largest part of a number first, as in a block of ours */
} Mandatory;

static const Mandatory of_main[] = {
    { { EXIF_IN_MAIN, 0x0128 }, TYPE_SHORT, 1, 2, "\0\2" }, /* ResolutionUnit: inch */
    { { EXIF_IN_MAIN, 0x0213 }, TYPE_SHORT, 1, 2, "\0\1" }, /* YCbCrPositioning: centred */
};

/* The same in both orders of bytes. */
static const Mandatory of_photo[] = {
    { { EXIF_IN_PHOTO, 0x9000 }, TYPE_UNDEFINED, 4, 4, "0232" },
    { { EXIF_IN_PHOTO, 0x9101 }, TYPE_UNDEFINED, 4, 4, "\1\2\3\0" }, /* Y Cb Cr */
    { { EXIF_IN_PHOTO, 0xa000 }, TYPE_UNDEFINED, 4, 4, "0100" },
    { { EXIF_IN_PHOTO, 0xa001 }, TYPE_SHORT, 1, 2, "\xff\xff" }, /* ColorSpace: not said */
    { { EXIF_IN_PHOTO, 0xa002 }, TYPE_LONG, 1, 4, "\0\0\0\0" },  /* width and height, */
    { { EXIF_IN_PHOTO, 0xa003 }, TYPE_LONG, 1, 4, "\0\0\0\0" },  /* which a save states */
};

static const Mandatory of_gps = { { EXIF_IN_GPS, 0x0000 }, TYPE_BYTE, 4, 4, "\2\3\0\0" };

static void put_static(Exif *exif, const Mandatory *row)
{
    g_autoptr(GBytes) value = g_bytes_new_static(row->value, row->size);
    const ExifPut put = { row->tag, row->type, row->count, value };

    exif_put(exif, &put, 1);
}

static void put_resolution(Exif *exif, uint16_t tag, double per_inch)
{
    const guint32 pair[] = { GUINT32_TO_BE((guint32) CLAMP(rint(per_inch), 1, UINT16_MAX)),
                             GUINT32_TO_BE(1) };
    g_autoptr(GBytes) value = g_bytes_new(pair, sizeof(pair));
    const ExifPut put = { { EXIF_IN_MAIN, tag }, TYPE_RATIONAL, 1, value };

    exif_put(exif, &put, 1);
}

Exif *exif_new_mandatory(const Density *density)
{
    enum { X_RESOLUTION = 0x011a, Y_RESOLUTION = 0x011b, UNKNOWN = 72 };
    static const double cm_in_inch = 2.54;
    double scale = density->unit == DENSITY_CM ? cm_in_inch : 1;
    bool known = density->unit > DENSITY_ASPECT;
    Exif *exif = exif_new_empty();

    put_resolution(exif, X_RESOLUTION, known ? density->x * scale : UNKNOWN);
    put_resolution(exif, Y_RESOLUTION, known ? density->y * scale : UNKNOWN);
    for (size_t i = 0; i < G_N_ELEMENTS(of_main); i++)
        put_static(exif, &of_main[i]);
    return exif;
}

bool exif_has_any(const Exif *exif, ExifDirectory directory)
{
    return exif_entries_of(exif, exif_directory_at(exif, directory));
}

void exif_complete(Exif *exif, bool new_photo)
{
    for (size_t i = 0; new_photo && i < G_N_ELEMENTS(of_photo); i++)
        if (!exif_has(exif, of_photo[i].tag))
            put_static(exif, &of_photo[i]);
    if (exif_has_any(exif, EXIF_IN_GPS) && !exif_has(exif, of_gps.tag))
        put_static(exif, &of_gps);
}
