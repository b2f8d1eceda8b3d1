/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/jpeg_huffman.h"

#ifdef HAVE_JPEGINT_H

#include <jerror.h>
#include <jpegint.h>
#include <stdint.h>
#include <string.h>

enum {
    CODE_MOST = 16,  /* bits of a code */
    VALUE_MOST = 15, /* of the value behind it */
    LOADED = 56,     /* that are there after a load */
    LOOK_SHORT = 9,  /* that find the symbol of a code */
    LOOK = 11,       /* that find two codes with their values */
    RUN_OF_ZEROS = 15,
    LAST = DCTSIZE2 - 1,
    /* Bytes that a MCU may use, and what is loaded ahead. */
    MCU_MOST =
        D_MAX_BLOCKS_IN_MCU * DCTSIZE2 * (CODE_MOST + VALUE_MOST) / 8 + 2 * (int) sizeof(uint64_t),
};

/* Steps that leave a block. */
enum {
    END_OF_BLOCK = DCTSIZE2,
    UNKNOWN = 2 * DCTSIZE2, /* it takes more bits to know */
};

/* Where the parts of a pair stand: the bits of both codes with their values, and those of the
 * first; how far each stands behind the coefficient before; and their values. */
enum {
    LENGTHS = 63,
    LENGTH_ONE = 8,
    STEP_ONE = 16,
    STEP_OTHER = 24,
    VALUE_ONE = 32,
    VALUE_OTHER = 48,
};

typedef struct Table {
    uint16_t quick[1 << LOOK_SHORT]; /* length and symbol of a code; 0: it is longer, or none */
    int32_t last[CODE_MOST + 1];     /* code of each length; -1: there is none */
    int32_t shift[CODE_MOST + 1];    /* from a code to the number of its symbol */
    const UINT8 *symbols;
} Table;

/* Of AC. */
typedef struct Pairs {
    Table table;
    uint64_t pairs[1 << LOOK];
} Pairs;

/* The next bits, from the highest on. */
typedef struct Bits {
    uint64_t buffer;
    int count;           /* of them that are counted as loaded */
    const uint8_t *next; /* to load */
} Bits;

/* A block of a MCU. */
typedef struct Block {
    const Table *dc;
    const Pairs *ac;
    int *before; /* the DC of the block before */
} Block;

/* In place of libjpeg's. Lives as long as its picture, in its memory. */
typedef struct Huffman {
    struct jpeg_entropy_decoder pub; /* the first: libjpeg knows only this */
    JpegDecoder *decoder;
    off_t from;   /* of the data since the last restart, in the file */
    off_t taken;  /* bytes of it that stood in `data` before those which stand there now */
    uint8_t *end; /* of those */
    int marker;   /* that follows them; 0: not yet reached */
    Bits bits;
    unsigned until_restart; /* MCUs */
    size_t left;            /* MCUs of the scan */
    int before[MAX_COMPS_IN_SCAN];
    int blocks;
    Block block[D_MAX_BLOCKS_IN_MCU];
    Table dc[NUM_HUFF_TBLS];
    Pairs ac[NUM_HUFF_TBLS];
    uint8_t data[JPEG_DECODER_BUFFER + MCU_MOST]; /* without the zeros that are stuffed in */
} Huffman;

/* ---- tables ---- */

/* A value of so many bits: those that begin with 0 are below zero. */
static inline int signed_of(int bits, int size)
{
    return bits + (((bits >> (size - 1)) - 1) & (1 - (1 << size)));
}

/* libjpeg has checked it. */
static void fill_table(Table *table, const JHUFF_TBL *from)
{
    int code = 0, number = 0;

    memset(table->quick, 0, sizeof(table->quick));
    table->symbols = from->huffval;
    for (int length = 1; length <= CODE_MOST; length++) {
        int spare = LOOK_SHORT - length;
        table->shift[length] = number - code;
        for (int i = 0; i < from->bits[length]; i++, code++, number++)
            for (int more = 0; spare >= 0 && more < 1 << spare; more++)
                table->quick[code << spare | more] =
                    (uint16_t) (length | from->huffval[number] << 8);
        table->last[length] = from->bits[length] ? code - 1 : -1;
        code <<= 1;
    }
}

/* A code with its value, as the first of LOOK bits. */
typedef struct Coded {
    int length, step, value;
} Coded;

