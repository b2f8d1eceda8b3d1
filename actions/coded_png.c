/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/coded_png.h"

#include <string.h>
#include <zlib.h>

enum {
    SIGNATURE = 8,
    HEAD = 8,   /* length and type */
    FRAME = 12, /* with the sum behind the data */
    IHDR = 13,
    COLOURS_MAX = 256,
};

/* Bits of the colour type in IHDR. */
enum { HAS_PALETTE = 1, HAS_COLOUR = 2, HAS_ALPHA = 4 };

typedef struct Header {
    uint32_t width, height;
    unsigned bits, type;
    bool interlaced;
} Header;

typedef struct Walk {
    Bytes *bytes;
    CodedPng *coded;
    Header header;
    uint32_t palette, transparent; /* the length of each; 0: there is none */
} Walk;

/* ---- how much the pixels are ---- */

static bool read_header(Walk *walk)
{
    unsigned char p[HEAD + IHDR];
    Header *header = &walk->header;

    if (!bytes_copy(walk->bytes, SIGNATURE, p, sizeof(p)) || memcmp(p, "\0\0\0\15IHDR", HEAD))
        return false;
    *header =
        (Header){ be32(p + HEAD), be32(p + HEAD + 4), p[HEAD + 8], p[HEAD + 9], p[HEAD + 12] };
    walk->coded->deep = header->bits == 16;
    return header->width && header->height;
}

static unsigned samples(const Header *header)
{
    unsigned colours = header->type & HAS_COLOUR && !(header->type & HAS_PALETTE) ? 3 : 1;

    return colours + (header->type & HAS_ALPHA ? 1 : 0);
}

/* Of a picture or one of its passes, with the byte that names the filter of each row. */
static uint64_t bytes_of(const Header *header, uint64_t width, uint64_t height)
{
    return width && height ? height * (1 + (width * samples(header) * header->bits + 7) / 8) : 0;
}

