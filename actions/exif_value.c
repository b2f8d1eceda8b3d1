/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/exif_value.h"

#include <math.h>
#include <string.h>

#include "actions/metadata_taken.h"
#include "formats/tiff.h"

enum { ASCII = 2, SIGNED_RATIONAL = 10 };

static bool refuse(Error **err, const ExifName *name, const char *fix, const char *text)
{
    enum { SHOWN = 40 };
    g_autofree char *start = g_utf8_substring(text, 0, MIN(SHOWN, g_utf8_strlen(text, -1)));

    return error_set(err, ERROR_PICTURE, fix, "`exif.%s` cannot be \"%s\"", name->name, start);
}

ExifDirectory exif_directory_of(const ExifName *name)
{
    return g_str_has_prefix(name->key, "Exif.Photo.")     ? EXIF_IN_PHOTO
           : g_str_has_prefix(name->key, "Exif.GPSInfo.") ? EXIF_IN_GPS
           : g_str_has_prefix(name->key, "Exif.Iop.")     ? EXIF_IN_INTEROP
                                                          : EXIF_IN_MAIN;
}

static void add_number(GByteArray *to, bool big_endian, unsigned size, uint32_t number)
{
    for (unsigned i = 0; i < size; i++) {
        guint8 byte = (guint8) (number >> 8 * (big_endian ? size - 1 - i : i));
        g_byte_array_append(to, &byte, 1);
    }
}

/* ---- texts ---- */

/* A date in EXIF's form, where the tag has one; else the text. Newly allocated. */
static char *text_of(const ExifName *name, const char *text)
{
    static const unsigned dates[] = { 0x0132, 0x9003, 0x9004 };
    bool is_date = false;

    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++)
        is_date |= name->tag == dates[i] && exif_directory_of(name) != EXIF_IN_GPS;
    g_autoptr(GDateTime) date = is_date ? metadata_date(text) : NULL;
    return date ? g_date_time_format(date, "%Y:%m:%d %H:%M:%S") : g_strdup(text);
}

static void add_utf16(GByteArray *to, const char *text, bool big_endian)
{
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, NULL, NULL);

    for (const gunichar2 *unit = units; unit && *unit; unit++)
        add_number(to, big_endian, 2, *unit);
}

/* With its character set before it. */
static void add_comment(GByteArray *to, const char *text, bool big_endian)
{
    enum { SET = 8 };
    bool ascii = g_str_is_ascii(text);

    g_byte_array_append(to, (const guint8 *) (ascii ? "ASCII\0\0" : "UNICODE"), SET);
    if (ascii)
        g_byte_array_append(to, (const guint8 *) text, (guint) strlen(text));
    else
        add_utf16(to, text, big_endian);
}

/* ---- numbers ---- */

static bool whole(const char *text, int64_t *number)
{
    char *end = NULL;

    *number = g_ascii_strtoll(text, &end, 10);
    return end != text && !*end;
}

static bool as_decimals(const char *text, int64_t *over, int64_t *under)
{
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);
    const double largest = INT32_MAX;

    if (end == text || *end || !isfinite(number) || fabs(number) > UINT32_MAX)
        return false;
    for (*under = 1; *under < 1000000; *under *= 10)
        if (fabs(number * (double) *under - rint(number * (double) *under)) < 1e-9 ||
            fabs(number) * (double) *under * 10 > largest)
            break;
    *over = (int64_t) rint(number * (double) *under);
    return true;
}

bool exif_fraction(const char *text, int64_t *over, int64_t *under)
{
    const char *slash = strchr(text, '/');
    g_autofree char *first = g_strndup(text, slash ? (gsize) (slash - text) : 0);

    if (!slash)
        return as_decimals(text, over, under);
    return whole(first, over) && whole(slash + 1, under) && *under >= 0 &&
           ABS(*over) <= UINT32_MAX && *under <= UINT32_MAX;
}

static bool add_fraction(GByteArray *to, const char *word, bool is_signed, bool big_endian)
{
    int64_t over = 0, under = 0;

    if (!exif_fraction(word, &over, &under) || (!is_signed && over < 0) ||
        (is_signed && (over > INT32_MAX || over < INT32_MIN || under > INT32_MAX)))
        return false;
    add_number(to, big_endian, 4, (uint32_t) over);
    add_number(to, big_endian, 4, (uint32_t) under);
    return true;
}

static bool add_word(GByteArray *to, unsigned type, const char *word, bool big_endian)
{
    unsigned size = tiff_type_size(type);
    int64_t number = 0;

    if (type == TYPE_RATIONAL || type == SIGNED_RATIONAL)
        return add_fraction(to, word, type == SIGNED_RATIONAL, big_endian);
    if (!whole(word, &number) || number < 0 || number >= (int64_t) 1 << 8 * size)
        return false;
    add_number(to, big_endian, size, (uint32_t) number);
    return true;
}

static bool add_numbers(GByteArray *to, const ExifName *name, const char *text, bool big_endian)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    unsigned type = name->type == TYPE_UNDEFINED ? TYPE_BYTE : name->type;

    for (char **word = words; *word; word++)
        if (**word && !add_word(to, type, *word, big_endian))
            return false;
    bool one = name->kind == EXIF_NUMBER || name->kind == EXIF_FRACTION;
    return to->len > 0 && (!one || to->len == tiff_type_size(type));
}

/* ---- all of it ---- */

/* Of bytes: 3, or 1 2 3 0, are numbers; 0232 is a text. */
static bool is_bytes_text(const ExifName *name, const char *text)
{
    enum { VERSION = 4 };

    return name->kind == EXIF_BYTES && name->type == TYPE_UNDEFINED && strlen(text) >= VERSION &&
           !strchr(text, ' ');
}

bool exif_value(const ExifName *name, const char *text, bool big_endian, ExifPut *put, Error **err)
{
    g_autoptr(GByteArray) value = g_byte_array_new();
    g_autofree char *written = text_of(name, text);
    guint length = (guint) strlen(written);

    if (name->type == ASCII) {
        g_byte_array_append(value, (const guint8 *) written, length + 1);
    } else if (name->kind == EXIF_UTF16) {
        add_utf16(value, written, false);
        add_number(value, false, 2, 0);
    } else if (name->kind == EXIF_TEXT) {
        add_comment(value, written, big_endian);
    } else if (is_bytes_text(name, text)) {
        g_byte_array_append(value, (const guint8 *) text, length);
    } else if (!add_numbers(value, name, text, big_endian)) {
        return refuse(err, name,
                      name->kind == EXIF_NUMBERS ? "write numbers with a blank between"
                                                 : "write one number that it can hold",
                      text);
    }
    *put = (ExifPut){ .tag = { exif_directory_of(name), name->tag }, .type = name->type };
    put->count = value->len / tiff_type_size(name->type);
    put->value = g_byte_array_free_to_bytes(g_steal_pointer(&value));
    return true;
}
