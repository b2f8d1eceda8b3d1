/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/iptc.h"

#include <string.h>

#include "base/text.h"
#include "formats/bytes.h"

enum { MARK = 0x1c, HEAD = 5, LONG_FORM = 0x8000 };

bool iptc_next(const unsigned char **at, const unsigned char *end, IptcSet *set)
{
    const unsigned char *p = *at;
    size_t left = (size_t) (end - p);

    if (left < HEAD || p[0] != MARK)
        return false;
    size_t length = be16(p + 3), head = HEAD;
    if (length & LONG_FORM) {
        size_t digits = length & ~(size_t) LONG_FORM;
        if (digits > 4 || digits > left - HEAD)
            return false;
        length = 0;
        for (size_t i = 0; i < digits; i++)
            length = length << 8 | p[HEAD + i];
        head += digits;
    }
    if (length > left - head)
        return false;
    *set = (IptcSet){ p, p + head, length, IPTC_DATASET(p[1], p[2]) };
    *at = p + head + length;
    return true;
}

/* ---- character sets ---- */

static const char *bytes_of(const IptcSet *set)
{
    return (const char *) set->value;
}

/* Bytes up to the first 0. */
static size_t length_of(const IptcSet *set)
{
    return strnlen(bytes_of(set), set->length);
}

/* How many bytes are UTF-8: all, or all but those of a character that the end cuts; -1: it is none.
 */
static gssize utf8_of(const IptcSet *set)
{
    const char *bytes = bytes_of(set), *end = NULL;
    size_t length = length_of(set);

    if (g_utf8_validate(bytes, (gssize) length, &end))
        return (gssize) length;
    bool cut = g_utf8_get_char_validated(end, bytes + length - end) == (gunichar) -2;
    return cut ? end - bytes : -1;
}

/* Whether a text can be UTF-8, where its block does not say so: the last letter of a word in
 * Latin-1 looks like a character that is cut. */
static bool may_be_utf8(const IptcSet *set)
{
    gssize whole = utf8_of(set);
    bool cut = whole != (gssize) length_of(set);
    bool other = whole > 0 && g_utf8_strlen(bytes_of(set), whole) < whole;

    return whole >= 0 && (!cut || other);
}

bool iptc_is_utf8(GBytes *datasets)
{
    static const char mark[] =
        "\x1b%"; /* ISO 2022: another coding system, of which UTF-8 is common */
    gsize size = 0;
    const unsigned char *at = datasets ? g_bytes_get_data(datasets, &size) : NULL;
    const unsigned char *end = at ? at + size : NULL;
    bool may_be = true;
    IptcSet set;

    while (at && iptc_next(&at, end, &set)) {
        if (set.id == IPTC_CHARACTER_SET && set.length)
            return set.length > 2 && !memcmp(set.value, mark, 2);
        if (set.id >= IPTC_FIRST_TEXT && set.id <= IPTC_LAST_TEXT)
            may_be &= may_be_utf8(&set);
    }
    return may_be;
}

char *iptc_text(const IptcSet *set, bool utf8)
{
    gssize whole = utf8 ? utf8_of(set) : -1;

    return whole >= 0 ? g_strndup(bytes_of(set), (gsize) whole)
                      : text_from_latin1(bytes_of(set), length_of(set));
}

GStrv iptc_texts(GBytes *datasets, unsigned dataset)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    const bool utf8 = iptc_is_utf8(datasets);
    gsize size = 0;
    const unsigned char *at = datasets ? g_bytes_get_data(datasets, &size) : NULL;
    const unsigned char *end = at ? at + size : NULL;
    IptcSet set;

    while (at && iptc_next(&at, end, &set))
        if (set.id == dataset)
            g_ptr_array_add(texts, iptc_text(&set, utf8));
    bool any = texts->len > 0;
    g_ptr_array_add(texts, NULL);
    char **all = (char **) g_ptr_array_free(texts, !any);
    return all;
}

GBytes *iptc_filter(GBytes *datasets, bool (*keep)(unsigned dataset))
{
    enum { ENVELOPE_END = IPTC_DATASET(2, 1) };
    GByteArray *out = g_byte_array_new();
    gsize size = 0;
    const unsigned char *at = datasets ? g_bytes_get_data(datasets, &size) : NULL;
    const unsigned char *end = at ? at + size : NULL;
    bool any = false;
    IptcSet set;

    while (at && iptc_next(&at, end, &set)) {
        if (!keep(set.id))
            continue;
        g_byte_array_append(out, set.whole, (guint) (set.value + set.length - set.whole));
        any |= set.id >= ENVELOPE_END;
    }
    if (any)
        return g_byte_array_free_to_bytes(out);
    g_byte_array_unref(out);
    return NULL;
}
