/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formats/bmp.h"

#include <string.h>

enum { FILE_HEADER = 14, CORE = 12, OS2_SHORTEST = 16, OS2_LONGEST = 64, INFO = 40 };
enum { WITH_MASKS = 52, WITH_ALPHA_MASK = 56, V4 = 108, V5 = 124, MASKS = 4 * BMP_CHANNELS };

/* Values of the field `compression`. OS/2 has other meanings for two of Windows' numbers. */
enum {
    PLAIN = 0,
    RLE8 = 1,
    RLE4 = 2,
    BITFIELDS = 3, /* OS/2: Huffman, with 1 bit a pixel */
    JPEG = 4,      /* OS/2: RLE24, with 24 bits a pixel */
    PNG = 5,
    ALPHA_BITFIELDS = 6
};

/* Where fields are, from the beginning of the second header. */
enum {
    AT_WIDTH = 4,
    AT_HEIGHT = 8,
    AT_BITS = 14,
    AT_COMPRESSION = 16,
    AT_ACROSS = 24,
    AT_DOWN = 28,
    AT_COLOURS = 32,
    AT_MASKS = 40,
    AT_SPACE = 56,
    AT_PROFILE = 112,
    AT_PROFILE_SIZE = 116
};

typedef struct Header {
    unsigned char bytes[V5 + MASKS]; /* from the second header on; 0 where the header is shorter */
    unsigned size;
    uint32_t pixels_at;
    unsigned compression;
} Header;

static bool is_header_size(uint32_t size)
{
    return size == CORE || size == V4 || size == V5 ||
           (size >= OS2_SHORTEST && size <= OS2_LONGEST && size % 2 == 0);
}

bool bmp_begins(const unsigned char *head, size_t count)
{
    enum { LONGEST = 256 };

    return count >= BMP_MAGIC && memcmp(head, "BM", 2) == 0 && le32(head + FILE_HEADER) >= CORE &&
           le32(head + FILE_HEADER) <= LONGEST;
}

static uint32_t field(const Header *header, unsigned at)
{
    return le32(header->bytes + at);
}

static bool refuse_cut(Bmp *bmp, Error **err)
{
    bmp->cut = true;
    return error_set(err, ERROR_PICTURE, NULL, "the file ends in its header");
}

/* Copies `length` bytes of the second header from `from` on. */
static bool copy(Bytes *bytes, Header *header, unsigned from, unsigned length)
{
    const unsigned char *p = bytes_at(bytes, FILE_HEADER + from, length);

    if (p)
        memcpy(header->bytes + from, p, length);
    return p != NULL;
}

static bool read_header(Bytes *bytes, Header *header, Bmp *bmp, Error **err)
{
    const unsigned char *first = bytes_at(bytes, 0, BMP_MAGIC);

    if (!first)
        return refuse_cut(bmp, err);
    header->pixels_at = le32(first + 10);
    header->size = le32(first + FILE_HEADER);
    if (!is_header_size(header->size))
        return error_set(err, ERROR_PICTURE, NULL, "its header has %u bytes, as none has",
                         header->size);
    return copy(bytes, header, 0, header->size) || refuse_cut(bmp, err);
}

/* ---- size and kind ---- */

static bool read_size(const Header *header, Bmp *bmp, Error **err)
{
    bool core = header->size == CORE;
    const unsigned char *p = header->bytes;
    int64_t width = core ? le16(p + 4) : (int32_t) field(header, AT_WIDTH);
    int64_t height = core ? le16(p + 6) : (int32_t) field(header, AT_HEIGHT);

    bmp->top_down = height < 0;
    height = ABS(height);
    if (width <= 0 || height == 0)
        return error_set(err, ERROR_PICTURE, NULL, "its size is %lld x %lld pixels",
                         (long long) width, (long long) height);
    if (MAX(width, height) > BMP_MAX_SIDE)
        return error_set(err, ERROR_PICTURE, NULL, "it is more than %d pixels wide or high",
                         BMP_MAX_SIDE);
    bmp->width = (int) width;
    bmp->height = (int) height;
    bmp->bits = le16(p + (core ? 10 : AT_BITS));
    return true;
}

/* OS/2 has headers of many lengths, of which Windows shares some. */
static bool may_be_os2(const Header *header)
{
    return header->size <= OS2_LONGEST && header->size != WITH_MASKS &&
           header->size != WITH_ALPHA_MASK;
}

static const char *foreign_compression(const Header *header, const Bmp *bmp)
{
    switch (header->compression) {
    case BITFIELDS:
        return may_be_os2(header) && bmp->bits == 1 ? "Huffman codes" : NULL;
    case JPEG:
        return may_be_os2(header) && bmp->bits == 24 ? NULL : "JPEG";
    case PNG:
        return "PNG";
    default:
        return header->compression > ALPHA_BITFIELDS ? "an unknown compression" : NULL;
    }
}

