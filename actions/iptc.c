/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/iptc.h"

#include <string.h>

#include "base/text.h"
#include "formats/bytes.h"

enum { MARK = 0x1c, HEAD = 5, LONG_FORM = 0x8000 };

typedef struct Dataset {
    const unsigned char *whole; /* with its header */
    const unsigned char *value;
    size_t length; /* of the value */
    unsigned id;   /* IPTC_DATASET() */
} Dataset;

/* The dataset at *at, which moves behind it; false at the end, or where the block is damaged. */
static bool next_dataset(const unsigned char **at, const unsigned char *end, Dataset *set)
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
    *set = (Dataset){ p, p + head, length, IPTC_DATASET(p[1], p[2]) };
    *at = p + head + length;
    return true;
}

static char *text_of(const Dataset *set)
{
    const char *bytes = (const char *) set->value;
    size_t length = strnlen(bytes, set->length);

    if (g_utf8_validate(bytes, (gssize) length, NULL))
        return g_strndup(bytes, length);
    return text_from_latin1(bytes, length);
}

GStrv iptc_texts(GBytes *datasets, unsigned dataset)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    gsize size = 0;
    const unsigned char *at = datasets ? g_bytes_get_data(datasets, &size) : NULL;
    const unsigned char *end = at ? at + size : NULL;
    Dataset set;

    while (at && next_dataset(&at, end, &set)) {
        char *text = set.id == dataset ? text_of(&set) : NULL;
        if (text)
            g_ptr_array_add(texts, text);
    }
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
    Dataset set;

    while (at && next_dataset(&at, end, &set)) {
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
