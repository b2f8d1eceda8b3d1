/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/exif.h"

#include <string.h>

#include "actions/exif_internal.h"
#include "formats/jpeg.h"

enum {
    TAG_SUB_DIRECTORIES = 0x014a, /* previews of raw files */
    MARKERS_MAX = 100,            /* of a small JPEG inside */
    MARKER_MIN = 0xc0,            /* the first one with a length */
};

/* ---- numbers ---- */

bool exif_is_inside(const Exif *exif, uint64_t at, uint64_t length)
{
    return at <= exif->bytes->len && length <= exif->bytes->len - at;
}

uint32_t exif_number_at(const Exif *exif, uint64_t at, unsigned length)
{
    return (uint32_t) tiff_number(&exif->layout, exif->bytes->data + at, length);
}

void exif_put_number(const Exif *exif, unsigned char *p, unsigned length, uint32_t number)
{
    for (unsigned i = 0; i < length; i++) {
        unsigned shift = 8 * (exif->layout.big_endian ? length - 1 - i : i);
        p[i] = (unsigned char) (number >> shift);
    }
}

/* ---- directories ---- */

unsigned exif_entries_of(const Exif *exif, uint64_t at)
{
    unsigned count =
        at >= EXIF_HEADER && exif_is_inside(exif, at, 2) ? exif_number_at(exif, at, 2) : 0;

    return count <= EXIF_ENTRIES_MAX && exif_is_inside(exif, at + 2, (uint64_t) count * EXIF_ENTRY)
               ? count
               : 0;
}

uint64_t exif_find_entry(const Exif *exif, uint64_t at, uint16_t tag)
{
    unsigned count = exif_entries_of(exif, at);

    for (unsigned i = 0; i < count; i++)
        if (exif_number_at(exif, at + 2 + (uint64_t) i * EXIF_ENTRY, 2) == tag)
            return at + 2 + (uint64_t) i * EXIF_ENTRY;
    return 0;
}

static uint64_t directory_named(const Exif *exif, uint64_t at, uint16_t tag)
{
    uint64_t entry = at ? exif_find_entry(exif, at, tag) : 0;

    return entry ? exif_number_at(exif, entry + 8, 4) : 0;
}

uint64_t exif_directory_at(const Exif *exif, ExifDirectory directory)
{
    uint64_t at = exif_number_at(exif, 4, 4);

    if (directory == EXIF_IN_GPS)
        return directory_named(exif, at, EXIF_LINK_GPS);
    if (directory != EXIF_IN_MAIN)
        at = directory_named(exif, at, EXIF_LINK_PHOTO);
    if (directory == EXIF_IN_INTEROP)
        at = directory_named(exif, at, EXIF_LINK_INTEROP);
    return at;
}

uint64_t exif_entry_of(const Exif *exif, ExifTag tag)
{
    uint64_t at = exif_directory_at(exif, tag.directory);

    return at ? exif_find_entry(exif, at, tag.tag) : 0;
}

bool exif_value_of(const Exif *exif, uint64_t entry, uint64_t *at, uint64_t *length)
{
    *length = (uint64_t) tiff_type_size(exif_number_at(exif, entry + 2, 2)) *
              exif_number_at(exif, entry + 4, 4);
    *at = *length <= 4 ? entry + 8 : exif_number_at(exif, entry + 8, 4);
    return *length && exif_is_inside(exif, *at, *length);
}

static bool is_number(const Exif *exif, uint64_t entry)
{
    unsigned type = exif_number_at(exif, entry + 2, 2);

    return (type == TYPE_SHORT || type == TYPE_LONG) && exif_number_at(exif, entry + 4, 4) >= 1;
}

/* ---- in and out ---- */

Exif *exif_new(GBytes *bytes)
{
    gsize size = 0;
    const unsigned char *data = g_bytes_get_data(bytes, &size);
    unsigned char header[TIFF_HEADER] = "";

    if (size < EXIF_HEADER ||
        (memcmp(data, TIFF_MAGIC_LITTLE, 4) != 0 && memcmp(data, TIFF_MAGIC_BIG, 4) != 0))
        return NULL;
    memcpy(header, data, MIN(size, sizeof(header)));
    Exif *exif = g_new0(Exif, 1);
    exif->layout = tiff_layout(header);
    exif->bytes = g_byte_array_sized_new((guint) size);
    g_byte_array_append(exif->bytes, data, (guint) size);
    return exif;
}

