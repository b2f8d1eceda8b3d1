/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_png.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#include "actions/image_resources.h"
#include "base/text.h"
#include "formats/chunks.h"

#define XMP_KEYWORD     "XML:com.adobe.xmp"
#define RAW_PROFILE     "Raw profile type "
#define COMMENT_KEYWORD "Comment"
#define XMP_IN_APP1     "http://ns.adobe.com/xap/1.0/"

enum {
    KEYWORD_MAX = 79,
    CM_IN_METRE = 100,
};

/* ---- texts ---- */

typedef struct Text {
    char keyword[KEYWORD_MAX + 1];
    GByteArray *bytes; /* unpacked; NULL where the keyword is of no block */
} Text;

static void text_clear(Text *text)
{
    g_clear_pointer(&text->bytes, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Text, text_clear)

/* What a zlib stream unpacks to; NULL where it is damaged or too large. */
static GByteArray *unpacked(const unsigned char *in, size_t size)
{
    enum { STEP = 64 * 1024 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    z_stream stream = { .next_in = (unsigned char *) (uintptr_t) in, .avail_in = (unsigned) size };
    int status = inflateInit(&stream);

    while (status == Z_OK && out->len <= BLOCK_MAX) {
        unsigned before = out->len;
        g_byte_array_set_size(out, before + STEP);
        stream.next_out = out->data + before;
        stream.avail_out = STEP;
        status = inflate(&stream, Z_NO_FLUSH);
        g_byte_array_set_size(out, before + STEP - stream.avail_out);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END ? g_steal_pointer(&out) : NULL;
}

static GByteArray *unpacked_if(bool packed, const unsigned char *in, size_t size)
{
    GByteArray *plain = NULL;

    if (packed)
        return unpacked(in, size);
    plain = g_byte_array_new();
    return g_byte_array_append(plain, in, (unsigned) size);
}

/* Behind the next zero; NULL where there is none. */
static const unsigned char *behind_zero(const unsigned char *p, const unsigned char *end)
{
    const unsigned char *zero = p && p < end ? memchr(p, 0, (size_t) (end - p)) : NULL;

    return zero ? zero + 1 : NULL;
}

static bool is_of_block(const char *keyword)
{
    return strcmp(keyword, XMP_KEYWORD) == 0 || strcmp(keyword, COMMENT_KEYWORD) == 0 ||
           g_str_has_prefix(keyword, RAW_PROFILE);
}

/* Reads the data of a tEXt, zTXt or iTXt, and unpacks it where `is_wanted` says so. */
static bool read_text(const char *type, const unsigned char *p, size_t size,
                      bool (*is_wanted)(const char *keyword), Text *text)
{
    const unsigned char *end = p ? p + size : NULL, *at = behind_zero(p, end);
    bool packed = type[0] == 'z';

    if (!at || at - p > KEYWORD_MAX + 1)
        return false;
    memcpy(text->keyword, p, (size_t) (at - p));
    if (!is_wanted(text->keyword))
        return true;
    if (packed) {
        at++;                    /* the method */
    } else if (type[0] == 'i') { /* flag and method, language, translated keyword */
        packed = at < end && *at;
        at = behind_zero(behind_zero(at + 2, end), end);
    }
    if (!at || at > end)
        return false;
    text->bytes = unpacked_if(packed, at, (size_t) (end - at));
    return text->bytes;
}

/* Turns "\nexif\n   1234\n4578..." into the bytes that its figures stand for. */
static GByteArray *raw_profile(const GByteArray *text)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    const char *p = (const char *) text->data, *end = text->len ? p + text->len : p;
    int lines = 0, high = -1;

    for (; p < end && lines < 3; p++) /* an empty one, the name, the length */
        lines += *p == '\n';
    for (; p < end; p++) {
        int digit = g_ascii_xdigit_value(*p);
        if (digit < 0)
            continue;
        if (high >= 0) {
            unsigned char byte = (unsigned char) (high << 4 | digit);
            g_byte_array_append(out, &byte, 1);
        }
        high = high < 0 ? digit : -1;
    }
    return g_steal_pointer(&out);
}

static void set_xmp(MetadataBlocks *blocks, const unsigned char *bytes, size_t size)
{
    if (!blocks->xmp && size)
        blocks->xmp = g_bytes_new(bytes, size);
}

/* A segment of a JPEG without its frame: EXIF or XMP. */
static void read_app1(MetadataBlocks *blocks, const GByteArray *profile)
{
    size_t mark = sizeof(XMP_IN_APP1);

    if (profile->len > mark && memcmp(profile->data, XMP_IN_APP1, mark) == 0)
        set_xmp(blocks, profile->data + mark, profile->len - mark);
    else if (!blocks->exif)
        blocks->exif = blocks_exif(profile->data, profile->len);
}

/* IPTC alone or in Photoshop's block, as other programs write it. */
static void read_iptc(MetadataBlocks *blocks, const GByteArray *profile)
{
    enum { IPTC_MARK = 0x1c };

    if (profile->len && profile->data[0] == IPTC_MARK && !blocks->iptc)
        blocks->iptc = g_bytes_new(profile->data, profile->len);
    else
        image_resources_read(profile->data, profile->len, blocks);
}

static void read_raw_profile(MetadataBlocks *blocks, const Text *text)
{
    const char *name = text->keyword + strlen(RAW_PROFILE);
    g_autoptr(GByteArray) profile = raw_profile(text->bytes);

    if (!g_ascii_strcasecmp(name, "exif") || !g_ascii_strcasecmp(name, "APP1"))
        read_app1(blocks, profile);
    else if (!g_ascii_strcasecmp(name, "iptc") || !g_ascii_strcasecmp(name, "8bim"))
        read_iptc(blocks, profile);
    else if (!g_ascii_strcasecmp(name, "xmp"))
        set_xmp(blocks, profile->data, profile->len);
}

/* tEXt and zTXt are Latin-1. */
static char *utf8_of(const char *type, const GByteArray *bytes)
{
    const char *text = (const char *) bytes->data;

    return type[0] == 'i' ? g_utf8_make_valid(text, bytes->len)
                          : text_from_latin1(text, strnlen(text, bytes->len));
}

/* A comment that many programs write as UTF-8 in every kind of chunk. */
static char *comment_of(const char *type, const GByteArray *bytes)
{
    const char *text = (const char *) bytes->data;

    return g_utf8_validate(text, bytes->len, NULL) ? g_strndup(text, bytes->len)
                                                   : utf8_of(type, bytes);
}

/* ---- reading ---- */

typedef struct Reader {
    Bytes *bytes;
    MetadataBlocks *blocks;
    GByteArray *texts;
    unsigned comments;
} Reader;

static void read_density(MetadataBlocks *blocks, const GByteArray *data)
{
    enum { SIZE = 9 };

    if (data->len != SIZE)
        return;
    Density density = { data->data[8] == 1 ? DENSITY_CM : DENSITY_ASPECT, be32(data->data),
                        be32(data->data + 4) };
    if (density.x < 1 || density.y < 1)
        return;
    if (density.unit == DENSITY_CM) {
        density.x /= CM_IN_METRE;
        density.y /= CM_IN_METRE;
    }
    blocks->density = density;
}

/* Keeps a text for which there is no block; at most as many as libpng reads. */
static void keep_text(Reader *reader, const Chunk *chunk)
{
    g_autoptr(GByteArray) whole =
        blocks_read(reader->bytes, chunk->at - PNG_HEAD, chunk->length + PNG_FRAME);

    if (whole && reader->texts->len + whole->len <= BLOCK_MAX)
        g_byte_array_append(reader->texts, whole->data, whole->len);
}

/* More than one become lines of one. */
static void read_comment(Reader *reader, const char *type, const Text *text)
{
    enum { COMMENTS_MAX = 100 };
    char **all = &reader->blocks->comment;

    if (!text->bytes->len || reader->comments++ >= COMMENTS_MAX)
        return;
    g_autofree char *before = g_steal_pointer(all);
    g_autofree char *more = comment_of(type, text->bytes);
    *all = before ? g_strconcat(before, "\n", more, NULL) : g_steal_pointer(&more);
}

static void read_text_chunk(Reader *reader, const Chunk *chunk)
{
    g_autoptr(GByteArray) data = blocks_read(reader->bytes, chunk->at, chunk->length);
    g_auto(Text) text = { 0 };

    if (!data || !read_text(chunk->type, data->data, data->len, is_of_block, &text))
        return;
    if (!text.bytes)
        keep_text(reader, chunk);
    else if (strcmp(text.keyword, XMP_KEYWORD) == 0)
        set_xmp(reader->blocks, text.bytes->data, text.bytes->len);
    else if (g_str_has_prefix(text.keyword, RAW_PROFILE))
        read_raw_profile(reader->blocks, &text);
    else
        read_comment(reader, chunk->type, &text);
}

static void read_chunk(Reader *reader, const Chunk *chunk)
{
    bool exif = chunk_is(chunk, "eXIf");

    if (chunk_is(chunk, "tEXt") || chunk_is(chunk, "zTXt") || chunk_is(chunk, "iTXt")) {
        read_text_chunk(reader, chunk);
    } else if (exif || chunk_is(chunk, "pHYs")) {
        g_autoptr(GByteArray) data = blocks_read(reader->bytes, chunk->at, chunk->length);
        g_autoptr(GBytes) found = data && exif ? blocks_exif(data->data, data->len) : NULL;
        if (found) { /* it is better than a raw profile that was found before it */
            g_clear_pointer(&reader->blocks->exif, g_bytes_unref);
            reader->blocks->exif = g_steal_pointer(&found);
        } else if (data && !exif) {
            read_density(reader->blocks, data);
        }
    }
}

void blocks_png_read(Bytes *bytes, MetadataBlocks *blocks)
{
    g_autoptr(GByteArray) texts = g_byte_array_new();
    Reader reader = { bytes, blocks, texts, 0 };
    Chunk chunk;

    for (uint64_t at = PNG_SIGNATURE;
         png_next(bytes, &at, &chunk) && bytes_in_file(bytes, at, 0) && !chunk_is(&chunk, "IEND");)
        read_chunk(&reader, &chunk);
    if (texts->len)
        blocks->png_texts = g_byte_array_free_to_bytes(g_steal_pointer(&texts));
}

static bool is_any(const char *keyword G_GNUC_UNUSED)
{
    return true;
}

/* One of the texts, within them: they are whole chunks. */
typedef struct TextChunk {
    const unsigned char *whole, *data;
    size_t size, length; /* of each */
    const char *type;
} TextChunk;

/* The chunk at *at, which moves behind it; false at the end. */
static bool next_chunk(GBytes *texts, size_t *at, TextChunk *chunk)
{
    size_t size = 0;
    const unsigned char *p = texts ? g_bytes_get_data(texts, &size) : NULL;

    if (*at >= size)
        return false;
    p += *at;
    *chunk =
        (TextChunk){ p, p + PNG_HEAD, PNG_FRAME + (size_t) be32(p), be32(p), (const char *) p + 4 };
    *at += chunk->size;
    return true;
}

char *blocks_png_text(GBytes *texts, const char *keyword)
{
    TextChunk chunk;

    for (size_t at = 0; next_chunk(texts, &at, &chunk);) {
        g_auto(Text) text = { 0 };
        if (chunk.length > strlen(keyword) && !strcmp((const char *) chunk.data, keyword) &&
            read_text(chunk.type, chunk.data, chunk.length, is_any, &text) && text.bytes->len)
            return utf8_of(chunk.type, text.bytes);
    }
    return NULL;
}

GBytes *blocks_png_filter(GBytes *texts, bool (*keep)(const char *keyword))
{
    g_autoptr(GByteArray) left = g_byte_array_new();
    TextChunk chunk;

    for (size_t at = 0; next_chunk(texts, &at, &chunk);)
        if (keep((const char *) chunk.data)) /* it ends with a zero */
            g_byte_array_append(left, chunk.whole, (unsigned) chunk.size);
    return left->len ? g_byte_array_free_to_bytes(g_steal_pointer(&left)) : NULL;
}

/* ---- writing ---- */

static void add(GByteArray *to, const void *bytes, size_t size)
{
    g_byte_array_append(to, bytes, (unsigned) size);
}

static void add_be32(GByteArray *to, uint32_t value)
{
    uint32_t big = GUINT32_TO_BE(value);

    add(to, &big, sizeof(big));
}

static void add_chunk(GByteArray *to, const char *type, const void *data, size_t size)
{
    add_be32(to, (uint32_t) size);
    unsigned start = to->len;
    add(to, type, 4);
    add(to, data, size);
    add_be32(to, (uint32_t) crc32(0, to->data + start, to->len - start));
}

/* Appends the bytes packed; false where zlib fails. */
static bool add_packed(GByteArray *to, const void *bytes, size_t size)
{
    unsigned before = to->len;
    uLongf packed = compressBound(size);

    g_byte_array_set_size(to, before + (unsigned) packed);
    if (compress(to->data + before, &packed, bytes, size) != Z_OK)
        return false;
    g_byte_array_set_size(to, before + (unsigned) packed);
    return true;
}

static void add_profile(GByteArray *to, GBytes *profile)
{
    static const char name[] = { 'i', 'c', 'c', 0, 0 }; /* and the method */
    g_autoptr(GByteArray) data = g_byte_array_new();
    size_t size = 0;
    const void *bytes = profile ? g_bytes_get_data(profile, &size) : NULL;

    add(data, name, sizeof(name));
    if (bytes && add_packed(data, bytes, size))
        add_chunk(to, "iCCP", data->data, data->len);
}

static void add_density(GByteArray *to, Density density)
{
    const double metre = density.unit == DENSITY_CM     ? CM_IN_METRE
                         : density.unit == DENSITY_INCH ? 1 / 0.0254
                                                        : 1;
    double x = rint(density.x * metre), y = rint(density.y * metre);
    g_autoptr(GByteArray) data = g_byte_array_new();

    if (density.unit == DENSITY_UNKNOWN || !(x >= 1 && x <= INT32_MAX && y >= 1 && y <= INT32_MAX))
        return;
    add_be32(data, (uint32_t) x);
    add_be32(data, (uint32_t) y);
    add(data, density.unit == DENSITY_ASPECT ? "" : "\1", 1);
    add_chunk(to, "pHYs", data->data, data->len);
}

/* A text in UTF-8, not packed: XMP must be readable by programs that do not know PNG. */
static void add_itxt(GByteArray *to, const char *keyword, const void *text, size_t size)
{
    static const char plain[5] = { 0 }; /* after the keyword; no language, no translation */
    g_autoptr(GByteArray) data = g_byte_array_new();

    add(data, keyword, strlen(keyword));
    add(data, plain, sizeof(plain));
    add(data, text, size);
    add_chunk(to, "iTXt", data->data, data->len);
}

/* One of a JPEG may be Latin-1. */
static void add_comment(GByteArray *to, const char *comment)
{
    g_autofree char *utf8 = g_utf8_validate(comment, -1, NULL)
                                ? g_strdup(comment)
                                : text_from_latin1(comment, strlen(comment));

    add_itxt(to, COMMENT_KEYWORD, utf8, strlen(utf8));
}

/* IPTC and the other resources, as ImageMagick and ExifTool know them. */
static void add_raw_profile(GByteArray *to, const char *name, GBytes *profile)
{
    enum { BYTES_A_LINE = 36 };
    g_autofree char *keyword = g_strconcat(RAW_PROFILE, name, NULL);
    g_autoptr(GByteArray) data = g_byte_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    size_t size = 0;
    const unsigned char *bytes = g_bytes_get_data(profile, &size);

    g_string_append_printf(text, "\n%s\n%8zu", name, size);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%s%02x", i % BYTES_A_LINE ? "" : "\n", bytes[i]);
    g_string_append_c(text, '\n');
    add(data, keyword, strlen(keyword) + 1);
    add(data, "", 1); /* the method */
    if (add_packed(data, text->str, text->len))
        add_chunk(to, "zTXt", data->data, data->len);
}

static void add_blocks(GByteArray *to, const MetadataBlocks *blocks)
{
    g_autoptr(GBytes) photoshop = image_resources_write(blocks, true);
    size_t size = 0;
    const void *bytes = blocks->exif ? g_bytes_get_data(blocks->exif, &size) : NULL;

    add_density(to, blocks->density);
    if (bytes)
        add_chunk(to, "eXIf", bytes, size);
    if (blocks->xmp && (bytes = g_bytes_get_data(blocks->xmp, &size)))
        add_itxt(to, XMP_KEYWORD, bytes, size);
    if (photoshop)
        add_raw_profile(to, "iptc", photoshop);
    if (blocks->comment)
        add_comment(to, blocks->comment);
    if (blocks->png_texts && (bytes = g_bytes_get_data(blocks->png_texts, &size)))
        add(to, bytes, size);
}

GByteArray *blocks_png_head(const unsigned char *start, size_t size, const MetadataBlocks *blocks,
                            GBytes *profile, size_t *length)
{
    g_autoptr(GByteArray) head = g_byte_array_new();
    size_t at = PNG_SIGNATURE;

    for (size_t whole = 0; size >= at + PNG_HEAD; at += whole) {
        const char *type = (const char *) start + at + 4;
        if (memcmp(type, "IDAT", 4) == 0) {
            add_blocks(head, blocks);
            *length = at;
            return g_steal_pointer(&head);
        }
        whole = PNG_FRAME + (size_t) be32(start + at);
        if (size < at + whole)
            return NULL;
        if (at == PNG_SIGNATURE)
            add(head, start, PNG_SIGNATURE);
        if (memcmp(type, "pHYs", 4) != 0)
            add(head, start + at, whole);
        if (at == PNG_SIGNATURE) /* before PLTE */
            add_profile(head, profile);
    }
    return NULL;
}
