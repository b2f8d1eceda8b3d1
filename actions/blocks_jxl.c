/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 18181-2: a file is bare data, or boxes, of which "Exif" and "xml " are the metadata. */
#include "actions/blocks_jxl.h"

#include <jxl/decode.h>
#include <string.h>

#include "actions/put_boxes.h"

static const char bare[] = { '\xff', '\x0a' };
static const char signature[] = "\0\0\0\x0cJXL \r\n\x87\n";
static const char start[] = "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
                            "ftypjxl \0\0\0\0jxl ";

/* ---- reading ---- */

static void decoder_end(JxlDecoder *decoder)
{
    JxlDecoderDestroy(decoder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JxlDecoder, decoder_end)

/* What the box holds at which the decoder is; NULL where it is damaged or more than BLOCK_MAX. */
static GByteArray *content_of(JxlDecoder *decoder)
{
    enum { FIRST = 64 * 1024 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    JxlDecoderStatus status = JXL_DEC_BOX_NEED_MORE_OUTPUT;
    guint used = 0;

    for (guint room = FIRST; status == JXL_DEC_BOX_NEED_MORE_OUTPUT; room *= 2) {
        if (room > BLOCK_MAX)
            return NULL;
        g_byte_array_set_size(out, room);
        if (JxlDecoderSetBoxBuffer(decoder, out->data + used, room - used) != JXL_DEC_SUCCESS)
            return NULL;
        status = JxlDecoderProcessInput(decoder);
        used = room - (guint) JxlDecoderReleaseBoxBuffer(decoder);
    }
    g_byte_array_set_size(out, used);
    return status == JXL_DEC_BOX ? g_steal_pointer(&out) : NULL;
}

/* The same of a packed box, by its bytes with its header: in a file of nothing else, as libjxl
 * unpacks no box alone. */
static GByteArray *unpacked(const GByteArray *box)
{
    static const unsigned char end[] = { 0, 0, 0, 8, 'f', 'r', 'e', 'e' };
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_autoptr(JxlDecoder) decoder = JxlDecoderCreate(NULL);
    JxlBoxType type = "";

    g_byte_array_append(file, (const unsigned char *) start, sizeof(start) - 1);
    g_byte_array_append(file, box->data, box->len);
    g_byte_array_append(file, end, sizeof(end));
    if (!decoder || JxlDecoderSubscribeEvents(decoder, JXL_DEC_BOX) != JXL_DEC_SUCCESS ||
        JxlDecoderSetDecompressBoxes(decoder, JXL_TRUE) != JXL_DEC_SUCCESS ||
        JxlDecoderSetInput(decoder, file->data, file->len) != JXL_DEC_SUCCESS)
        return NULL;
    JxlDecoderCloseInput(decoder);
    while (memcmp(type, "brob", sizeof(type)) != 0)
        if (JxlDecoderProcessInput(decoder) != JXL_DEC_BOX ||
            JxlDecoderGetBoxType(decoder, type, JXL_FALSE) != JXL_DEC_SUCCESS)
            return NULL;
    return content_of(decoder);
}

/* EXIF begins as many bytes behind a number as it says. */
static GBytes *exif_in(const GByteArray *content)
{
    enum { NUMBER = 4 };
    uint64_t at = content->len > NUMBER ? (uint64_t) be32(content->data) + NUMBER : NUMBER;

    return at < content->len ? blocks_exif(content->data + at, content->len - at) : NULL;
}

static void read_box(Bytes *bytes, const Box *box, MetadataBlocks *blocks)
{
    enum { TYPE = 4 };
    uint64_t skipped = strcmp(box->type, "brob") ? box->header : 0;
    g_autoptr(GByteArray) whole = blocks_read(bytes, box->at + skipped, box->length - skipped);
    const char *type = skipped || !whole || whole->len < box->header + TYPE
                           ? box->type
                           : (const char *) whole->data + box->header;
    bool exif = !memcmp(type, "Exif", TYPE) && !blocks->exif;
    bool xmp = !memcmp(type, "xml ", TYPE) && !blocks->xmp;
    g_autoptr(GByteArray) content = !whole || !(exif || xmp) ? NULL
                                    : skipped                ? g_byte_array_ref(whole)
                                                             : unpacked(whole);

    if (content && exif)
        blocks->exif = exif_in(content);
    else if (content && content->len)
        blocks->xmp = g_bytes_new(content->data, content->len);
}

void blocks_jxl_read(Bytes *bytes, MetadataBlocks *blocks)
{
    static const char *const read[] = { "Exif", "xml ", "brob", NULL };
    Box box;

    for (uint64_t at = 0; box_read(bytes, at, &box) && bytes_in_file(bytes, at, box.length);
         at += box.length)
        if (g_strv_contains(read, box.type))
            read_box(bytes, &box, blocks);
}

/* ---- writing ---- */

static void put_metadata(GByteArray *to, const MetadataBlocks *blocks)
{
    enum { TIFF_AT = 4 /* bytes that say where in the box TIFF begins */ };

    if (blocks->exif) {
        unsigned box = put_box_begin(to, "Exif");
        put_number(to, 0, TIFF_AT);
        put_bytes(to, blocks->exif);
        put_box_end(to, box);
    }
    if (blocks->xmp) {
        unsigned box = put_box_begin(to, "xml ");
        put_bytes(to, blocks->xmp);
        put_box_end(to, box);
    }
}

/* The boxes that were there, without those of metadata, and ours before the first of data. False
 * where they do not reach to the end. */
static bool put_boxes(GByteArray *to, const GByteArray *file, const MetadataBlocks *blocks)
{
    enum { HEAD = 8 };
    bool put = false;
    size_t size = 0;

    for (size_t at = 0; at < file->len; at += size) {
        const unsigned char *box = file->data + at;
        size_t left = file->len - at;
        if (left < HEAD || (be32(box) && (be32(box) < HEAD || be32(box) > left)))
            return false;
        size = be32(box) ? be32(box) : left; /* 0: to the end of the file */
        bool data = !memcmp(box + 4, "jxlc", 4) || !memcmp(box + 4, "jxlp", 4);
        if (data && !put)
            put_metadata(to, blocks);
        put |= data;
        if (memcmp(box + 4, "Exif", 4) != 0 && memcmp(box + 4, "xml ", 4) != 0)
            g_byte_array_append(to, box, (unsigned) size);
    }
    return put;
}

GByteArray *blocks_jxl_write(const GByteArray *file, const MetadataBlocks *blocks)
{
    g_autoptr(GByteArray) to = g_byte_array_new();

    if (file->len > sizeof(signature) && !memcmp(file->data, signature, sizeof(signature) - 1))
        return put_boxes(to, file, blocks) ? g_steal_pointer(&to) : NULL;
    if (file->len < sizeof(bare) || memcmp(file->data, bare, sizeof(bare)) != 0)
        return NULL;
    if (blocks->exif || blocks->xmp) {
        g_byte_array_append(to, (const unsigned char *) start, sizeof(start) - 1);
        put_metadata(to, blocks);
        unsigned box = put_box_begin(to, "jxlc");
        g_byte_array_append(to, file->data, file->len);
        put_box_end(to, box);
        return g_steal_pointer(&to);
    }
    g_byte_array_append(to, file->data, file->len);
    return g_steal_pointer(&to);
}