static bool fits_compression(unsigned compression, unsigned bits)
{
    switch (compression) {
    case RLE8:
        return bits == 8;
    case RLE4:
        return bits == 4;
    case JPEG: /* RLE24 */
        return bits == 24;
    case BITFIELDS:
    case ALPHA_BITFIELDS:
        return bits == 16 || bits == 32;
    default:
        return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
               bits == 32;
    }
}

static bool read_compression(Header *header, Bmp *bmp, Error **err)
{
    header->compression = field(header, AT_COMPRESSION);
    if (header->size == CORE)
        header->compression = PLAIN;
    const char *foreign = foreign_compression(header, bmp);
    if (foreign)
        return error_set(err, ERROR_PICTURE, NULL,
                         "it contains %s, which hotfolder does not read in a BMP", foreign);
    if (!fits_compression(header->compression, bmp->bits))
        return error_set(err, ERROR_PICTURE, NULL,
                         "%u bits a pixel with compression %u are none that hotfolder reads",
                         bmp->bits, header->compression);
    bmp->runs =
        header->compression == RLE8 || header->compression == RLE4 || header->compression == JPEG;
    bmp->row = ((uint64_t) bmp->width * bmp->bits + 7) / 8;
    bmp->stride = (bmp->row + 3) & ~UINT64_C(3);
    return true;
}

/* ---- colours ---- */

static bool has_masks(const Header *header)
{
    return header->compression == BITFIELDS || header->compression == ALPHA_BITFIELDS;
}

/* Bytes of masks between the header and the palette. */
static unsigned masks_behind(const Header *header)
{
    if (!has_masks(header) || header->size >= WITH_MASKS)
        return 0;
    return header->compression == ALPHA_BITFIELDS ? MASKS : MASKS - 4;
}

static bool is_mask(uint32_t mask)
{
    uint32_t filled = mask | (mask - 1); /* with the zeros below it set */

    return mask == 0 || (filled & (filled + 1)) == 0;
}

static bool read_masks(Bytes *bytes, Header *header, Bmp *bmp, Error **err)
{
    static const uint32_t of_16[BMP_CHANNELS] = { 0x7c00, 0x3e0, 0x1f, 0 };
    static const uint32_t of_32[BMP_CHANNELS] = { 0xff0000, 0xff00, 0xff, 0 };
    unsigned behind = masks_behind(header);

    if (!has_masks(header)) {
        memcpy(bmp->masks, bmp->bits == 16 ? of_16 : of_32, sizeof(bmp->masks));
        return true;
    }
    if (behind) {
        memset(header->bytes + AT_MASKS, 0, MASKS);
        const unsigned char *p = bytes_at(bytes, FILE_HEADER + (uint64_t) header->size, behind);
        if (!p)
            return refuse_cut(bmp, err);
        memcpy(header->bytes + AT_MASKS, p, behind);
    }
    for (unsigned i = 0; i < BMP_CHANNELS; i++) {
        bmp->masks[i] = field(header, AT_MASKS + 4 * i);
        if (bmp->bits == 16)
            bmp->masks[i] &= 0xffff;
        if (!is_mask(bmp->masks[i]))
            return error_set(err, ERROR_PICTURE, NULL, "its mask of a colour (%08x) has gaps",
                             bmp->masks[i]);
    }
    return true;
}

static bool read_places(const Header *header, Bmp *bmp, Error **err)
{
    bool indexed = bmp->bits <= 8;
    uint32_t colours = header->size == CORE ? 0 : field(header, AT_COLOURS);

    bmp->palette_at = FILE_HEADER + (uint64_t) header->size + masks_behind(header);
    bmp->colour_size = header->size == CORE ? 3 : 4;
    if (indexed && (colours == 0 || colours > 1U << bmp->bits))
        colours = 1U << bmp->bits;
    bmp->pixels_at = header->pixels_at;
    /* Some programs write 0, or forget the palette. */
    if (bmp->pixels_at == 0 || (indexed && bmp->pixels_at == bmp->palette_at))
        bmp->pixels_at = bmp->palette_at + (uint64_t) colours * bmp->colour_size;
    if (bmp->pixels_at < bmp->palette_at)
        return error_set(err, ERROR_PICTURE, NULL, "its pixels begin inside its header");
    uint64_t room = (bmp->pixels_at - bmp->palette_at) / bmp->colour_size;
    bmp->colours = indexed ? (unsigned) MIN(colours, room) : 0;
    return true;
}

