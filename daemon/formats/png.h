/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* png.h - the chunks of a PNG file. */
#pragma once

#include <string.h>

#include "formats/bytes.h"

enum {
    PNG_SIGNATURE = 8, /* bytes before the first chunk */
    PNG_HEAD = 8,      /* of a chunk before its data: length and type */
    PNG_FRAME = 12,    /* with the sum behind the data */
};

typedef struct PngChunk {
    char type[5];
    uint64_t at, length; /* of its data; the file may end before them */
} PngChunk;

/* The chunk at *at, which moves behind it; false at the end. */
static inline bool png_next(Bytes *bytes, uint64_t *at, PngChunk *chunk)
{
    const unsigned char *head = bytes_at(bytes, *at, PNG_HEAD);

    if (!head)
        return false;
    *chunk = (PngChunk){ .at = *at + PNG_HEAD, .length = be32(head) };
    memcpy(chunk->type, head + 4, 4);
    *at += PNG_FRAME + chunk->length;
    return true;
}

static inline bool png_is(const PngChunk *chunk, const char *type)
{
    return strcmp(chunk->type, type) == 0;
}
