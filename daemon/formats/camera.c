/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EXIF lies in a segment of a JPEG, and in an item of a HEIF (ISO/IEC 23008-12, 14496-12), whose
 * number is in `iinf` and whose place is in `iloc`. */
#include "formats/camera.h"

#include <string.h>

#include "formats/jpeg.h"
#include "formats/tiff.h"

enum {
    BUDGET = 1024 * 1024,
    EXIF_MAX = 64 * 1024, /* of one block; the tags that are read stand at its begin */
    TEXT_MAX = 64,        /* of one value */
    TAG_MAKE = 271,
    TAG_MODEL = 272,
    TAG_EXIF = 34665,
    TAG_TAKEN = 36867,
};

/* ---- the values ---- */

/* What EXIF says of a picture; each newly allocated. */
typedef struct Stamp {
    char *make, *model, *taken;
} Stamp;

static void stamp_clear(Stamp *stamp)
{
    g_free(stamp->make);
    g_free(stamp->model);
    g_free(stamp->taken);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stamp, stamp_clear)

static void read_text(TiffReader *reader, const TiffEntry *entry, char **text)
{
    char value[TEXT_MAX + 1] = "";
    size_t length = (size_t) MIN(entry->count, (uint64_t) TEXT_MAX);

    if (*text || !bytes_copy(reader->bytes, entry->at, value, length))
        return;
    g_strstrip(value);
    *text = *value ? g_strdup(value) : NULL;
}

static void read_directory(TiffReader *reader, uint64_t at, Stamp *stamp, uint64_t *exif)
{
    TiffEntry entry;

    if (!tiff_enter(reader, at))
        return;
    while (tiff_entry(reader, &entry)) {
        if (entry.tag == TAG_MAKE)
            read_text(reader, &entry, &stamp->make);
        else if (entry.tag == TAG_MODEL)
            read_text(reader, &entry, &stamp->model);
        else if (entry.tag == TAG_TAKEN)
            read_text(reader, &entry, &stamp->taken);
        else if (entry.tag == TAG_EXIF)
            *exif = tiff_value(reader, &entry, 0);
    }
}

/* Of a block of EXIF, which is a small TIFF. */
static char *stamp_of(const GByteArray *block)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    g_auto(Stamp) stamp = { 0 };
    TiffReader reader;
    uint64_t exif = 0;

    if (block->len < TIFF_HEADER || (memcmp(block->data, TIFF_MAGIC_LITTLE, 4) != 0 &&
                                     memcmp(block->data, TIFF_MAGIC_BIG, 4) != 0))
        return NULL;
    bytes_begin_memory(bytes, block->data, block->len);
    read_directory(&reader, tiff_begin(&reader, bytes), &stamp, &exif);
    if (exif)
        read_directory(&reader, exif, &stamp, &exif);
    if (!stamp.make || !stamp.model || !stamp.taken)
        return NULL;
    return g_strjoin("\n", stamp.make, stamp.model, stamp.taken, NULL);
}

/* ---- the block ---- */

/* `length` bytes from `at`, or those of them that are read; NULL: the file ends before them. */
static GByteArray *block_at(Bytes *bytes, uint64_t at, uint64_t length)
{
    GByteArray *block = g_byte_array_new();

    g_byte_array_set_size(block, (guint) MIN(length, (uint64_t) EXIF_MAX));
    if (bytes_copy(bytes, at, block->data, block->len))
        return block;
    g_byte_array_unref(block);
    return NULL;
}

static GByteArray *find_in_jpeg(Bytes *bytes)
{
    static const char name[] = "Exif\0";
    uint64_t at = JPEG_FIRST;
    JpegSegment segment;

    while (jpeg_next(bytes, &at, &segment)) {
        const unsigned char *head = segment.marker == JPEG_APP0 + 1 && segment.length > sizeof(name)
                                        ? bytes_at(bytes, segment.at, sizeof(name))
                                        : NULL;

        if (head && !memcmp(head, name, sizeof(name)))
            return block_at(bytes, segment.at + sizeof(name), segment.length - sizeof(name));
    }
    return NULL;
}

/* Reads numbers one after the other. */
typedef struct Numbers {
    Bytes *bytes;
    uint64_t at, end;
    bool failed;
} Numbers;

/* The next one, of 0 to 8 bytes, big-endian. */
static uint64_t next(Numbers *from, unsigned length)
{
    const unsigned char *p = !from->failed && length <= from->end - from->at
                                 ? bytes_at(from->bytes, from->at, length)
                                 : NULL;
    uint64_t number = 0;

    from->failed |= length && !p;
    if (from->failed)
        return 0;
    for (unsigned i = 0; i < length; i++)
        number = number << 8 | p[i];
    from->at += length;
    return number;
}

