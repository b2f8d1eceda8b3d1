/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chunks.h - the chunks of PNG and WebP files. */
#pragma once

#include <string.h>

#include "formats/bytes.h"

enum {
    PNG_SIGNATURE = 8, /* bytes before the first chunk */
    PNG_HEAD = 8,      /* of a chunk before its data: length and type */
    PNG_FRAME = 12,    /* with the sum behind the data */
    WEBP_HEADER = 12,  /* bytes before the first chunk: "RIFF", size, "WEBP" */
    WEBP_HEAD = 8,     /* of a chunk before its data: type and length */
};

typedef struct Chunk {
    char type[5];
    uint64_t at, length; /* of its data; the file may end before them */
} Chunk;

/* The chunk at *at, which moves behind it; false at the end. */
static inline bool png_next(Bytes *bytes, uint64_t *at, Chunk *chunk)
{
    const unsigned char *head = bytes_at(bytes, *at, PNG_HEAD);

    if (!head)
        return false;
    *chunk = (Chunk){ .at = *at + PNG_HEAD, .length = be32(head) };
    memcpy(chunk->type, head + 4, 4);
    *at += PNG_FRAME + chunk->length;
    return true;
}

static inline bool webp_next(Bytes *bytes, uint64_t *at, Chunk *chunk)
{
    const unsigned char *head = bytes_at(bytes, *at, WEBP_HEAD);

    if (!head)
        return false;
    *chunk = (Chunk){ .at = *at + WEBP_HEAD, .length = le32(head + 4) };
    memcpy(chunk->type, head, 4);
    *at = chunk->at + chunk->length + (chunk->length & 1);
    return true;
}

static inline bool chunk_is(const Chunk *chunk, const char *type)
{
    return strcmp(chunk->type, type) == 0;
}