void exif_free(Exif *exif)
{
    if (!exif)
        return;
    g_byte_array_unref(exif->bytes);
    g_free(exif);
}

GBytes *exif_bytes(const Exif *exif)
{
    return g_bytes_new(exif->bytes->data, exif->bytes->len);
}

/* ---- values ---- */

bool exif_number(const Exif *exif, ExifTag tag, uint32_t *number)
{
    uint64_t entry = exif_entry_of(exif, tag), at = 0, length = 0;

    if (!entry || !is_number(exif, entry) || !exif_value_of(exif, entry, &at, &length))
        return false;
    *number = exif_number_at(exif, at, exif_number_at(exif, entry + 2, 2) == TYPE_SHORT ? 2 : 4);
    return true;
}

void exif_set_number(Exif *exif, ExifTag tag, uint32_t number)
{
    uint64_t entry = exif_entry_of(exif, tag);
    unsigned char *p = exif->bytes->data + entry;

    if (!entry)
        return;
    bool is_short = exif_number_at(exif, entry + 2, 2) == TYPE_SHORT && number <= UINT16_MAX;
    exif_put_number(exif, p + 2, 2, is_short ? TYPE_SHORT : TYPE_LONG);
    exif_put_number(exif, p + 4, 4, 1);
    memset(p + 8, 0, 4);
    exif_put_number(exif, p + 8, is_short ? 2 : 4, number);
}

void exif_blank(const Exif *exif, uint64_t at, uint64_t length)
{
    if (exif_is_inside(exif, at, length))
        memset(exif->bytes->data + at, 0, length);
}

/* The entries behind it, and the offset of the next directory, move up. */
static void remove_entry(Exif *exif, uint64_t directory, uint64_t entry)
{
    unsigned count = exif_entries_of(exif, directory);
    uint64_t end = MIN(directory + 2 + (uint64_t) count * EXIF_ENTRY + 4, exif->bytes->len);
    uint64_t at = 0, length = 0;
    unsigned char *data = exif->bytes->data;

    /* (a value may lie on the directory itself) */
    if (entry + EXIF_ENTRY > directory + 2 + (uint64_t) count * EXIF_ENTRY)
        return;
    if (exif_value_of(exif, entry, &at, &length))
        exif_blank(exif, at, length);
    memmove(data + entry, data + entry + EXIF_ENTRY, end - entry - EXIF_ENTRY);
    memset(data + end - EXIF_ENTRY, 0, EXIF_ENTRY);
    exif_put_number(exif, data + directory, 2, count - 1);
}

bool exif_set_fraction(Exif *exif, ExifTag tag, uint32_t number)
{
    enum { LONG = 4 };
    uint64_t entry = exif_entry_of(exif, tag), at = 0, length = 0;

    if (!entry || exif_number_at(exif, entry + 2, 2) != TYPE_RATIONAL ||
        !exif_value_of(exif, entry, &at, &length) || length != 2 * (uint64_t) LONG)
        return false;
    exif_put_number(exif, exif->bytes->data + at, LONG, number);
    exif_put_number(exif, exif->bytes->data + at + LONG, LONG, 1);
    return true;
}

void exif_remove(Exif *exif, ExifTag tag)
{
    uint64_t entry = exif_entry_of(exif, tag);

    if (entry)
        remove_entry(exif, exif_directory_at(exif, tag.directory), entry);
}

void exif_remove_gps(Exif *exif)
{
    static const ExifTag link = { EXIF_IN_MAIN, EXIF_LINK_GPS };
    uint64_t gps = exif_directory_at(exif, EXIF_IN_GPS);

    for (unsigned count = exif_entries_of(exif, gps); count > 0; count--)
        remove_entry(exif, gps, gps + 2);
    exif_remove(exif, link);
}

