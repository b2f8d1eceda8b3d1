/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sample.h"

#include <string.h>

static void put(GByteArray *bytes, const void *data, size_t length)
{
    g_byte_array_append(bytes, data, (guint) length);
}

#define PUT(bytes, literal) put(bytes, literal, sizeof(literal) - 1)

static void number(GByteArray *bytes, uint64_t value, int length, bool big_endian)
{
    for (int i = 0; i < length; i++) {
        int shift = 8 * (big_endian ? length - 1 - i : i);
        guint8 byte = (guint8) (value >> shift);

        put(bytes, &byte, 1);
    }
}

void sample_text(GByteArray *bytes, const char *text)
{
    put(bytes, text, strlen(text));
}

void sample_zeros(GByteArray *bytes, size_t count)
{
    guint from = bytes->len;

    g_byte_array_set_size(bytes, from + (guint) count);
    memset(bytes->data + from, 0, count);
}

void sample_noise(GByteArray *bytes, size_t count)
{
    uint32_t state = 12345;

    for (size_t i = 0; i < count; i++) {
        guint8 byte = 0;

        state = state * 1664525 + 1013904223;
        byte = (guint8) (state >> 24);
        put(bytes, &byte, 1);
    }
}

/* A marker segment with its length. */
static void segment(GByteArray *bytes, unsigned marker, const void *data, size_t length)
{
    number(bytes, 0xff00 | marker, 2, true);
    number(bytes, length + 2, 2, true);
    put(bytes, data, length);
}

#define SEGMENT(bytes, marker, literal) segment(bytes, marker, literal, sizeof(literal) - 1)

static void scan(GByteArray *bytes)
{
    SEGMENT(bytes, 0xda, "\1\1\0\0\x3f\0");
    for (int i = 0; i < 20; i++)
        PUT(bytes, "\x12\xff\0\x34\x56\xff\xd1\x78\xff\0");
}

static GByteArray *jpeg_begin(void)
{
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "\xff\xd8");
    SEGMENT(bytes, 0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0");
    SEGMENT(bytes, 0xe1, "Exif\0\0 a thumbnail: \xff\xd8\xff\xda\0\2 data \xff\xd9 and its end");
    PUT(bytes, "\xff"); /* fill bytes before a marker are allowed */
    SEGMENT(bytes, 0xc4, "\0 tables");
    return bytes;
}

GByteArray *sample_jpeg(void)
{
    GByteArray *bytes = jpeg_begin();

    scan(bytes);
    PUT(bytes, "\xff\xd9");
    return bytes;
}

/* XXH3 takes a file in stripes of 64 bytes. Of the first word of a stripe it adds the word itself
 * to one sum, and to another one the product of its two halves, each xor-ed with a secret that is
 * the same everywhere (xxhash.h, kSecret). Where the low half is that secret, the product is 0,
 * whatever the high half is; and two words in two stripes with exchanged high halves have one sum.
 */
GByteArray *sample_twin(bool second)
{
    static const unsigned char secrets[2][4] = { { 0xde, 0xd4, 0x6d, 0xe9 },   /* of stripe 2 */
                                                 { 0x72, 0x40, 0xa4, 0xa4 } }; /* of stripe 3 */
    static const char highs[2][4] = { "this", "that" };
    g_autoptr(GByteArray) jpeg = sample_jpeg();
    GByteArray *bytes = g_byte_array_new();
    char comment[400] = { 0 };

    for (int i = 0; i < 2; i++) {
        char *word =
            comment + (size_t) (2 + i) * 64 - 6; /* the comment begins at byte 6 of the file */
        memcpy(word, secrets[i], 4);
        memcpy(word + 4, highs[i ^ second], 4);
    }
    PUT(bytes, "\xff\xd8");
    segment(bytes, 0xfe, comment, sizeof(comment));
    g_byte_array_append(bytes, jpeg->data + 2, jpeg->len - 2);
    return bytes;
}

GByteArray *sample_progressive(void)
{
    GByteArray *bytes = jpeg_begin();

    for (int i = 0; i < 3; i++) {
        SEGMENT(bytes, 0xc4, "\0 tables between the scans");
        scan(bytes);
    }
    PUT(bytes, "\xff\xd9");
    return bytes;
}

