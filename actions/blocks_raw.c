/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/blocks_raw.h"

#include <string.h>

#include "actions/blocks_jpeg.h"
#include "actions/blocks_tiff.h"
#include "actions/exif_tree.h"
#include "actions/raw_previews.h"
#include "formats/tiff.h"

/* ---- of a preview ---- */

/* What stands before the pixels; more than that no camera writes. */
static void read_preview(Bytes *bytes, MetadataBlocks *blocks)
{
    enum { HEAD_MAX = 1024 * 1024 };
    g_autoptr(GArray) previews = raw_previews_find(bytes);
    const RawPreview *largest =
        previews->len ? &g_array_index(previews, RawPreview, previews->len - 1) : NULL;
    GByteArray *head =
        largest ? blocks_read(bytes, largest->at, MIN(largest->length, HEAD_MAX)) : NULL;
    Bytes jpeg;

    if (!head)
        return;
    bytes_begin_memory(&jpeg, head->data, head->len);
    blocks_jpeg_read(&jpeg, blocks);
    g_byte_array_unref(head);
}

void blocks_raw_read(Bytes *bytes, MetadataBlocks *blocks)
{
    const unsigned char *head = bytes_at(bytes, 0, 4);
    bool tiff = head && (!memcmp(head, TIFF_MAGIC_LITTLE, 4) || !memcmp(head, TIFF_MAGIC_BIG, 4));

    if (tiff)
        blocks_tiff_read_page(bytes, 0, blocks);
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