static uint64_t bytes_of_all(const Header *header)
{
    static const struct {
        unsigned left, top, across, down;
    } passes[] = { { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
                   { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 } };
    uint64_t all = 0;

    if (!header->interlaced)
        return bytes_of(header, header->width, header->height);
    for (size_t i = 0; i < G_N_ELEMENTS(passes); i++)
        all += bytes_of(
            header,
            ((uint64_t) header->width + passes[i].across - 1 - passes[i].left) / passes[i].across,
            ((uint64_t) header->height + passes[i].down - 1 - passes[i].top) / passes[i].down);
    return all;
}

/* ---- chunks ---- */

static void add_run(CodedPng *coded, uint64_t at, uint64_t size)
{
    const CodedRun run = { at, size };

    g_array_append_val(coded->runs, run);
    coded->size += size;
}

/* What decoders need of the start. */
static bool copy_chunk(Walk *walk, uint64_t at, uint64_t size)
{
    enum { MOST = FRAME + 3 * COLOURS_MAX };
    GByteArray *start = walk->coded->start;
    unsigned before = start->len;

    if (size > MOST || walk->coded->runs->len)
        return false;
    g_byte_array_set_size(start, before + (unsigned) size);
    return bytes_copy(walk->bytes, at, start->data + before, size);
}

static bool read_palette(Walk *walk, uint64_t at, uint32_t length)
{
    if (!(walk->header.type & HAS_PALETTE)) /* it only proposes one */
        return true;
    if (walk->palette || walk->transparent || length == 0 || length % 3)
        return false;
    walk->palette = length;
    return copy_chunk(walk, at, FRAME + (uint64_t) length);
}

static bool read_transparent(Walk *walk, uint64_t at, uint32_t length)
{
    const Header *header = &walk->header;

    if (walk->transparent || length == 0 || header->type & HAS_ALPHA)
        return false;
    if (header->type & HAS_PALETTE ? length > walk->palette / 3 : length != 2 * samples(header))
        return false;
    walk->transparent = length;
    return copy_chunk(walk, at, FRAME + (uint64_t) length);
}

static bool read_chunk(Walk *walk, const char *type, uint64_t at, uint32_t length)
{
    if (!memcmp(type, "acTL", 4))
        return false;
    if (!memcmp(type, "PLTE", 4))
        return read_palette(walk, at, length);
    if (!memcmp(type, "tRNS", 4))
        return read_transparent(walk, at, length);
    if (!memcmp(type, "IHDR", 4))
        return at == SIGNATURE && copy_chunk(walk, at, FRAME + (uint64_t) length);
    if (!memcmp(type, "IDAT", 4))
        add_run(walk->coded, at, FRAME + (uint64_t) length);
    return true;
}

static bool walk_to_end(Walk *walk)
{
    const unsigned char *head = NULL;
    uint32_t length = 0;

    for (uint64_t at = SIGNATURE; (head = bytes_at(walk->bytes, at, HEAD)); at += FRAME + length) {
        char type[4];
        length = be32(head);
        memcpy(type, head + 4, sizeof(type));
        if (!bytes_in_file(walk->bytes, at, FRAME + (uint64_t) length))
            return false;
        if (!memcmp(type, "IEND", 4)) {
            add_run(walk->coded, at, FRAME);
            return length == 0;
        }
        if (!read_chunk(walk, type, at, length))
            return false;
    }
    return false;
}

bool coded_png_find(Bytes *bytes, CodedPng *coded)
{
    Walk walk = { .bytes = bytes, .coded = coded };
    const unsigned char *start = bytes_at(bytes, 0, SIGNATURE);

    *coded = (CodedPng){ .start = g_byte_array_new(),
                         .runs = g_array_new(FALSE, FALSE, sizeof(CodedRun)) };
    if (!start)
        return false;
    g_byte_array_append(coded->start, start, SIGNATURE);
    bool palette = read_header(&walk) && walk.header.type & HAS_PALETTE;
    if (!walk.header.height || !walk_to_end(&walk) || palette != (walk.palette > 0))
        return false;
    g_byte_array_append(coded->start, (const unsigned char *) "\0\0\0\0IDAT", HEAD);
    coded->bands = (palette ? 3 : (int) samples(&walk.header)) + (walk.transparent ? 1 : 0);
    coded->unpacked = bytes_of_all(&walk.header);
    return true;
}

void coded_png_clear(CodedPng *coded)
{
    g_clear_pointer(&coded->start, g_byte_array_unref);
    g_clear_pointer(&coded->runs, g_array_unref);
}

/* ---- what is in the data ---- */

typedef struct Unpacking {
    z_stream stream;
    int status;
    uint64_t done; /* bytes that came out */
    uint64_t most; /* the rows: nothing may be behind them */
} Unpacking;

/* Unpacks a part of the data only to see where it ends. */
static bool unpack(Unpacking *unpacking, const unsigned char *part, size_t count)
{
    unsigned char out[BYTES_WINDOW];
    z_stream *stream = &unpacking->stream;

    stream->next_in = (unsigned char *) (uintptr_t) part;
    stream->avail_in = (unsigned) count;
    while (unpacking->status == Z_OK && stream->avail_in && unpacking->done <= unpacking->most) {
        stream->next_out = out;
        stream->avail_out = sizeof(out);
        unpacking->status = inflate(stream, Z_NO_FLUSH);
        unpacking->done += sizeof(out) - stream->avail_out;
    }
    return !stream->avail_in && (unpacking->status == Z_OK || unpacking->status == Z_STREAM_END);
}

static bool unpack_chunk(Unpacking *unpacking, Bytes *bytes, CodedRun run)
{
    const unsigned char *sum = NULL;
    uint64_t end = run.at + run.size - (FRAME - HEAD);
    uLong crc = crc32(0, (const unsigned char *) "IDAT", 4);
    size_t count = 0;

    for (uint64_t at = run.at + HEAD; at < end; at += count) {
        const unsigned char *part = bytes_from(bytes, at, &count);
        if (!part)
            return false;
        count = (size_t) MIN(count, end - at);
        crc = crc32(crc, part, (unsigned) count);
        if (!unpack(unpacking, part, count))
            return false;
    }
    return (sum = bytes_at(bytes, end, 4)) && be32(sum) == crc;
}

bool coded_png_is_exact(Bytes *bytes, const CodedPng *coded)
{
    Unpacking unpacking = { .most = coded->unpacked };
    bool whole = (unpacking.status = inflateInit(&unpacking.stream)) == Z_OK;

    for (unsigned i = 0; whole && i + 1 < coded->runs->len; i++) /* the last one is IEND */
        whole = unpack_chunk(&unpacking, bytes, g_array_index(coded->runs, CodedRun, i));
    inflateEnd(&unpacking.stream);
    return whole && unpacking.status == Z_STREAM_END && unpacking.done == coded->unpacked;
}