static void chunk(GByteArray *bytes, const char *type, const char *data)
{
    number(bytes, strlen(data), 4, true);
    sample_text(bytes, type);
    sample_text(bytes, data);
    PUT(bytes, "\xae\x42\x60\x82"); /* the sum of IEND; the others are not checked */
}

GByteArray *sample_png(void)
{
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "\x89PNG\r\n\x1a\n");
    chunk(bytes, "IHDR", "thirteen byte");
    chunk(bytes, "IDAT", "some data");
    chunk(bytes, "IDAT", "and some more of it");
    chunk(bytes, "IEND", "");
    return bytes;
}

GByteArray *sample_gif(void)
{
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "GIF89a\2\0\2\0\x80\0\0");
    PUT(bytes, "\0\0\0\xff\xff\xff");                 /* two colours */
    PUT(bytes, "\x21\xf9\4\0\0\0;\0");                /* an extension with ; in it */
    PUT(bytes, "\x2c\0\0\0\0\2\0\2\0\0\2\3;;;\1a\0"); /* an image, its sub-blocks */
    PUT(bytes, "\x2c\0\0\0\0\2\0\2\0\x80");           /* another one with its own colours */
    PUT(bytes, "\0\0\0\xff\xff\xff\2\2ab\0;");
    return bytes;
}

GByteArray *sample_webp(void)
{
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "RIFF");
    number(bytes, 4 + 8 + 30, 4, false);
    PUT(bytes, "WEBPVP8L");
    number(bytes, 30, 4, false);
    sample_noise(bytes, 30);
    return bytes;
}

/* The headers and the palette of a BMP of 4 x 2 pixels. */
static GByteArray *bmp_begin(unsigned bits, unsigned compression, unsigned colours)
{
    enum { FILE_HEADER = 14, HEADER = 40, COLOUR = 4 };
    GByteArray *bytes = g_byte_array_new();

    PUT(bytes, "BM");
    number(bytes, 0, 4, false); /* the size of the file: many do not write it */
    number(bytes, 0, 4, false);
    number(bytes, FILE_HEADER + HEADER + COLOUR * colours, 4, false);
    number(bytes, HEADER, 4, false);
    number(bytes, 4, 4, false);
    number(bytes, 2, 4, false);
    number(bytes, 1, 2, false);
    number(bytes, bits, 2, false);
    number(bytes, compression, 4, false);
    sample_zeros(bytes, 12);
    number(bytes, colours, 4, false);
    sample_zeros(bytes, 4);
    sample_noise(bytes, COLOUR * (size_t) colours);
    return bytes;
}

GByteArray *sample_bmp(void)
{
    GByteArray *bytes = bmp_begin(8, 0, 5);

    PUT(bytes, "\1\2\3\0\4\3\2\0");
    return bytes;
}

GByteArray *sample_bmp_runs(void)
{
    GByteArray *bytes = bmp_begin(8, 1, 5);

    PUT(bytes, "\3\1\0\0");         /* three of a colour, and the row ends */
    PUT(bytes, "\0\2\1\0\1\4\0\1"); /* a pixel to the right, one of a colour, the end */
    return bytes;
}

static void box(GByteArray *bytes, const char *type, const char *data)
{
    number(bytes, 8 + strlen(data), 4, true);
    sample_text(bytes, type);
    sample_text(bytes, data);
}

GByteArray *sample_heif(const char *brand)
{
    GByteArray *bytes = g_byte_array_new();

    number(bytes, 24, 4, true);
    PUT(bytes, "ftyp");
    sample_text(bytes, "mif1");
    PUT(bytes, "\0\0\0\0");
    sample_text(bytes, brand);
    sample_text(bytes, "miaf");
    number(bytes, 12 + 12, 4, true);
    PUT(bytes, "meta\0\0\0\0");
    box(bytes, "hdlr", "pict");
    box(bytes, "free", "");
    box(bytes, "mdat", "the picture's data");
    return bytes;
}

GByteArray *sample_compact_heif(const char *codec)
{
    GByteArray *bytes = g_byte_array_new();

    number(bytes, 16, 4, true);
    PUT(bytes, "ftyp");
    sample_text(bytes, "mif3");
    sample_text(bytes, codec);
    box(bytes, "mini", "its header and the picture's data");
    return bytes;
}

