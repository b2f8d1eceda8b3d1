/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/webp_alpha.h"

#include <string.h>

#include "actions/patched_source.h"
#include "formats/bytes.h"

enum {
    BUDGET = 1024 * 1024, /* bytes that are read */
    CHUNK_HEADER = 8,
    FIRST = 12,        /* the first chunk of the file */
    AT_FLAGS = 20,     /* of VP8X, where it is the first */
    FRAME_HEADER = 16, /* of ANMF */
    ALPHA = 0x10,      /* among the flags, and the same bit among those of VP8L */
    LOSSLESS_HEADER = 5,
};

/* Whether the first picture of the chunks from `at` has alpha. */
static bool has_alpha(Bytes *bytes, uint64_t at)
{
    for (;;) {
        const unsigned char *chunk = bytes_at(bytes, at, CHUNK_HEADER);
        if (!chunk || memcmp(chunk, "VP8 ", 4) == 0)
            return false;
        if (memcmp(chunk, "ALPH", 4) == 0)
            return true;
        if (memcmp(chunk, "VP8L", 4) == 0)
            break;
        uint64_t length = le32(chunk + 4);
        at += CHUNK_HEADER + (memcmp(chunk, "ANMF", 4) == 0 ? FRAME_HEADER : length + (length & 1));
    }
    const unsigned char *lossless = bytes_at(bytes, at + CHUNK_HEADER, LOSSLESS_HEADER);
    return lossless && (lossless[LOSSLESS_HEADER - 1] & ALPHA);
}

VipsSource *webp_alpha_source(int fd)
{
    g_autofree Bytes *bytes = g_new(Bytes, 1);
    const unsigned char *head =
        bytes_begin(bytes, fd, BUDGET) ? bytes_at(bytes, FIRST, AT_FLAGS + 1 - FIRST) : NULL;

    if (!head || memcmp(head, "VP8X", 4) != 0)
        return NULL;
    const Patch flags = { AT_FLAGS, head[AT_FLAGS - FIRST] | ALPHA };
    if ((head[AT_FLAGS - FIRST] & ALPHA) || !has_alpha(bytes, FIRST))
        return NULL;
    GArray *patches = g_array_new(FALSE, FALSE, sizeof(Patch));
    g_array_append_val(patches, flags);
    return patched_source_new(fd, patches);
}