/* The box of this type among those from `at` to `end`. */
static bool find_box(Bytes *bytes, uint64_t at, uint64_t end, const char *type, Box *box)
{
    while (at < end && box_read(bytes, at, box)) {
        if (!strcmp(box->type, type))
            return box->length <= end - at;
        if (box->open || box->length > end - at)
            return false;
        at += box->length;
    }
    return false;
}

/* The number of the item of this type in the box `iinf`; 0: there is none. */
static uint64_t find_item(Bytes *bytes, const Box *list, const char *type)
{
    Numbers from = { bytes, list->at + list->header, list->at + list->length, false };
    unsigned version = (unsigned) (next(&from, 4) >> 24);
    uint64_t left = next(&from, version ? 4 : 2), at = from.at;
    Box box;

    for (; left && !from.failed && find_box(bytes, at, from.end, "infe", &box); left--) {
        Numbers entry = { bytes, box.at + box.header, box.at + box.length, false };
        unsigned kind = (unsigned) (next(&entry, 4) >> 24);
        uint64_t item = next(&entry, kind == 3 ? 4 : 2);
        next(&entry, 2);
        const unsigned char *word =
            !entry.failed && entry.end - entry.at >= 4 ? bytes_at(bytes, entry.at, 4) : NULL;
        if (kind >= 2 && word && !memcmp(word, type, 4))
            return item;
        at = box.at + box.length;
    }
    return 0;
}

/* Where the item lies in the file, as the box `iloc` says; false: nowhere, or not in one piece. */
static bool locate(Bytes *bytes, const Box *list, uint64_t wanted, uint64_t *at, uint64_t *length)
{
    Numbers from = { bytes, list->at + list->header, list->at + list->length, false };
    unsigned version = (unsigned) (next(&from, 4) >> 24), sizes = (unsigned) next(&from, 2);
    unsigned of_offset = sizes >> 12, of_length = sizes >> 8 & 15, of_base = sizes >> 4 & 15;
    unsigned of_index = version ? sizes & 15 : 0;
    uint64_t left = next(&from, version < 2 ? 2 : 4);

    if (version > 2 || MAX(MAX(of_offset, of_length), MAX(of_base, of_index)) > 8 ||
        !(of_offset | of_length))
        return false;
    for (; left && !from.failed; left--) {
        uint64_t item = next(&from, version < 2 ? 2 : 4);
        uint64_t method = version ? next(&from, 2) & 15 : 0;
        next(&from, 2);
        uint64_t base = next(&from, of_base), extents = next(&from, 2);
        for (uint64_t i = 0; i < extents && !from.failed; i++) {
            next(&from, of_index);
            *at = base + next(&from, of_offset);
            *length = next(&from, of_length);
        }
        if (item == wanted)
            return !from.failed && method == 0 && extents == 1;
    }
    return false;
}

/* Four bytes say how far behind them the block begins. */
static GByteArray *find_in_heif(Bytes *bytes)
{
    Box meta, items, places;
    uint64_t at = 0, length = 0, item = 0;

    if (!find_box(bytes, 0, bytes->size, "meta", &meta))
        return NULL;
    uint64_t inside = meta.at + meta.header + 4, end = meta.at + meta.length;
    if (!find_box(bytes, inside, end, "iinf", &items) ||
        !(item = find_item(bytes, &items, "Exif")) ||
        !find_box(bytes, inside, end, "iloc", &places) ||
        !locate(bytes, &places, item, &at, &length) || length < 4 ||
        !bytes_in_file(bytes, at, length))
        return NULL;
    Numbers from = { bytes, at, at + length, false };
    uint64_t skip = next(&from, 4);
    return from.failed || skip > length - 4 ? NULL
                                            : block_at(bytes, at + 4 + skip, length - 4 - skip);
}

char *camera_stamp(int fd)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    const unsigned char *head = NULL;

    if (!bytes_begin(bytes, fd, BUDGET) || !(head = bytes_at(bytes, 0, 8)))
        return NULL;
    bool jpeg = !memcmp(head, JPEG_MAGIC, sizeof(JPEG_MAGIC) - 1);
    bool heif = !memcmp(head + 4, "ftyp", 4);
    g_autoptr(GByteArray) block = jpeg ? find_in_jpeg(bytes) : heif ? find_in_heif(bytes) : NULL;
    return block ? stamp_of(block) : NULL;
}
