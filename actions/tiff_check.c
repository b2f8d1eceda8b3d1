/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiff_check.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "actions/damage.h"
#include "formats/bytes.h"
#include "formats/tiff.h"

enum {
    PAGES_MAX = 4096,
    PARTS_MAX = 16 * 1024 * 1024,
    BUFFER = 64 * 1024,
};

/* An entry of a directory. */
typedef struct Value {
    unsigned size;  /* bytes of a number; 0: there is none */
    uint64_t count; /* of numbers */
    uint64_t at;    /* in the file */
} Value;

typedef struct Page {
    Value kind, compression, offsets, lengths;
    uint64_t next;
} Page;

typedef struct Tiff {
    Bytes bytes;
    TiffLayout layout;
    unsigned char packed[BUFFER], plain[BUFFER];
} Tiff;

static uint64_t number_at(Tiff *tiff, uint64_t at, unsigned size)
{
    const unsigned char *p = size ? bytes_at(&tiff->bytes, at, size) : NULL;

    return p ? tiff_number(&tiff->layout, p, size) : 0;
}

static uint64_t number(Tiff *tiff, const Value *value, uint64_t index)
{
    return index < value->count ? number_at(tiff, value->at + index * value->size, value->size) : 0;
}

/* ---- the page ---- */

static Value *value_for(Page *page, uint64_t tag)
{
    enum { NEW_SUBFILE = 254, COMPRESSION = 259, STRIPS = 273, STRIP_BYTES = 279 };
    enum { TILES = 324, TILE_BYTES = 325 };

    switch (tag) {
    case NEW_SUBFILE:
        return &page->kind;
    case COMPRESSION:
        return &page->compression;
    case STRIPS:
    case TILES:
        return &page->offsets;
    case STRIP_BYTES:
    case TILE_BYTES:
        return &page->lengths;
    default:
        return NULL;
    }
}

static void read_entry(Tiff *tiff, uint64_t at, Page *page)
{
    unsigned word = tiff->layout.word;
    Value *value = value_for(page, number_at(tiff, at, 2));

    if (!value)
        return;
    value->size = tiff_type_size(number_at(tiff, at + 2, 2));
    value->count = MIN(number_at(tiff, at + 4, word), PARTS_MAX);
    value->at = at + 4 + word;
    if (value->count * value->size > word)
        value->at = number_at(tiff, value->at, word);
}

static void read_page(Tiff *tiff, uint64_t at, Page *page)
{
    uint64_t entries = number_at(tiff, at, tiff->layout.count);

    *page = (Page){ 0 };
    at += tiff->layout.count;
    for (; entries && bytes_in_file(&tiff->bytes, at, 1); entries--, at += tiff->layout.entry)
        read_entry(tiff, at, page);
    page->next = number_at(tiff, at, tiff->layout.word);
}

static bool find_page(Tiff *tiff, Page *page)
{
    enum { REDUCED = 1, MASK = 4 };
    const unsigned char *head = bytes_at(&tiff->bytes, 0, TIFF_HEADER);

    if (!head)
        return false;
    tiff->layout = tiff_layout(head);
    uint64_t at = tiff_first_directory(&tiff->layout, head);
    for (int i = 0; at && i < PAGES_MAX; i++, at = page->next) {
        read_page(tiff, at, page);
        if (!(number(tiff, &page->kind, 0) & (REDUCED | MASK)))
            return true;
    }
    return false;
}

/* ---- its parts ---- */

/* Unpacks the bytes from `at`, and forgets them. */
static int unpack(Tiff *tiff, z_stream *stream, uint64_t at, uint64_t length)
{
    int status = Z_OK;

    while (status == Z_OK && length) {
        ssize_t got = pread(tiff->bytes.fd, tiff->packed, MIN(length, BUFFER), (off_t) at);
        if (got <= 0)
            return Z_OK;
        at += (uint64_t) got;
        length -= (uint64_t) got;
        stream->next_in = tiff->packed;
        stream->avail_in = (unsigned) got;
        do {
            stream->next_out = tiff->plain;
            stream->avail_out = BUFFER;
            status = inflate(stream, Z_NO_FLUSH);
        } while (status == Z_OK && stream->avail_out == 0);
        if (status == Z_BUF_ERROR) /* it wants more */
            status = Z_OK;
    }
    return status;
}

static bool is_whole(Tiff *tiff, uint64_t at, uint64_t length)
{
    z_stream stream = { 0 };

    if (!length || !bytes_in_file(&tiff->bytes, at, length) || inflateInit(&stream) != Z_OK)
        return true; /* libtiff reports it */
    int status = unpack(tiff, &stream, at, length);
    inflateEnd(&stream);
    return status != Z_DATA_ERROR;
}

static bool check_parts(Tiff *tiff, const Page *page)
{
    for (uint64_t i = 0; i < page->offsets.count; i++) {
        if (is_whole(tiff, number(tiff, &page->offsets, i), number(tiff, &page->lengths, i)))
            continue;
        damage_report("TIFF", DAMAGE_DATA, 0, (double) i / (double) page->offsets.count);
        return false;
    }
    return true;
}

bool tiff_check(int fd)
{
    enum { ADOBE_DEFLATE = 8, DEFLATE = 32946 };
    g_autofree Tiff *tiff = g_new0(Tiff, 1);
    Page page;

    if (!bytes_begin(&tiff->bytes, fd, UINT64_MAX) || !find_page(tiff, &page))
        return true;
    uint64_t compression = number(tiff, &page.compression, 0);
    return (compression != ADOBE_DEFLATE && compression != DEFLATE) || check_parts(tiff, &page);
}
