/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/gif_data.h"

#include "actions/damage.h"
#include "formats/gif.h"

enum { CODES = 4096, BITS_MAX = 12 };

/* The codes of a picture, read bit by bit through its chain of blocks. */
typedef struct Codes {
    Bytes *bytes;
    uint64_t at;
    unsigned left; /* bytes of the block */
    uint32_t buffer;
    unsigned held; /* bits in it */
    unsigned size; /* bits of the next code */
} Codes;

/* The next byte of the chain, or -1 at its end. */
static int next_byte(Codes *codes)
{
    const unsigned char *byte = NULL;

    if (!codes->left) {
        byte = bytes_at(codes->bytes, codes->at, 1);
        if (!byte || !*byte)
            return -1;
        codes->left = *byte;
        codes->at++;
    }
    byte = bytes_at(codes->bytes, codes->at, 1);
    if (!byte)
        return -1;
    codes->at++;
    codes->left--;
    return *byte;
}

static int next_code(Codes *codes)
{
    while (codes->held < codes->size) {
        int byte = next_byte(codes);
        if (byte < 0)
            return -1;
        codes->buffer |= (uint32_t) byte << codes->held;
        codes->held += 8;
    }
    int code = (int) (codes->buffer & ((1U << codes->size) - 1));
    codes->buffer >>= codes->size;
    codes->held -= codes->size;
    return code;
}

/* How many pixels the codes stand for, at most `most`: a code is a string of pixels, one longer
 * than an earlier one. */
static uint64_t count_pixels(Codes *codes, unsigned least, uint64_t most)
{
    uint16_t lengths[CODES];
    int clear = 1 << least, end = clear + 1, next = end + 1, last = -1, code = 0;
    uint64_t pixels = 0;

    for (int i = 0; i < clear; i++)
        lengths[i] = 1;
    codes->size = least + 1;
    while (pixels < most && (code = next_code(codes)) >= 0 && code != end) {
        if (code == clear) {
            codes->size = least + 1;
            next = end + 1;
            last = -1;
            continue;
        }
        if (code > next || (code == next && (last < 0 || next == CODES)))
            break; /* no code */
        if (last >= 0 && next < CODES) {
            lengths[next++] = (uint16_t) (lengths[last] + 1);
            if (next == 1 << codes->size && codes->size < BITS_MAX)
                codes->size++;
        }
        pixels += lengths[code];
        last = code;
    }
    return MIN(pixels, most);
}

/* Where the first picture begins; 0: nowhere. */
static uint64_t find_picture(Bytes *bytes)
{
    const unsigned char *block = bytes_at(bytes, 0, GIF_HEADER);
    uint64_t at = block ? GIF_HEADER + gif_table_size(block[10]) : 0;

    while (at && (block = bytes_at(bytes, at, 1))) {
        if (*block == GIF_PICTURE)
            return at;
        if (*block != GIF_EXTENSION && *block != 0)
            return 0;
        at = *block == GIF_EXTENSION ? gif_skip_chain(bytes, at + 2) : at + 1;
    }
    return 0;
}

bool gif_data_is_whole(int fd)
{
    const unsigned char *head = NULL;
    Bytes bytes;
    uint64_t at = bytes_begin(&bytes, fd, UINT64_MAX) ? find_picture(&bytes) : 0;

    bytes.read_size = BYTES_WINDOW;
    if (!at || !(head = bytes_at(&bytes, at, 10)))
        return true;
    uint64_t all = (uint64_t) le16(head + 5) * le16(head + 7);
    at += 10 + gif_table_size(head[9]);
    head = bytes_at(&bytes, at, 1);
    unsigned least = head ? *head : 0;
    if (!all || least < 1 || least >= BITS_MAX)
        return true;
    Codes codes = { .bytes = &bytes, .at = at + 1 };
    uint64_t found = count_pixels(&codes, least, all);
    if (found < all)
        damage_report("GIF", DAMAGE_END, 0, (double) found / (double) all);
    return found == all;
}
