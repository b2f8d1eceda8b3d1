/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 18181-2: a file is bare data, or boxes, of which "Exif" and "xml " are the metadata. */
#include "actions/blocks_jxl.h"

#include <string.h>

#include "actions/put_boxes.h"
#include "formats/bytes.h"

static const char bare[] = { '\xff', '\x0a' };
static const char signature[] = "\0\0\0\x0cJXL \r\n\x87\n";
static const char start[] = "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
                            "ftypjxl \0\0\0\0jxl ";

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
