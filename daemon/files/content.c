/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/content.h"

#include <string.h>
#include <xxhash.h>

struct ContentReader {
    XXH3_state_t *xxh;
    GChecksum *md5, *sha256; /* NULL: not asked for */
    int64_t size;
};

ContentReader *content_reader_new(unsigned digests)
{
    ContentReader *reader = g_new0(ContentReader, 1);

    reader->xxh = XXH3_createState();
    XXH3_128bits_reset(reader->xxh);
    if (digests & CONTENT_MD5)
        reader->md5 = g_checksum_new(G_CHECKSUM_MD5);
    if (digests & CONTENT_SHA256)
        reader->sha256 = g_checksum_new(G_CHECKSUM_SHA256);
    return reader;
}

void content_reader_free(ContentReader *reader)
{
    if (!reader)
        return;
    XXH3_freeState(reader->xxh);
    g_clear_pointer(&reader->md5, g_checksum_free);
    g_clear_pointer(&reader->sha256, g_checksum_free);
    g_free(reader);
}

void content_add(ContentReader *reader, const void *bytes, size_t length)
{
    XXH3_128bits_update(reader->xxh, bytes, length);
    if (reader->md5)
        g_checksum_update(reader->md5, bytes, (gssize) length);
    if (reader->sha256)
        g_checksum_update(reader->sha256, bytes, (gssize) length);
    reader->size += (int64_t) length;
}

static void end_checksum(GChecksum *sum, char *text, size_t room)
{
    if (!sum)
        return;
    g_strlcpy(text, g_checksum_get_string(sum), room);
    g_checksum_reset(sum);
}

void content_end(ContentReader *reader, Content *content)
{
    XXH128_canonical_t canonical;

    memset(content, 0, sizeof(*content));
    content->size = reader->size;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(reader->xxh));
    for (size_t i = 0; i < sizeof(canonical.digest); i++)
        g_snprintf(content->xxh128 + 2 * i, 3, "%02x", canonical.digest[i]);
    end_checksum(reader->md5, content->md5, sizeof(content->md5));
    end_checksum(reader->sha256, content->sha256, sizeof(content->sha256));
    XXH3_128bits_reset(reader->xxh);
    reader->size = 0;
}

bool content_same(const Content *a, const Content *b)
{
    return a->size == b->size && !strcmp(a->xxh128, b->xxh128);
}