static Coded coded_of(const Table *table, int bits)
{
    const Coded unknown = { .step = UNKNOWN };
    int found = table->quick[bits >> (LOOK - LOOK_SHORT)];
    int length = found & 255, run = found >> 12, size = found >> 8 & 15;
    int spare = LOOK - length - size;

    if (found == 0 || spare < 0)
        return unknown;
    if (size == 0)
        return (Coded){ length, run == RUN_OF_ZEROS ? run + 1 : END_OF_BLOCK, 0 };
    return (Coded){ length + size, run + 1, signed_of(bits >> spare & ((1 << size) - 1), size) };
}

static uint64_t pair_of(Coded one, Coded other)
{
    uint64_t length = (uint64_t) (one.length + other.length) | (uint64_t) one.length << LENGTH_ONE;
    uint64_t step = (uint64_t) one.step << STEP_ONE | (uint64_t) other.step << STEP_OTHER;
    uint64_t value = (uint64_t) (uint16_t) one.value << VALUE_ONE |
                     (uint64_t) (uint16_t) other.value << VALUE_OTHER;

    return length | step | value;
}

/* Where the second one does not fit in, the first stands twice, in one place. A mere end stands
 * behind a zero, as ends do behind other values. */
static void fill_pairs(Pairs *ac, const JHUFF_TBL *from)
{
    const Coded end = { .step = END_OF_BLOCK };

    fill_table(&ac->table, from);
    for (int bits = 0; bits < 1 << LOOK; bits++) {
        const Coded one = coded_of(&ac->table, bits);
        const Coded zero = { one.length, 1, 0 }, again = { 0, 0, one.value };
        const Coded other = coded_of(&ac->table, bits << one.length & ((1 << LOOK) - 1));
        bool both = other.step != UNKNOWN && one.length + other.length <= LOOK;
        ac->pairs[bits] = one.step == END_OF_BLOCK ? pair_of(zero, end)
                          : both                   ? pair_of(one, other)
                                                   : pair_of(one, again);
    }
}

/* ---- input ---- */

/* What follows 0xff: 0 where that is data, else a marker. */
static int next_marker(JpegDecoder *decoder)
{
    int byte;

    while ((byte = jpeg_decoder_next_byte(decoder)) == 0xff)
        ;
    return byte;
}

/* Appends data up to a marker, or `most` bytes. */
static void append(Huffman *huffman, size_t most)
{
    struct jpeg_source_mgr *input = &huffman->decoder->input;

    while (most > 0 && !huffman->marker) {
        if (input->bytes_in_buffer == 0)
            input->fill_input_buffer(&huffman->decoder->jpeg);
        size_t length = MIN(most, input->bytes_in_buffer);
        const uint8_t *mark = memchr(input->next_input_byte, 0xff, length);
        length = mark ? (size_t) (mark - input->next_input_byte) : length;
        memcpy(huffman->end, input->next_input_byte, length);
        input->next_input_byte += length;
        input->bytes_in_buffer -= length;
        huffman->end += length;
        most -= length;
        if (!mark)
            continue;
        jpeg_decoder_next_byte(huffman->decoder);
        huffman->marker = next_marker(huffman->decoder);
        if (!huffman->marker) {
            *huffman->end++ = 0xff;
            most--;
        }
    }
}

/* So that there is enough for a MCU: behind a marker zeros. */
static void load_data(Huffman *huffman)
{
    size_t used = (size_t) (huffman->bits.next - huffman->data);
    size_t left = (size_t) (huffman->end - huffman->bits.next);

    memmove(huffman->data, huffman->bits.next, left);
    huffman->taken += (off_t) used;
    huffman->bits.next = huffman->data;
    huffman->end = huffman->data + left;
    append(huffman, JPEG_DECODER_BUFFER - left);
    memset(huffman->end, 0, MCU_MOST);
}

/* A scan, or a part of it behind a restart marker, begins. */
static void begin_data(Huffman *huffman)
{
    const JpegDecoder *decoder = huffman->decoder;

    huffman->from = decoder->at - (off_t) decoder->input.bytes_in_buffer;
    huffman->taken = 0;
    huffman->marker = 0;
    huffman->end = huffman->data;
    huffman->bits = (Bits){ .next = huffman->data };
    huffman->until_restart = decoder->jpeg.restart_interval;
    memset(huffman->before, 0, sizeof(huffman->before));
}

