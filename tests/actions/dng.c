/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/dng.h"

#include <string.h>

enum {
    BYTE = 1,
    ASCII = 2,
    SHORT = 3,
    LONG = 4,
    RATIONAL = 5,
    SIGNED_RATIONAL = 10,
    ENTRY = 12,
    WHITE = 4095,
    PLACES = 10000, /* of fractions */
};

typedef struct Directory {
    GByteArray *file;
    GByteArray *entries;
    guint count;
} Directory;

static guint put(GByteArray *file, const void *bytes, guint size)
{
    guint at = 0;

    while (file->len % 4)
        g_byte_array_append(file, (const guint8 *) "", 1);
    at = file->len;
    g_byte_array_append(file, bytes, size);
    return at;
}

static void append_number(GByteArray *to, guint32 number, guint length)
{
    const guint32 little = GUINT32_TO_LE(number);

    g_byte_array_append(to, (const guint8 *) &little, length);
}

/* `bytes` are `count` values of that type. */
static void add(Directory *directory, guint tag, guint type, guint count, const void *bytes,
                guint size)
{
    guint8 inside[4] = { 0 };

    append_number(directory->entries, tag, 2);
    append_number(directory->entries, type, 2);
    append_number(directory->entries, count, 4);
    if (size > sizeof(inside)) {
        append_number(directory->entries, put(directory->file, bytes, size), 4);
    } else {
        memcpy(inside, bytes, size);
        g_byte_array_append(directory->entries, inside, sizeof(inside));
    }
    directory->count++;
}

static void add_number(Directory *directory, guint tag, guint32 number)
{
    const guint32 little = GUINT32_TO_LE(number);

    add(directory, tag, LONG, 1, &little, sizeof(little));
}

static void add_text(Directory *directory, guint tag, const char *text)
{
    add(directory, tag, ASCII, (guint) strlen(text) + 1, text, (guint) strlen(text) + 1);
}

static void add_fractions(Directory *directory, guint tag, guint type, const double *numbers,
                          guint count)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    for (guint i = 0; i < count; i++) {
        append_number(bytes, (guint32) (gint32) (numbers[i] * PLACES), 4);
        append_number(bytes, PLACES, 4);
    }
    add(directory, tag, type, count, bytes->data, bytes->len);
}

/* Where it lies. */
static guint end(Directory *directory)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();

    append_number(whole, directory->count, 2);
    g_byte_array_append(whole, directory->entries->data, directory->entries->len);
    append_number(whole, 0, 4);
    g_byte_array_unref(directory->entries);
    return put(directory->file, whole->data, whole->len);
}

static Directory begin(GByteArray *file)
{
    return (Directory){ file, g_byte_array_new(), 0 };
}

/* RGGB. */
static GByteArray *mosaic(const Dng *dng)
{
    GByteArray *out = g_byte_array_new();

    for (int y = 0; y < dng->height; y++)
        for (int x = 0; x < dng->width; x++) {
            int red = WHITE / 8 + x * (WHITE * 3 / 4) / dng->width, green = WHITE / 2,
                blue = WHITE / 8 + y * (WHITE * 3 / 4) / dng->height;
            append_number(out, (guint32) (x % 2 != y % 2 ? green : x % 2 ? blue : red), 2);
        }
    return out;
}

static void add_sensor(Directory *directory, const Dng *dng)
{
    static const guint8 pattern[] = { 0, 1, 1, 2 }, square[] = { 2, 0, 2, 0 };
    g_autoptr(GByteArray) pixels = mosaic(dng);

    add_number(directory, 254, 0);
    add_number(directory, 256, (guint32) dng->width);
    add_number(directory, 257, (guint32) dng->height);
    add_number(directory, 258, 16);
    add_number(directory, 259, 1);
    add_number(directory, 262, 32803);
    add_number(directory, 273, put(directory->file, pixels->data, pixels->len));
    add_number(directory, 277, 1);
    add_number(directory, 278, (guint32) dng->height);
    add_number(directory, 279, pixels->len);
    add(directory, 33421, SHORT, 2, square, sizeof(square));
    add(directory, 33422, BYTE, sizeof(pattern), pattern, sizeof(pattern));
    add_number(directory, 50717, WHITE);
}

static void add_preview(Directory *directory, GBytes *preview)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(preview, &size);

    add_number(directory, 259, 7);
    add_number(directory, 262, 6);
    add_number(directory, 273, put(directory->file, bytes, (guint) size));
    add_number(directory, 279, (guint32) size);
}

static void add_colours(Directory *directory)
{
    static const guint8 version[] = { 1, 4, 0, 0 };
    static const double matrix[] = { 1.1, -0.4, -0.05, -0.35, 1.15, 0.2, -0.05, 0.15, 0.6 };
    static const double neutral[] = { 0.6, 1, 0.7 };

    add(directory, 50706, BYTE, sizeof(version), version, sizeof(version));
    add_fractions(directory, 50721, SIGNED_RATIONAL, matrix, G_N_ELEMENTS(matrix));
    add_fractions(directory, 50728, RATIONAL, neutral, G_N_ELEMENTS(neutral));
}

GByteArray *dng_file(const Dng *dng)
{
    GByteArray *file = g_byte_array_new();

    g_byte_array_append(file, (const guint8 *) "II*\0\0\0\0\0", 8);
    Directory sensor = begin(file);
    add_sensor(&sensor, dng);
    guint below = end(&sensor);
    Directory main = begin(file);
    add_number(&main, 254, 1);
    if (dng->preview)
        add_preview(&main, dng->preview);
    add_text(&main, 271, "Acme");
    add_text(&main, 272, "Acme X1");
    if (dng->orientation)
        add_number(&main, 274, (guint32) dng->orientation);
    add_number(&main, 330, below);
    if (!dng->unknown)
        add_colours(&main);
    const guint32 first = GUINT32_TO_LE(end(&main));
    memcpy(file->data + 4, &first, sizeof(first));
    return file;
}