/* ---- small pictures inside ---- */

static bool is_end_mark(const unsigned char *p)
{
    return p[0] == JPEG_MARKER && p[1] == JPEG_EOI;
}

/* Where the last end mark of a JPEG lies, or 0. */
static uint64_t last_end_mark(const Exif *exif)
{
    for (uint64_t at = exif->bytes->len - 2; at > EXIF_HEADER; at--)
        if (is_end_mark(exif->bytes->data + at))
            return at;
    return 0;
}

/* What follows the scan that begins at `at`; 0 where no end mark does. */
static uint64_t after_scan(const Exif *exif, uint64_t at, uint64_t last)
{
    for (; at <= last; at++)
        if (is_end_mark(exif->bytes->data + at))
            return at + 2;
    return 0;
}

/* The end of the JPEG at `at`; 0 where what begins like one is none. */
static uint64_t jpeg_end(const Exif *exif, uint64_t at, uint64_t last)
{
    const unsigned char *data = exif->bytes->data;

    at += 2;
    for (unsigned i = 0; i < MARKERS_MAX && exif_is_inside(exif, at, 4); i++) {
        unsigned marker = data[at + 1];
        if (data[at] != JPEG_MARKER || marker < MARKER_MIN)
            return 0;
        if (marker == JPEG_EOI)
            return at + 2;
        at += 2U + ((unsigned) data[at + 2] << 8 | data[at + 3]);
        if (marker == JPEG_SOS)
            return after_scan(exif, at, last);
    }
    return 0;
}

static bool is_jpeg(const Exif *exif, uint64_t at)
{
    return exif_is_inside(exif, at, 3) && !memcmp(exif->bytes->data + at, JPEG_MAGIC, 3);
}

static void blank_jpegs(Exif *exif)
{
    uint64_t last = last_end_mark(exif);

    for (uint64_t at = EXIF_HEADER; at < last; at++) {
        if (!is_jpeg(exif, at))
            continue;
        uint64_t end = jpeg_end(exif, at, last);
        if (!end)
            continue;
        exif_blank(exif, at, end - at);
        at = end - 1;
    }
}

/* Where the last value of a directory that stays ends. */
static uint64_t values_end(const Exif *exif)
{
    uint64_t main = exif_directory_at(exif, EXIF_IN_MAIN);
    const uint64_t directories[] = { main, exif_directory_at(exif, EXIF_IN_PHOTO),
                                     exif_directory_at(exif, EXIF_IN_INTEROP),
                                     directory_named(exif, main, EXIF_LINK_GPS) };
    uint64_t end = EXIF_HEADER;

    for (size_t d = 0; d < G_N_ELEMENTS(directories); d++) {
        unsigned count = exif_entries_of(exif, directories[d]);
        if (count)
            end = MAX(end, directories[d] + 2 + (uint64_t) count * EXIF_ENTRY + 4);
        for (unsigned i = 0; i < count; i++) {
            uint64_t at = 0, length = 0;
            if (exif_value_of(exif, directories[d] + 2 + (uint64_t) i * EXIF_ENTRY, &at, &length))
                end = MAX(end, at + length);
        }
    }
    return end;
}

/* A small picture mostly lies at the end of the block, which then ends before it. */
static void cut(Exif *exif, uint64_t at, uint64_t length)
{
    enum { PADDING = 1 };

    if (at < EXIF_HEADER || !length || !exif_is_inside(exif, at, length))
        return;
    exif_blank(exif, at, length);
    if (at + length + PADDING >= exif->bytes->len && at >= values_end(exif))
        g_byte_array_set_size(exif->bytes, (guint) at);
}

/* An entry of numbers: where they lie, how many there are, and the bytes of each. */
typedef struct Numbers {
    uint64_t at;
    uint32_t count;
    unsigned size;
} Numbers;