/* Lets libjpeg go on `spare` bytes before what was loaded. Only damaged data is left over. */
static void end_data(Huffman *huffman, int spare)
{
    JpegDecoder *decoder = huffman->decoder;
    const uint8_t *used = huffman->bits.next - spare;

    if (huffman->marker && used >= huffman->end) {
        decoder->jpeg.unread_marker = huffman->marker;
        return;
    }
    decoder->at = huffman->from;
    decoder->input.bytes_in_buffer = 0;
    for (off_t left = huffman->taken + (used - huffman->data); left > 0; left--)
        if (jpeg_decoder_next_byte(decoder) == 0xff)
            next_marker(decoder);
}

/* Whole bytes that were loaded are not used. */
static bool restart(Huffman *huffman)
{
    j_decompress_ptr jpeg = &huffman->decoder->jpeg;

    end_data(huffman, huffman->bits.count / 8);
    if (!jpeg->marker->read_restart_marker(jpeg))
        return false;
    begin_data(huffman);
    return true;
}

/* ---- codes ---- */

/* Then LOADED bits or more are there. Those that are there and not counted are the same ones. */
static inline void load(Bits *bits)
{
    uint64_t more;

    memcpy(&more, bits->next, sizeof(more));
    bits->buffer |= GUINT64_FROM_BE(more) >> bits->count;
    bits->next += (63 - bits->count) >> 3;
    bits->count |= LOADED;
}

static inline void use(Bits *bits, int count)
{
    bits->buffer <<= count;
    bits->count -= count;
}

static inline int step_of(uint64_t pair)
{
    return (uint8_t) pair;
}

static inline int next_of(const Bits *bits, int count)
{
    return (int) (bits->buffer >> (64 - count));
}

/* Finds the symbol of a code, and uses that. -1: there is no such code. */
static inline int read_symbol(Bits *bits, const Table *table)
{
    int found = table->quick[next_of(bits, LOOK_SHORT)];

    if (found) {
        use(bits, found & 255);
        return found >> 8;
    }
    for (int length = LOOK_SHORT + 1; length <= CODE_MOST; length++) {
        int code = next_of(bits, length);
        if (code > table->last[length])
            continue;
        use(bits, length);
        return table->symbols[code + table->shift[length]];
    }
    return -1;
}

static inline int read_value(Bits *bits, int size)
{
    int value = signed_of(next_of(bits, size), size);

    use(bits, size);
    return value;
}

/* Adds the difference to the DC before. False: there is no such code. */
static inline bool read_dc(Bits *bits, const Table *table, int *value)
{
    load(bits);
    int size = read_symbol(bits, table);
    if (size > 0)
        *value = (int) ((unsigned) *value + (unsigned) read_value(bits, size));
    return size >= 0;
}

static const uint8_t natural_order[DCTSIZE2] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

/* A code that is found by itself. Returns where it stands, which is beyond the block after its end;
 * -1: there is no such code. libjpeg says nothing where damaged data leaves a block. */
static int read_one(Bits *bits, const Table *table, int at, JCOEF *block)
{
    load(bits);
    int symbol = read_symbol(bits, table);
    if (symbol < 0)
        return -1;
    int step = (symbol >> 4) + 1, size = symbol & 15;
    if (size == 0)
        return step > RUN_OF_ZEROS ? at + step : END_OF_BLOCK;
    block[natural_order[MIN(at + step, LAST)]] = (JCOEF) read_value(bits, size);
    return at + step;
}

/* Uses what was found if it ends the block: the last coefficient, of which the next block is no
 * part, or another one and an end. */
static inline bool ends_block(Bits *bits, uint64_t found, int one, int other, JCOEF *block)
{
    if (one < LAST ? other != one + END_OF_BLOCK : one != LAST)
        return false;
    block[natural_order[one]] = (JCOEF) (found >> VALUE_ONE);
    use(bits, (one < LAST ? found : found >> LENGTH_ONE) & LENGTHS);
    return true;
}

/* Reads two codes at a time while they are short and stay in the block. Bits of which no function
 * gets the address, but those that are inline, stay in registers. */
static inline bool read_ac(Bits *from, const Pairs *ac, JCOEF *block)
{
    enum { IN_LOAD = LOADED / LOOK };
    Bits bits = *from;
    int at = 0;

    while (at >= 0 && at < LAST) {
        load(&bits);
#pragma GCC unroll 8
        for (int i = 0; i < IN_LOAD; i++) {
            uint64_t found = ac->pairs[next_of(&bits, LOOK)];
            int one = at + step_of(found >> STEP_ONE), other = one + step_of(found >> STEP_OTHER);
            if (G_UNLIKELY(other > LAST)) {
                *from = bits;
                if (ends_block(from, found, one, other, block))
                    return true;
                at = at == LAST ? at : read_one(from, &ac->table, at, block);
                bits = *from;
                break;
            }
            use(&bits, found & LENGTHS);
            block[natural_order[one]] = (JCOEF) (found >> VALUE_ONE);
            block[natural_order[other]] = (JCOEF) (found >> VALUE_OTHER);
            at = other;
        }
    }
    *from = bits;
    return at >= 0;
}