/* Profiles that are only named are not looked for: it could be any file. */
static void read_profile(const Header *header, Bmp *bmp)
{
    enum { EMBEDDED = 0x4d424544 };

    if (header->size < V5 || field(header, AT_SPACE) != EMBEDDED ||
        field(header, AT_PROFILE_SIZE) == 0)
        return;
    bmp->profile_at = FILE_HEADER + (uint64_t) field(header, AT_PROFILE);
    bmp->profile_size = field(header, AT_PROFILE_SIZE);
}

/* In pixels a millimetre, from pixels a metre; 0 where that makes no sense. */
static double density(const Header *header, unsigned at)
{
    enum { MOST = 1000000 };
    uint32_t value = header->size < INFO ? 0 : field(header, at);

    return value <= MOST ? value / 1000.0 : 0;
}

bool bmp_read(Bytes *bytes, Bmp *bmp, Error **err)
{
    Header header = { 0 };

    *bmp = (Bmp){ 0 };
    if (!read_header(bytes, &header, bmp, err) || !read_size(&header, bmp, err) ||
        !read_compression(&header, bmp, err) || !read_masks(bytes, &header, bmp, err) ||
        !read_places(&header, bmp, err))
        return false;
    read_profile(&header, bmp);
    bmp->across = density(&header, AT_ACROSS);
    bmp->down = density(&header, AT_DOWN);
    return true;
}

uint64_t bmp_end(const Bmp *bmp)
{
    return bmp->pixels_at + bmp->stride * ((uint64_t) bmp->height - 1) + bmp->row;
}

/* ---- run lengths ---- */

BmpCursor bmp_first(const Bmp *bmp)
{
    return (BmpCursor){ .at = bmp->pixels_at };
}

bool bmp_is_full(const Bmp *bmp, const BmpCursor *cursor)
{
    return cursor->row >= bmp->height ||
           (cursor->row == bmp->height - 1 && cursor->x == bmp->width);
}

static void move(const Bmp *bmp, BmpCursor *cursor, int right, int rows)
{
    cursor->x = MIN(cursor->x + right, bmp->width);
    cursor->row += rows;
}

/* `bytes` in the file belong to it. */
static BmpCode draw(const Bmp *bmp, BmpCursor *cursor, BmpPiece *piece, BmpCode code,
                    unsigned count, uint64_t bytes)
{
    piece->values = cursor->at;
    piece->count = MIN(count, (unsigned) (bmp->width - cursor->x));
    cursor->at += bytes;
    move(bmp, cursor, (int) count, 0);
    return code;
}

static BmpCode values(const Bmp *bmp, const Bytes *bytes, BmpCursor *cursor, BmpPiece *piece,
                      unsigned count)
{
    uint64_t length = ((uint64_t) count * bmp->bits + 7) / 8;

    if (!bytes_in_file(bytes, cursor->at, length))
        return BMP_CUT;
    return draw(bmp, cursor, piece, BMP_VALUES, count, length + (length & 1));
}

/* A code that begins with 0. */
static BmpCode escape(const Bmp *bmp, Bytes *bytes, BmpCursor *cursor, BmpPiece *piece,
                      unsigned what)
{
    enum { END_OF_ROW, END_OF_PICTURE, DELTA };
    const unsigned char *delta = NULL;

    switch (what) {
    case END_OF_ROW:
        cursor->x = 0;
        cursor->row++;
        return BMP_MOVE;
    case END_OF_PICTURE:
        return BMP_END;
    case DELTA:
        delta = bytes_at(bytes, cursor->at, 2);
        if (!delta)
            return BMP_CUT;
        cursor->at += 2;
        move(bmp, cursor, delta[0], delta[1]);
        return BMP_MOVE;
    default:
        return values(bmp, bytes, cursor, piece, what);
    }
}

BmpCode bmp_next(const Bmp *bmp, Bytes *bytes, BmpCursor *cursor, BmpPiece *piece)
{
    unsigned value = bmp->bits == 24 ? 3 : 1;

    *piece = (BmpPiece){ 0 };
    if (cursor->row >= bmp->height)
        return BMP_END;
    const unsigned char *code = bytes_at(bytes, cursor->at, 2);
    if (!code)
        return BMP_CUT;
    if (code[0] == 0) {
        cursor->at += 2;
        return escape(bmp, bytes, cursor, piece, code[1]);
    }
    unsigned count = code[0];
    if (!bytes_at(bytes, cursor->at + 1, value))
        return BMP_CUT;
    cursor->at += 1;
    return draw(bmp, cursor, piece, BMP_RUN, count, value);
}
