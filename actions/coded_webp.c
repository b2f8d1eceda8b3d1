/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/coded_webp.h"

#include <string.h>

#include "actions/coded_run.h"

enum {
    RIFF = 12, /* "RIFF", size, "WEBP" */
    HEAD = 8,  /* type and size */
};

static void add_run(CodedWebp *coded, uint64_t at, uint64_t size)
{
    const CodedRun run = { at, size };

    g_array_append_val(coded->runs, run);
    coded->size += size;
}

/* Data without loss says itself whether some of it is transparent. */
static bool has_alpha(Bytes *bytes, uint64_t at)
{
    enum { FLAGS = HEAD + 1, ALPHA_BIT = 28 };
    const unsigned char *p = bytes_at(bytes, at, FLAGS + 4);

    return p && (le32(p + FLAGS) >> ALPHA_BIT & 1);
}

/* Adds a chunk of a still picture; *last: it was the last one of these. False for an animation. */
static bool read_chunk(CodedWebp *coded, Bytes *bytes, uint64_t at, uint64_t size, bool *last)
{
    const unsigned char *type = bytes_at(bytes, at, 4);
    bool alpha = type && !memcmp(type, "ALPH", 4);
    bool lossless = type && !memcmp(type, "VP8L", 4);

    if (!type || !memcmp(type, "ANIM", 4) || !memcmp(type, "ANMF", 4))
        return false;
    *last = lossless || !memcmp(type, "VP8 ", 4);
    if ((alpha || lossless) && coded->runs->len) /* one of them would not count */
        return false;
    if (alpha || *last)
        add_run(coded, at, size);
    coded->transparent |= alpha;
    if (lossless)
        coded->transparent = has_alpha(bytes, at);
    return true;
}

bool coded_webp_find(Bytes *bytes, CodedWebp *coded)
{
    const unsigned char *head = NULL;
    bool last = false;

    *coded = (CodedWebp){ .runs = g_array_new(FALSE, FALSE, sizeof(CodedRun)) };
    for (uint64_t at = RIFF; !last && (head = bytes_at(bytes, at, HEAD));) {
        uint64_t length = le32(head + 4), size = HEAD + length + (length & 1);
        if (!bytes_in_file(bytes, at, size) || !read_chunk(coded, bytes, at, size, &last))
            return false;
        at += size;
    }
    return last;
}

GByteArray *coded_webp_file(Bytes *bytes, const CodedWebp *coded)
{
    g_autoptr(GByteArray) file = g_byte_array_new();
    uint32_t size = GUINT32_TO_LE((uint32_t) (RIFF - HEAD + coded->size));

    g_byte_array_append(file, (const unsigned char *) "RIFF", 4);
    g_byte_array_append(file, (const unsigned char *) &size, sizeof(size));
    g_byte_array_append(file, (const unsigned char *) "WEBP", 4);
    for (unsigned i = 0; i < coded->runs->len; i++) {
        CodedRun run = g_array_index(coded->runs, CodedRun, i);
        unsigned before = file->len;
        g_byte_array_set_size(file, before + (unsigned) run.size);
        if (!bytes_copy(bytes, run.at, file->data + before, run.size))
            return NULL;
    }
    return g_steal_pointer(&file);
}

void coded_webp_clear(CodedWebp *coded)
{
    g_clear_pointer(&coded->runs, g_array_unref);
}