static bool read_mcu(Huffman *huffman, JBLOCKROW *blocks)
{
    Bits bits = huffman->bits;
    bool good = true;

    for (int i = 0; good && i < huffman->blocks; i++) {
        const Block *part = &huffman->block[i];
        JCOEF *to = *blocks[i];
        good = read_dc(&bits, part->dc, part->before);
        to[0] = (JCOEF) *part->before;
        good = good && read_ac(&bits, part->ac, to);
    }
    huffman->bits = bits;
    return good;
}

/* ---- in place of libjpeg's ---- */

static bool is_beyond(const Huffman *huffman)
{
    const Bits *bits = &huffman->bits;

    return huffman->marker && (bits->next - huffman->end) * 8 > bits->count;
}

static boolean decode_mcu(j_decompress_ptr jpeg, JBLOCKROW *blocks)
{
    Huffman *huffman = (Huffman *) jpeg->entropy;

    if (jpeg->restart_interval && huffman->until_restart == 0 && !restart(huffman))
        return FALSE;
    huffman->until_restart--;
    if (!huffman->marker && huffman->end - huffman->bits.next < MCU_MOST)
        load_data(huffman);
    bool good = read_mcu(huffman, blocks);
    if (is_beyond(huffman))
        WARNMS(jpeg, JWRN_HIT_MARKER);
    else if (!good)
        WARNMS(jpeg, JWRN_HUFF_BAD_CODE);
    if (--huffman->left == 0) /* as libjpeg, which forgets what it has loaded */
        end_data(huffman, 0);
    return TRUE;
}

/* libjpeg begins no other scan of such a picture. */
static void start_pass(j_decompress_ptr jpeg)
{
    ERREXIT(jpeg, JERR_BAD_STATE);
}

/* One whole scan with all bits of all coefficients. */
static bool is_ours(const struct jpeg_decompress_struct *jpeg)
{
    return jpeg->Ss == 0 && jpeg->Se == LAST && !jpeg->progressive_mode && !jpeg->arith_code &&
           jpeg->data_precision == BITS_IN_JSAMPLE && jpeg->comps_in_scan == jpeg->num_components;
}

static void set_up(Huffman *huffman, JpegDecoder *decoder)
{
    const struct jpeg_decompress_struct *jpeg = &decoder->jpeg;

    memset(huffman, 0, offsetof(Huffman, dc));
    huffman->pub = (struct jpeg_entropy_decoder){ start_pass, decode_mcu, FALSE };
    huffman->decoder = decoder;
    huffman->left = (size_t) jpeg->MCUs_per_row * jpeg->MCU_rows_in_scan;
    huffman->blocks = jpeg->blocks_in_MCU;
    for (int i = 0; i < jpeg->blocks_in_MCU; i++) {
        int number = jpeg->MCU_membership[i];
        const jpeg_component_info *part = jpeg->cur_comp_info[number];
        huffman->block[i] = (Block){ &huffman->dc[part->dc_tbl_no], &huffman->ac[part->ac_tbl_no],
                                     &huffman->before[number] };
    }
    for (int i = 0; i < jpeg->comps_in_scan; i++) {
        const jpeg_component_info *part = jpeg->cur_comp_info[i];
        fill_table(&huffman->dc[part->dc_tbl_no], jpeg->dc_huff_tbl_ptrs[part->dc_tbl_no]);
        fill_pairs(&huffman->ac[part->ac_tbl_no], jpeg->ac_huff_tbl_ptrs[part->ac_tbl_no]);
    }
    begin_data(huffman);
}

void jpeg_huffman_take(JpegDecoder *decoder)
{
    j_decompress_ptr jpeg = &decoder->jpeg;

    if (!is_ours(jpeg))
        return;
    Huffman *huffman = jpeg->mem->alloc_large((j_common_ptr) jpeg, JPOOL_IMAGE, sizeof(*huffman));
    set_up(huffman, decoder);
    jpeg->entropy = &huffman->pub;
}

#else

void jpeg_huffman_take(JpegDecoder *decoder G_GNUC_UNUSED)
{
}

#endif
