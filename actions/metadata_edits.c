/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_edits.h"

static void put_clear(void *data)
{
    g_clear_pointer(&((ExifPut *) data)->value, g_bytes_unref);
}

GArray *metadata_puts_copy(const GArray *puts)
{
    GArray *copy = g_array_new(FALSE, FALSE, sizeof(ExifPut));

    g_array_set_clear_func(copy, put_clear);
    for (guint i = 0; puts && i < puts->len; i++) {
        ExifPut put = g_array_index(puts, ExifPut, i);
        if (put.value)
            g_bytes_ref(put.value);
        g_array_append_val(copy, put);
    }
    return copy;
}

void metadata_edits_clear(MetadataEdits *edits)
{
    g_clear_pointer(&edits->exif, g_bytes_unref);
    g_clear_pointer(&edits->xmp, g_bytes_unref);
    g_clear_pointer(&edits->iptc, g_bytes_unref);
    g_clear_pointer(&edits->puts, g_array_unref);
}

void metadata_edits_free(MetadataEdits *edits)
{
    if (edits)
        metadata_edits_clear(edits);
    g_free(edits);
}
