/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content.h - the digests of a content, made of its bytes as they pass by. One thread at a time. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which digests are made beside XXH3-128, each a bit. */
typedef enum ContentDigests {
    CONTENT_MD5 = 1 << 0,
    CONTENT_SHA256 = 1 << 1,
} ContentDigests;

/* What a content is: the same for the same bytes. */
typedef struct Content {
    int64_t size;    /* bytes */
    char xxh128[33]; /* XXH3-128, canonical (big-endian), as 32 small hexadecimal digits */
    char md5[33];    /* the same of MD5; "" where it was not asked for */
    char sha256[65]; /* the same of SHA-256; "" where it was not asked for */
} Content;

typedef struct ContentReader ContentReader;

/* digests: of ContentDigests. */
ContentReader *content_reader_new(unsigned digests);
void content_reader_free(ContentReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContentReader, content_reader_free)

void content_add(ContentReader *reader, const void *bytes, size_t length);

/* What has been added up to now, or since the last call: the reader begins again. */
void content_end(ContentReader *reader, Content *content);

/* Whether both have the same bytes: size and XXH3-128. */
bool content_same(const Content *a, const Content *b);