static Numbers numbers_of(const Exif *exif, uint64_t directory, uint16_t tag)
{
    uint64_t entry = exif_find_entry(exif, directory, tag), length = 0;
    Numbers numbers = { 0 };

    if (!entry || !is_number(exif, entry) || !exif_value_of(exif, entry, &numbers.at, &length))
        return numbers;
    numbers.count = exif_number_at(exif, entry + 4, 4);
    numbers.size = exif_number_at(exif, entry + 2, 2) == TYPE_SHORT ? 2 : 4;
    return numbers;
}

/* Number `i`; 0 where the block was cut off before it. */
static uint32_t number_of(const Exif *exif, const Numbers *numbers, uint32_t i)
{
    uint64_t at = numbers->at + (uint64_t) i * numbers->size;

    return exif_is_inside(exif, at, numbers->size) ? exif_number_at(exif, at, numbers->size) : 0;
}

/* A small picture, compressed or not, and the directory that names it. */
static void blank_directory(Exif *exif, uint64_t directory)
{
    enum { OFFSET = 0x111, SIZE = 0x117, JPEG = 0x201, JPEG_SIZE = 0x202 };
    static const uint16_t pairs[][2] = { { OFFSET, SIZE }, { JPEG, JPEG_SIZE } };

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const Numbers offsets = numbers_of(exif, directory, pairs[i][0]);
        const Numbers sizes = numbers_of(exif, directory, pairs[i][1]);
        for (uint32_t n = MIN(offsets.count, sizes.count); n > 0; n--)
            cut(exif, number_of(exif, &offsets, n - 1), number_of(exif, &sizes, n - 1));
    }
    for (unsigned count = exif_entries_of(exif, directory); count > 0; count--)
        remove_entry(exif, directory, directory + 2);
}

/* Some cameras have nothing but a picture as their maker note. */
static void remove_picture_note(Exif *exif)
{
    static const ExifTag note = { EXIF_IN_PHOTO, 0x927c };
    uint64_t entry = exif_entry_of(exif, note), at = 0, length = 0;

    if (entry && exif_value_of(exif, entry, &at, &length) && length > 4 && is_jpeg(exif, at) &&
        jpeg_end(exif, at, last_end_mark(exif)))
        exif_remove(exif, note);
}

void exif_remove_pictures(Exif *exif)
{
    remove_picture_note(exif);
    exif_remove(exif, (ExifTag){ EXIF_IN_MAIN, TAG_SUB_DIRECTORIES });
    blank_jpegs(exif);
    uint64_t main = exif_directory_at(exif, EXIF_IN_MAIN);
    unsigned count = exif_entries_of(exif, main);
    uint64_t link = main + 2 + (uint64_t) count * EXIF_ENTRY;
    uint64_t next = count && exif_is_inside(exif, link, 4) ? exif_number_at(exif, link, 4) : 0;

    if (next) {
        exif_put_number(exif, exif->bytes->data + link, 4, 0);
        blank_directory(exif, next);
    }
}

/* ---- a new block ---- */

typedef struct Selection {
    uint64_t entries[EXIF_ENTRIES_MAX]; /* where they lie in the old block */
    unsigned count;
} Selection;

static bool is_kept(const ExifTag *keep, ExifDirectory directory, uint32_t tag)
{
    for (; keep->tag; keep++)
        if (keep->directory == directory && keep->tag == tag)
            return true;
    return false;
}

/* In the order of the tags, which not every directory has. */
static void select_entry(const Exif *exif, Selection *selection, uint64_t entry)
{
    unsigned at = selection->count++;

    for (; at > 0; at--) {
        uint64_t before = selection->entries[at - 1];
        if (exif_number_at(exif, before, 2) <= exif_number_at(exif, entry, 2))
            break;
        selection->entries[at] = before;
    }
    selection->entries[at] = entry;
}

static bool is_selected(const Exif *exif, const Selection *selection, uint32_t tag)
{
    for (unsigned i = 0; i < selection->count; i++)
        if (exif_number_at(exif, selection->entries[i], 2) == tag)
            return true;
    return false;
}

