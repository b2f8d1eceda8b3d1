/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/import/photo.h"

#include <string.h>

#include "tests/unit/sample.h"

enum { ASCII = 2, LONG = 4 };

static void put16(GByteArray *out, unsigned value)
{
    const guint8 bytes[] = { (guint8) value, (guint8) (value >> 8) };

    g_byte_array_append(out, bytes, sizeof(bytes));
}

static void put32(GByteArray *out, unsigned value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

typedef struct Entry {
    unsigned tag, number;
    const char *text; /* NULL: the number */
} Entry;

/* A directory at offset `at`, its texts behind it. */
static void put_directory(GByteArray *out, const Entry *entries, size_t count)
{
    size_t said = 0;

    for (size_t i = 0; i < count; i++)
        said += entries[i].text || entries[i].number;
    unsigned behind = out->len + 2 + 12 * (unsigned) said + 4;
    g_autoptr(GByteArray) texts = g_byte_array_new();
    put16(out, (unsigned) said);
    for (size_t i = 0; i < count; i++) {
        const Entry *entry = &entries[i];
        unsigned length = entry->text ? (unsigned) strlen(entry->text) + 1 : 1;
        if (!entry->text && !entry->number)
            continue;
        put16(out, entry->tag);
        put16(out, entry->text ? ASCII : LONG);
        put32(out, length);
        if (entry->text && length <= 4) {
            guint8 inside[4] = { 0 };
            memcpy(inside, entry->text, length);
            g_byte_array_append(out, inside, 4);
            continue;
        }
        put32(out, entry->text ? behind + texts->len : entry->number);
        if (entry->text)
            g_byte_array_append(texts, (const guint8 *) entry->text, length);
    }
    put32(out, 0);
    g_byte_array_append(out, texts->data, texts->len);
}

GByteArray *photo_tiff(const Taken *taken)
{
    GByteArray *out = g_byte_array_new();
    const Entry photo[] = { { 0x9003, 0, taken->date },
                            { 0x9011, 0, taken->offset },
                            { 0x9291, 0, taken->subsec },
                            { 0xa430, 0, taken->owner },
                            { 0xa431, 0, taken->serial } };

    g_byte_array_append(out, (const guint8 *) "II*\0\0\0\0\0", 8);
    unsigned at = out->len;
    put_directory(out, photo, G_N_ELEMENTS(photo));
    unsigned main_at = out->len;
    const Entry main[] = { { 0x010f, 0, taken->make },
                           { 0x0110, 0, taken->model },
                           { 0x4746, (unsigned) taken->rating, NULL },
                           { 0x8769, at, NULL } };
    put_directory(out, main, G_N_ELEMENTS(main));
    for (int i = 0; i < 4; i++)
        out->data[4 + i] = (guint8) (main_at >> (8 * i));
    return out;
}

GByteArray *photo_jpeg(const Taken *taken)
{
    g_autoptr(GByteArray) tiff = photo_tiff(taken), plain = sample_jpeg();
    GByteArray *out = g_byte_array_new();
    unsigned length = tiff->len + 8;
    const guint8 head[] = { 0xff, 0xd8, 0xff, 0xe1, (guint8) (length >> 8), (guint8) length };

    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, (const guint8 *) "Exif\0\0", 6);
    g_byte_array_append(out, tiff->data, tiff->len);
    g_byte_array_append(out, plain->data + 2, plain->len - 2);
    return out;
}
