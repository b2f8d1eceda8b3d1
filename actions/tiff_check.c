/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/tiff_check.h"

#include <math.h>
#include <unistd.h>
#include <zlib.h>

#include "actions/damage.h"
#include "formats/bytes.h"
#include "formats/tiff.h"

enum { BUFFER = 64 * 1024 };

/* What tells the parts of the page: the strips or tiles of the picture. */
typedef struct Page {
    uint64_t width, height, bits, samples, compression, apart;
    uint64_t rows; /* in a strip; 0: all are in one */
    uint64_t tile_width, tile_height;
    TiffEntry offsets, lengths;
} Page;

typedef struct Tiff {
    Bytes bytes, more;          /* for the offsets, and for the lengths */
    TiffReader reader, lengths; /* of them */
    uint64_t budget;            /* of bytes, packed and unpacked */
    unsigned char packed[BUFFER], plain[BUFFER];
} Tiff;

/* ---- the page ---- */

static uint64_t *number_for(Page *page, unsigned tag)
{
    switch (tag) {
    case 256:
        return &page->width;
    case 257:
        return &page->height;
    case 258:
        return &page->bits;
    case 259:
        return &page->compression;
    case 277:
        return &page->samples;
    case 278:
        return &page->rows;
    case 284:
        return &page->apart;
    case 322:
        return &page->tile_width;
    case 323:
        return &page->tile_height;
    default:
        return NULL;
    }
}

static void note_entry(const Tiff *tiff, const TiffEntry *entry, Page *page)
{
    enum { STRIPS = 273, STRIP_BYTES = 279, TILES = 324, TILE_BYTES = 325 };
    uint64_t *number = number_for(page, entry->tag);

    if (number)
        *number = tiff_value(&tiff->reader, entry, 0);
    else if (entry->tag == STRIPS || entry->tag == TILES)
        page->offsets = *entry;
    else if (entry->tag == STRIP_BYTES || entry->tag == TILE_BYTES)
        page->lengths = *entry;
}

static bool read_page(Tiff *tiff, uint64_t directory, Page *page)
{
    uint64_t at = directory ? directory : tiff_picture(&tiff->bytes);
    TiffEntry entry;

    *page = (Page){ .bits = 1, .samples = 1 };
    tiff_begin(&tiff->reader, &tiff->bytes);
    tiff_begin(&tiff->lengths, &tiff->more);
    if (!tiff_enter(&tiff->reader, at))
        return false;
    while (tiff_entry(&tiff->reader, &entry))
        note_entry(tiff, &entry, page);
    return true;
}

typedef struct Parts {
    uint64_t count; /* of those that the picture has; a file may list more */
    uint64_t size;  /* bytes of each, unpacked */
} Parts;

/* How many pieces of `piece` cover the whole. */
static uint64_t pieces(uint64_t whole, uint64_t piece)
{
    return whole / piece + (whole % piece != 0);
}

static Parts parts_of(const Page *page)
{
    enum { APART = 2 };
    bool tiled = page->tile_width && page->tile_height;
    uint64_t width = tiled ? page->tile_width : page->width;
    uint64_t rows = tiled ? page->tile_height : page->rows ? page->rows : page->height;
    bool apart = page->apart == APART;

    if (!page->width || !page->height)
        return (Parts){ 0 };
    rows = tiled ? rows : MIN(rows, page->height);
    double row =
        ceil((double) width * (double) page->bits * (apart ? 1 : (double) page->samples) / 8);
    double count = (double) pieces(page->width, width) * (double) pieces(page->height, rows) *
                   (apart ? (double) page->samples : 1);
    return (Parts){ .count = (uint64_t) MIN(count, (double) page->offsets.count),
                    .size = (uint64_t) MIN(row * (double) rows, 1e18) };
}

/* ---- its parts ---- */

/* Unpacks what was read, and forgets it. */
static int unpack_some(Tiff *tiff, z_stream *stream)
{
    int status = Z_OK;

    do {
        stream->next_out = tiff->plain;
        stream->avail_out = BUFFER;
        status = inflate(stream, Z_NO_FLUSH);
        tiff->budget -= MIN(tiff->budget, BUFFER - stream->avail_out);
    } while (status == Z_OK && stream->avail_out == 0 && tiff->budget);
    return status == Z_BUF_ERROR ? Z_OK : status; /* it wants more */
}

static int unpack(Tiff *tiff, z_stream *stream, uint64_t at, uint64_t length)
{
    int status = Z_OK;

    while (status == Z_OK && length && tiff->budget) {
        ssize_t got = pread(tiff->bytes.fd, tiff->packed, MIN(length, BUFFER), (off_t) at);
        if (got <= 0)
            return Z_OK;
        at += (uint64_t) got;
        length -= (uint64_t) got;
        tiff->budget -= MIN(tiff->budget, (uint64_t) got);
        stream->next_in = tiff->packed;
        stream->avail_in = (unsigned) got;
        status = unpack_some(tiff, stream);
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

/* A damaged part may unpack to more than its size before that shows. */
static uint64_t budget_of(const Tiff *tiff, const Parts *parts)
{
    enum { SPARE = 4 * 1024 * 1024 };
    double plain = (double) parts->count * (double) parts->size;

    return (uint64_t) MIN(2 * (plain + (double) tiff->bytes.size), 1e18) + SPARE;
}

static bool check_parts(Tiff *tiff, const Page *page)
{
    Parts parts = parts_of(page);

    tiff->budget = budget_of(tiff, &parts);
    for (uint64_t i = 0; i < parts.count && tiff->budget; i++) {
        if (is_whole(tiff, tiff_value(&tiff->reader, &page->offsets, i),
                     tiff_value(&tiff->lengths, &page->lengths, i)))
            continue;
        damage_report("TIFF", DAMAGE_DATA, 0, (double) i / (double) parts.count);
        return false;
    }
    return true;
}

bool tiff_check(int fd, uint64_t directory)
{
    enum { ADOBE_DEFLATE = 8, DEFLATE = 32946 };
    g_autofree Tiff *tiff = g_new0(Tiff, 1);
    Page page;

    if (!bytes_begin(&tiff->bytes, fd, UINT64_MAX) || !bytes_begin(&tiff->more, fd, UINT64_MAX) ||
        !read_page(tiff, directory, &page))
        return true;
    return (page.compression != ADOBE_DEFLATE && page.compression != DEFLATE) ||
           check_parts(tiff, &page);
}