/* Each tag once, and in all no more than `left` bytes of values: entries may name the same ones. */
static void select_entries(const Exif *exif, const ExifTag *keep, ExifDirectory directory,
                           Selection *selection, uint64_t *left)
{
    uint64_t at = exif_directory_at(exif, directory);
    unsigned count = exif_entries_of(exif, at);

    for (unsigned i = 0; i < count; i++) {
        uint64_t entry = at + 2 + (uint64_t) i * EXIF_ENTRY, value = 0, length = 0;
        uint32_t tag = exif_number_at(exif, entry, 2);
        if (!is_kept(keep, directory, tag) || is_selected(exif, selection, tag) ||
            !exif_value_of(exif, entry, &value, &length) || length > *left)
            continue;
        select_entry(exif, selection, entry);
        *left -= length;
    }
}

static void append_number(const Exif *exif, GByteArray *out, unsigned length, uint32_t number)
{
    unsigned char bytes[4];

    exif_put_number(exif, bytes, length, number);
    g_byte_array_append(out, bytes, length);
}

/* Appends the directory, with `link` (0: none) as the offset of the Exif IFD, and its values. Tags
 * of IFD0 that are kept are all below the link's. */
static void append_directory(const Exif *exif, GByteArray *out, const Selection *selection,
                             uint32_t link)
{
    unsigned count = selection->count + (link != 0);
    uint64_t values = out->len + 2 + (uint64_t) count * EXIF_ENTRY + 4;
    g_autoptr(GByteArray) behind = g_byte_array_new();
    bool linked = !link;

    append_number(exif, out, 2, count);
    for (unsigned i = 0; i < selection->count; i++) {
        uint64_t entry = selection->entries[i], at = 0, length = 0;
        if (!linked && exif_number_at(exif, entry, 2) > EXIF_LINK_PHOTO) {
            append_number(exif, out, 2, EXIF_LINK_PHOTO), append_number(exif, out, 2, TYPE_LONG);
            append_number(exif, out, 4, 1), append_number(exif, out, 4, link);
            linked = true;
        }
        exif_value_of(exif, entry, &at, &length);
        g_byte_array_append(out, exif->bytes->data + entry, 8);
        if (length <= 4) {
            g_byte_array_append(out, exif->bytes->data + entry + 8, 4);
            continue;
        }
        append_number(exif, out, 4, (uint32_t) (values + behind->len));
        g_byte_array_append(behind, exif->bytes->data + at, (guint) length);
        if (length & 1)
            g_byte_array_append(behind, (const guint8 *) "", 1);
    }
    if (!linked) {
        append_number(exif, out, 2, EXIF_LINK_PHOTO), append_number(exif, out, 2, TYPE_LONG);
        append_number(exif, out, 4, 1), append_number(exif, out, 4, link);
    }
    append_number(exif, out, 4, 0);
    g_byte_array_append(out, behind->data, behind->len);
}

static uint64_t size_of(const Exif *exif, const Selection *selection)
{
    uint64_t size = 2 + (uint64_t) selection->count * EXIF_ENTRY + 4, at = 0, length = 0;

    for (unsigned i = 0; i < selection->count; i++)
        if (exif_value_of(exif, selection->entries[i], &at, &length) && length > 4)
            size += length + (length & 1);
    return size;
}

GBytes *exif_selected(const Exif *exif, const ExifTag *keep)
{
    g_autofree Selection *main = g_new0(Selection, 1);
    g_autofree Selection *photo = g_new0(Selection, 1);
    uint64_t left = exif->bytes->len;
    GByteArray *out = NULL;

    select_entries(exif, keep, EXIF_IN_MAIN, main, &left);
    select_entries(exif, keep, EXIF_IN_PHOTO, photo, &left);
    if (!main->count && !photo->count)
        return NULL;
    out = g_byte_array_new();
    g_byte_array_append(out, exif->bytes->data, 4);
    append_number(exif, out, 4, EXIF_HEADER);
    uint64_t behind = EXIF_HEADER + size_of(exif, main) + (photo->count ? EXIF_ENTRY : 0);
    append_directory(exif, out, main, photo->count ? (uint32_t) behind : 0);
    if (photo->count)
        append_directory(exif, out, photo, 0);
    return g_byte_array_free_to_bytes(out);
}
