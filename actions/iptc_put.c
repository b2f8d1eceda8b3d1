/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/iptc_put.h"

#include <string.h>

#include "formats/bytes.h"

enum { MARK = 0x1c, LONG_FORM = 0x8000, SHORT_MAX = 0x7fff };

static const char utf8_mark[] = "\x1b%G";

static void append(GByteArray *to, unsigned id, const void *value, size_t length)
{
    const unsigned char head[] = { MARK, (unsigned char) (id >> 8), (unsigned char) id,
                                   (unsigned char) (length >> 8), (unsigned char) length };
    const guint32 size = GUINT32_TO_BE((guint32) length);
    static const unsigned char four[] = { LONG_FORM >> 8, sizeof(size) };

    g_byte_array_append(to, head, length > SHORT_MAX ? 3 : sizeof(head));
    if (length > SHORT_MAX) {
        g_byte_array_append(to, four, sizeof(four));
        g_byte_array_append(to, (const guint8 *) &size, sizeof(size));
    }
    g_byte_array_append(to, value, (guint) length);
}

/* Bytes of a text up to `most`, with no part of a character. */
static size_t length_of(const char *text, size_t most, bool *cut)
{
    size_t length = strlen(text);

    if (!most || length <= most)
        return length;
    *cut = true;
    for (length = most; length && (text[length] & 0xc0) == 0x80;)
        length--;
    return length;
}

static bool are_ascii(const char *const *texts)
{
    for (; texts && *texts; texts++)
        if (!g_str_is_ascii(*texts))
            return false;
    return true;
}

typedef struct Writing {
    GByteArray *to;
    unsigned dataset;
    const char *const *texts;
    size_t most;
    bool cut;       /* a text is */
    bool was_utf8;  /* the old block is */
    bool converted; /* the new one says that it is */
    bool written;
} Writing;

/* Where the old ones stood, or before those of a larger number. */
static void write_texts(Writing *writing)
{
    for (const char *const *text = writing->texts; !writing->written && text && *text; text++)
        append(writing->to, writing->dataset, *text,
               length_of(*text, writing->most, &writing->cut));
    writing->written = true;
}

static bool is_text(unsigned id)
{
    return id >= IPTC_FIRST_TEXT && id <= IPTC_LAST_TEXT;
}

static void write_other(const Writing *writing, const IptcSet *set)
{
    if (set->id == IPTC_CHARACTER_SET && writing->converted)
        return;
    if (writing->converted && !writing->was_utf8 && is_text(set->id)) {
        g_autofree char *text = iptc_text(set, false);
        append(writing->to, set->id, text, strlen(text));
        return;
    }
    g_byte_array_append(writing->to, set->whole, (guint) (set->value + set->length - set->whole));
}

GBytes *iptc_put(GBytes *datasets, unsigned dataset, const char *const *texts, size_t most,
                 bool *cut)
{
    static const unsigned char version[] = { 0, 4 };
    g_autoptr(GByteArray) to = g_byte_array_new();
    gsize size = 0;
    const unsigned char *at = datasets ? g_bytes_get_data(datasets, &size) : NULL;
    const unsigned char *end = at ? at + size : NULL;
    bool any = false;
    IptcSet set;
    Writing writing = { .to = to, .dataset = dataset, .texts = texts, .most = most };

    writing.was_utf8 = iptc_is_utf8(datasets);
    writing.converted = !datasets || !are_ascii(texts);
    if (writing.converted)
        append(to, IPTC_CHARACTER_SET, utf8_mark, sizeof(utf8_mark) - 1);
    if (dataset < IPTC_VERSION && !datasets)
        write_texts(&writing);
    if (!datasets)
        append(to, IPTC_VERSION, version, sizeof(version));
    while (at && iptc_next(&at, end, &set)) {
        if (set.id >= dataset)
            write_texts(&writing);
        if (set.id == dataset)
            continue;
        write_other(&writing, &set);
        any |= set.id > IPTC_VERSION;
    }
    write_texts(&writing);
    *cut |= writing.cut;
    any |= texts && *texts;
    return any ? g_byte_array_free_to_bytes(g_steal_pointer(&to)) : NULL;
}
