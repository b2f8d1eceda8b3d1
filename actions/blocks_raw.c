/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_raw.h"

#include <string.h>

#include "actions/blocks_jpeg.h"
#include "actions/blocks_tiff.h"
#include "actions/exif_tree.h"
#include "actions/raw_previews.h"
#include "formats/jpeg.h"
#include "formats/tiff.h"

/* ---- of a preview ---- */

/* How many of the bytes stand before the pixels; more than a megabyte no camera writes. */
static uint64_t head_length(Bytes *bytes, const RawPreview *preview)
{
    enum { HEAD_MAX = 1024 * 1024 };
    uint64_t scan = preview->at;
    bool found = jpeg_find_scan(bytes, &scan) == COMPLETE_YES;

    return MIN(preview->length, found ? MIN(scan - preview->at, HEAD_MAX) : HEAD_MAX);
}

static void read_preview(Bytes *bytes, MetadataBlocks *blocks)
{
    g_autoptr(GArray) previews = raw_previews_find(bytes);
    const RawPreview *largest =
        previews->len ? &g_array_index(previews, RawPreview, previews->len - 1) : NULL;
    GByteArray *head =
        largest ? blocks_read(bytes, largest->at, head_length(bytes, largest)) : NULL;
    Bytes jpeg;

    if (!head)
        return;
    bytes_begin_memory(&jpeg, head->data, head->len);
    blocks_jpeg_read(&jpeg, blocks);
    g_byte_array_unref(head);
}

/* ---- of Canon's boxes ---- */

/* CR3 has its directories apart, each in a TIFF structure of its own; that of maker notes, whose
 * place is lost with the file, is left out. */
typedef struct Parts {
    GBytes *main, *photo, *gps, *xmp;
} Parts;

static void parts_clear(Parts *parts)
{
    g_clear_pointer(&parts->main, g_bytes_unref);
    g_clear_pointer(&parts->photo, g_bytes_unref);
    g_clear_pointer(&parts->gps, g_bytes_unref);
    g_clear_pointer(&parts->xmp, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static void take(Bytes *bytes, const Box *box, uint64_t head, GBytes **part)
{
    uint64_t behind = box->header + head;
    GByteArray *content = *part || box->length <= behind
                              ? NULL
                              : blocks_read(bytes, box->at + behind, box->length - behind);

    if (content)
        *part = g_byte_array_free_to_bytes(content);
}

enum { UUID = 16 };

static bool is_uuid(Bytes *bytes, const Box *box, const char *first)
{
    const unsigned char *id =
        strcmp(box->type, "uuid") ? NULL : bytes_at(bytes, box->at + box->header, UUID);

    return id && !memcmp(id, first, strlen(first));
}

static void find_parts(Bytes *bytes, uint64_t at, uint64_t end, int depth, Parts *parts)
{
    enum { DEPTH_MAX = 3 };
    Box box;

    for (; at < end && depth < DEPTH_MAX && box_read(bytes, at, &box) && box.length >= box.header;
         at += box.length) {
        uint64_t behind = MIN(end, at + box.length);
        if (!strcmp(box.type, "CMT1"))
            take(bytes, &box, 0, &parts->main);
        else if (!strcmp(box.type, "CMT2"))
            take(bytes, &box, 0, &parts->photo);
        else if (!strcmp(box.type, "CMT4"))
            take(bytes, &box, 0, &parts->gps);
        else if (!strcmp(box.type, "moov"))
            find_parts(bytes, at + box.header, behind, depth + 1, parts);
        else if (is_uuid(bytes, &box, "\x85\xc0\xb6\x87"))
            find_parts(bytes, at + box.header + UUID, behind, depth + 1, parts);
        else if (is_uuid(bytes, &box, "\xbe\x7a\xcf\xcb"))
            take(bytes, &box, UUID, &parts->xmp);
    }
}

static void read_boxes(Bytes *bytes, MetadataBlocks *blocks)
{
    g_auto(ExifTree) tree = { 0 };
    g_auto(Parts) parts = { 0 };

    find_parts(bytes, 0, bytes->size, 0, &parts);
    blocks->xmp = g_steal_pointer(&parts.xmp);
    if (!parts.main || !exif_tree_read(parts.main, &tree))
        return;
    if (parts.photo)
        exif_tree_add(&tree, EXIF_PHOTO, parts.photo);
    if (parts.gps)
        exif_tree_add(&tree, EXIF_GPS, parts.gps);
    blocks->density = exif_tree_density(&tree);
    blocks->exif = exif_tree_block(&tree);
}

void blocks_raw_read(Bytes *bytes, MetadataBlocks *blocks)
{
    const unsigned char *head = bytes_at(bytes, 0, 8);
    bool boxes = head && !memcmp(head + 4, "ftyp", 4);
    bool tiff = head && (!memcmp(head, TIFF_MAGIC_LITTLE, 4) || !memcmp(head, TIFF_MAGIC_BIG, 4));

    if (tiff)
        blocks_tiff_read_page(bytes, 0, blocks);
    else if (boxes)
        read_boxes(bytes, blocks);
    else
        read_preview(bytes, blocks);
}

/* ---- the camera ---- */

static char *text_of(const ExifTree *tree, unsigned tag)
{
    const ExifEntry *entry = exif_entry_find(tree->parts[EXIF_MAIN], tag);
    size_t size = 0;
    const char *text = entry ? g_bytes_get_data(entry->value, &size) : "";
    g_autofree char *cut = g_strndup(text, size);

    return g_strstrip(g_utf8_make_valid(cut, -1));
}

char *blocks_raw_camera(const MetadataBlocks *blocks)
{
    enum { MAKE = 271, MODEL = 272 };
    g_auto(ExifTree) tree = { 0 };

    if (!blocks->exif || !exif_tree_read(blocks->exif, &tree))
        return NULL;
    g_autofree char *make = text_of(&tree, MAKE), *model = text_of(&tree, MODEL);
    g_autofree char *first = g_strndup(make, strcspn(make, " "));
    bool named = !g_ascii_strncasecmp(model, first, strlen(first));
    char *both = g_strdup_printf("%s %s", named ? "" : make, model);

    if (*g_strstrip(both))
        return both;
    g_free(both);
    return NULL;
}
