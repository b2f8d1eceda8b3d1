/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_webp.h"

#include <string.h>

#include "formats/chunks.h"

enum { EXTENDED = 10 };

/* Bits of VP8X. */
enum {
    HAS_XMP = 0x04,
    HAS_EXIF = 0x08,
    HAS_ALPHA = 0x10,
    HAS_PROFILE = 0x20,
};

/* ---- reading ---- */

void blocks_webp_read(Bytes *bytes, MetadataBlocks *blocks)
{
    Chunk chunk;

    for (uint64_t at = WEBP_HEADER; webp_next(bytes, &at, &chunk);) {
        bool exif = chunk_is(&chunk, "EXIF") && !blocks->exif;
        bool xmp = chunk_is(&chunk, "XMP ") && !blocks->xmp;
        g_autoptr(GByteArray) data =
            (exif || xmp) && chunk.length ? blocks_read(bytes, chunk.at, chunk.length) : NULL;
        if (data && exif)
            blocks->exif = blocks_exif(data->data, data->len);
        else if (data)
            blocks->xmp = g_byte_array_free_to_bytes(g_steal_pointer(&data));
    }
}

/* ---- writing ---- */

static void add(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

static void add_chunk(GByteArray *to, const char *type, const void *data, size_t size)
{
    uint32_t length = GUINT32_TO_LE((uint32_t) size);

    add(to, type, 4);
    add(to, &length, sizeof(length));
    add(to, data, size);
    if (size & 1)
        add(to, "", 1);
}

static void add_block(GByteArray *to, const char *type, GBytes *block)
{
    size_t size = 0;
    const void *bytes = block ? g_bytes_get_data(block, &size) : NULL;

    if (bytes)
        add_chunk(to, type, bytes, size);
}

/* What the encoder has written: chunks of pixels, and metadata, which libvips 8.14 writes in
 * spite of `strip`. */
typedef struct Chunks {
    GByteArray *pixels;
    unsigned count;                   /* of those of pixels */
    unsigned char extended[EXTENDED]; /* of VP8X; flags of pixels only */
} Chunks;

static void put_le24(unsigned char *p, int value)
{
    p[0] = (unsigned char) value;
    p[1] = (unsigned char) (value >> 8);
    p[2] = (unsigned char) (value >> 16);
}

static bool is_metadata(const unsigned char *chunk)
{
    return !memcmp(chunk, "ICCP", 4) || !memcmp(chunk, "EXIF", 4) || !memcmp(chunk, "XMP ", 4);
}

/* What a file without VP8X says of it: lossless pixels whether some are transparent. */
static bool has_alpha(const unsigned char *chunk, size_t size)
{
    enum { FLAGS = WEBP_HEAD + 1, ALPHA_BIT = 28 };

    if (!memcmp(chunk, "ALPH", 4))
        return true;
    return !memcmp(chunk, "VP8L", 4) && size >= FLAGS + 4 && (le32(chunk + FLAGS) >> ALPHA_BIT & 1);
}

static void read_chunk(Chunks *chunks, const unsigned char *chunk, size_t size)
{
    const unsigned char pixel_flags = 0xff & ~(HAS_XMP | HAS_EXIF | HAS_PROFILE);

    if (!memcmp(chunk, "VP8X", 4) && size >= WEBP_HEAD + EXTENDED) {
        chunks->extended[0] |= chunk[WEBP_HEAD] & pixel_flags;
    } else if (!is_metadata(chunk)) {
        if (has_alpha(chunk, size))
            chunks->extended[0] |= HAS_ALPHA;
        add(chunks->pixels, chunk, size);
        chunks->count++;
    }
}

/* False where the file is damaged. */
static bool read_chunks(Chunks *chunks, const GByteArray *webp)
{
    size_t whole = 0;

    if (webp->len < WEBP_HEADER || memcmp(webp->data, "RIFF", 4) ||
        memcmp(webp->data + 8, "WEBP", 4))
        return false;
    for (size_t at = WEBP_HEADER; at < webp->len; at += whole) {
        size_t left = webp->len - at;
        if (left < WEBP_HEAD)
            return false;
        whole = WEBP_HEAD + (size_t) le32(webp->data + at + 4);
        whole += whole & 1;
        if (whole > left)
            return false;
        read_chunk(chunks, webp->data + at, whole);
    }
    return chunks->count;
}

GByteArray *blocks_webp_write(const GByteArray *webp, const MetadataBlocks *blocks, GBytes *profile,
                              int width, int height)
{
    g_autoptr(GByteArray) pixels = g_byte_array_new();
    g_autoptr(GByteArray) out = g_byte_array_new();
    Chunks chunks = { .pixels = pixels };

    if (!read_chunks(&chunks, webp))
        return NULL;
    bool more = blocks->exif || blocks->xmp || profile || chunks.count > 1;
    put_le24(chunks.extended + 4, width - 1);
    put_le24(chunks.extended + 7, height - 1);
    chunks.extended[0] |=
        (unsigned char) ((blocks->exif ? HAS_EXIF : 0) | (blocks->xmp ? HAS_XMP : 0) |
                         (profile ? HAS_PROFILE : 0));
    add(out, webp->data, WEBP_HEADER);
    if (more)
        add_chunk(out, "VP8X", chunks.extended, EXTENDED);
    add_block(out, "ICCP", profile);
    add(out, pixels->data, pixels->len);
    add_block(out, "EXIF", blocks->exif);
    add_block(out, "XMP ", blocks->xmp);
    uint32_t size = GUINT32_TO_LE(out->len - WEBP_HEAD);
    memcpy(out->data + 4, &size, sizeof(size));
    return g_steal_pointer(&out);
}