/* The mark, the kind, and one box of data. */
static GByteArray *boxed(const char *mark, const char *brand, const char *type)
{
    GByteArray *bytes = g_byte_array_new();

    number(bytes, 12, 4, true);
    sample_text(bytes, mark);
    PUT(bytes, "\r\n\x87\n");
    number(bytes, 20, 4, true);
    PUT(bytes, "ftyp");
    sample_text(bytes, brand);
    PUT(bytes, "\0\0\0\0");
    sample_text(bytes, brand);
    box(bytes, type, "the picture's stream\xff\xd9");
    return bytes;
}

GByteArray *sample_jxl(void)
{
    return boxed("JXL ", "jxl ", "jxlc");
}

GByteArray *sample_jp2(void)
{
    return boxed("jP  ", "jp2 ", "jp2c");
}

GByteArray *sample_pdf(void)
{
    GByteArray *bytes = g_byte_array_new();

    sample_text(bytes, "%PDF-1.4\n1 0 obj <<>> endobj\nstartxref\n9\n%%EOF");
    return bytes;
}

typedef struct Tiff {
    GByteArray *bytes;
    const SampleTiff *what;
} Tiff;

static void tiff_number(const Tiff *tiff, uint64_t value, int length)
{
    number(tiff->bytes, value, length, tiff->what->big_endian);
}

/* type 2 is text, 3 a short, 4 a long; the values fit into the entry. */
static void entry(const Tiff *tiff, unsigned tag, unsigned type, uint64_t value)
{
    int word = tiff->what->big ? 8 : 4;
    int length = type == 4 ? 4 : type == 3 ? 2 : 1;

    tiff_number(tiff, tag, 2);
    tiff_number(tiff, type, 2);
    tiff_number(tiff, 1, word);
    tiff_number(tiff, value, length);
    sample_zeros(tiff->bytes, (size_t) (word - length));
}

static size_t directory_size(const SampleTiff *what, unsigned entries)
{
    return what->big ? 16 + 20 * (size_t) entries : 6 + 12 * (size_t) entries;
}

static void sub_directory(const Tiff *tiff)
{
    tiff_number(tiff, 1, tiff->what->big ? 8 : 2);
    entry(tiff, 262, 3, tiff->what->sub_photometric);
    tiff_number(tiff, 0, tiff->what->big ? 8 : 4);
}

static void first_directory(const Tiff *tiff, uint64_t data, uint64_t sub)
{
    const SampleTiff *what = tiff->what;
    unsigned entries = 5U + what->make + what->sub + what->dng;

    tiff_number(tiff, entries, what->big ? 8 : 2);
    entry(tiff, 254, 4, what->subfile);
    entry(tiff, 259, 3, what->compression ? what->compression : 1);
    entry(tiff, 262, 3, what->photometric);
    if (what->make)
        entry(tiff, 271, 2, 'X');
    entry(tiff, 273, 4, data);
    entry(tiff, 279, 4, 40);
    if (what->sub)
        entry(tiff, 330, 4, sub);
    if (what->dng)
        entry(tiff, 50706, 1, 1);
    tiff_number(tiff, 0, what->big ? 8 : 4);
}

GByteArray *sample_tiff(const SampleTiff *what)
{
    Tiff tiff = { g_byte_array_new(), what };
    size_t head = what->big ? 16 : 8, data = 40;
    size_t sub = what->sub ? directory_size(what, 1) : 0;
    size_t first = directory_size(what, 5U + what->make + what->sub + what->dng);

    put(tiff.bytes, what->big_endian ? "MM" : "II", 2);
    tiff_number(&tiff, what->big ? 43 : 42, 2);
    if (what->big)
        tiff_number(&tiff, 8, 4); /* 8 and 0, both 2 bytes */
    if (what->big && what->big_endian) {
        g_byte_array_set_size(tiff.bytes, 4);
        PUT(tiff.bytes, "\0\x08\0\0");
    }
    tiff_number(&tiff, what->data_last ? head : head + data + sub, what->big ? 8 : 4);
    if (what->data_last) {
        first_directory(&tiff, head + first + sub, head + first);
        if (what->sub)
            sub_directory(&tiff);
        sample_noise(tiff.bytes, data);
        return tiff.bytes;
    }
    sample_noise(tiff.bytes, data);
    if (what->sub)
        sub_directory(&tiff);
    first_directory(&tiff, head, head + data);
    return tiff.bytes;
}
