/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_gif.h"

#include <string.h>

#include "formats/gif.h"

enum {
    COMMENT = 0xfe,
    APPLICATION = 0xff,
    NAME = 11, /* bytes of an application's */
};

/* Appends the content of a chain of blocks (`to` NULL: none), with the lengths where `raw` is set;
 * returns the position behind the chain, 0 where it does not end. */
static uint64_t read_chain(Bytes *bytes, uint64_t at, bool raw, GByteArray *to)
{
    for (;;) {
        const unsigned char *length = bytes_at(bytes, at, 1);
        unsigned size = length ? *length : 0;
        const unsigned char *block = size ? bytes_at(bytes, at, 1 + size) : NULL;

        if (!length || (size && !block) || (to && to->len > BLOCK_MAX))
            return 0;
        if (!size)
            return at + 1;
        if (to)
            g_byte_array_append(to, block + !raw, size + raw);
        at += 1 + (uint64_t) size;
    }
}

static void read_comment(GByteArray *text, MetadataBlocks *blocks)
{
    if (!blocks->comment && text->len)
        blocks->comment = g_utf8_make_valid((const char *) text->data, text->len);
}

/* XMP stands in no blocks; 257 bytes behind it lead a reader of blocks to the end of the chain. */
static void read_xmp(const GByteArray *chain, MetadataBlocks *blocks)
{
    enum { MAGIC = 257, FIRST = 0x01 };

    if (!blocks->xmp && chain->len > MAGIC && chain->data[chain->len - MAGIC] == FIRST)
        blocks->xmp = g_bytes_new(chain->data, chain->len - MAGIC);
}

/* Reads the extension at `at`, and returns the position behind it. */
static uint64_t read_extension(Bytes *bytes, uint64_t at, void *user)
{
    MetadataBlocks *blocks = user;
    static const char xmp[] = "XMP DataXMP";
    const unsigned char *p = bytes_at(bytes, at, 3 + NAME);
    unsigned kind = p ? p[1] : 0;
    bool is_xmp = kind == APPLICATION && p[2] == NAME && memcmp(p + 3, xmp, NAME) == 0;
    g_autoptr(GByteArray) chain = is_xmp || kind == COMMENT ? g_byte_array_new() : NULL;

    at = read_chain(bytes, at + 2 + (is_xmp ? 1 + NAME : 0), is_xmp, chain);
    if (at && is_xmp)
        read_xmp(chain, blocks);
    else if (at && chain)
        read_comment(chain, blocks);
    return at;
}

/* What to do with the extension at `at`; returns the position behind it, 0 to end. */
typedef uint64_t (*OnExtension)(Bytes *bytes, uint64_t at, void *user);

static void walk(Bytes *bytes, OnExtension on_extension, void *user)
{
    const unsigned char *p = bytes_at(bytes, 0, GIF_HEADER);
    uint64_t at = p ? GIF_HEADER + gif_table_size(p[10]) : 0;

    while (at && (p = bytes_at(bytes, at, 1))) {
        if (*p == GIF_EXTENSION) {
            at = on_extension(bytes, at, user);
        } else if (*p == GIF_PICTURE && (p = bytes_at(bytes, at, 10))) {
            at += 10 + gif_table_size(p[9]) + 1;
            at = gif_skip_chain(bytes, at);
        } else {
            return;
        }
    }
}

void blocks_gif_read(Bytes *bytes, MetadataBlocks *blocks)
{
    walk(bytes, read_extension, blocks);
}

typedef struct Count {
    uint64_t max, found;
} Count;

static uint64_t count_extension(Bytes *bytes, uint64_t at, void *user)
{
    Count *count = user;
    const unsigned char *p = bytes_at(bytes, at, 2);
    bool counts = p && (p[1] == COMMENT || p[1] == APPLICATION);
    uint64_t end = gif_skip_chain(bytes, at + 2);

    if (counts && end)
        count->found += end - at;
    return count->found > count->max ? 0 : end;
}

uint64_t blocks_gif_size(Bytes *bytes, uint64_t max)
{
    Count count = { .max = max };

    walk(bytes, count_extension, &count);
    return count.found;
}

/* ---- writing ---- */

static void put(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

static void put_byte(GByteArray *to, size_t value)
{
    const unsigned char byte = (unsigned char) value;

    put(to, &byte, 1);
}

static void put_comment(GByteArray *to, const char *text)
{
    enum { MOST = 255 };
    size_t left = text ? strlen(text) : 0;

    if (!left)
        return;
    put_byte(to, GIF_EXTENSION);
    put_byte(to, COMMENT);
    for (; left; text += MIN(left, MOST), left -= MIN(left, MOST)) {
        put_byte(to, MIN(left, MOST));
        put(to, text, MIN(left, MOST));
    }
    put_byte(to, 0);
}

/* With the bytes behind it that read_xmp() knows: 1, 255, 254, ... 0, and the end of the chain. */
static void put_xmp(GByteArray *to, GBytes *xmp)
{
    static const char name[] = "XMP DataXMP";

    if (!xmp)
        return;
    put_byte(to, GIF_EXTENSION);
    put_byte(to, APPLICATION);
    put_byte(to, NAME);
    put(to, name, NAME);
    put(to, g_bytes_get_data(xmp, NULL), g_bytes_get_size(xmp));
    put_byte(to, 1);
    for (int value = 255; value >= 0; value--)
        put_byte(to, (size_t) value);
    put_byte(to, 0);
}

GByteArray *blocks_gif_write(const GByteArray *file, const MetadataBlocks *blocks)
{
    static const char newer[] = "GIF89a";
    g_autoptr(GByteArray) to = g_byte_array_new();
    size_t start = file->len > GIF_HEADER ? GIF_HEADER + gif_table_size(file->data[10]) : SIZE_MAX;

    if (start >= file->len || memcmp(file->data, "GIF8", 4) != 0)
        return NULL;
    put(to, file->data, start);
    put_comment(to, blocks->comment);
    put_xmp(to, blocks->xmp);
    if (to->len > start) /* the older one has no extensions */
        memcpy(to->data, newer, sizeof(newer) - 1);
    put(to, file->data + start, file->len - start);
    return g_steal_pointer(&to);
}
