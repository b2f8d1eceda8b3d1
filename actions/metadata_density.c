/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/metadata_density.h"

#include "actions/exif.h"
#include "actions/exif_tree.h"
#include "actions/xmp.h"

enum { INCH = 2 /* TIFF's number of it */ };

static const uint16_t tags[] = { TIFF_X_RESOLUTION, TIFF_Y_RESOLUTION };

/* Changes the values where they are; false where one is missing. */
static bool change(MetadataBlocks *blocks, unsigned dpi)
{
    g_autoptr(Exif) exif = exif_new(blocks->exif);
    bool changed = exif;

    for (size_t i = 0; changed && i < G_N_ELEMENTS(tags); i++)
        changed = exif_set_fraction(exif, (ExifTag){ EXIF_IN_MAIN, tags[i] }, dpi);
    if (!changed)
        return false;
    exif_set_number(exif, (ExifTag){ EXIF_IN_MAIN, TIFF_RESOLUTION_UNIT }, INCH);
    blocks_replace(&blocks->exif, exif_bytes(exif));
    return true;
}

static void remove_tag(GArray *entries, unsigned tag)
{
    for (unsigned i = entries->len; i-- > 0;)
        if (g_array_index(entries, ExifEntry, i).tag == tag)
            g_array_remove_index(entries, i);
}

/* Adds what is missing, in a block that is written again. */
static void add(MetadataBlocks *blocks, unsigned dpi)
{
    static const unsigned char empty[] = "II*\0\10\0\0\0\0\0\0\0\0";
    g_autoptr(GBytes) none = g_bytes_new_static(empty, sizeof(empty));
    g_auto(ExifTree) tree = { 0 };

    if (!exif_tree_read(blocks->exif ? blocks->exif : none, &tree))
        return;
    GArray *entries = tree.parts[EXIF_MAIN];
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        remove_tag(entries, tags[i]);
        exif_entries_add_fraction(entries, tags[i], tree.big_endian, dpi);
    }
    remove_tag(entries, TIFF_RESOLUTION_UNIT);
    exif_entries_add_short(entries, TIFF_RESOLUTION_UNIT, tree.big_endian, INCH);
    blocks_replace(&blocks->exif, exif_tree_block(&tree));
}

/* XMP says it as text, where it says it. */
static void state_in_xmp(MetadataBlocks *blocks, unsigned dpi)
{
    g_autoptr(Xmp) xmp = blocks->xmp ? xmp_new(blocks->xmp) : NULL;
    g_autofree char *said = xmp ? xmp_text(xmp, XMP_TIFF, "XResolution") : NULL;
    g_autofree char *fraction = g_strdup_printf("%u/1", dpi);

    if (!said)
        return;
    xmp_set_text(xmp, XMP_TIFF, "XResolution", fraction);
    xmp_set_text(xmp, XMP_TIFF, "YResolution", fraction);
    xmp_set_text(xmp, XMP_TIFF, "ResolutionUnit", "2");
    blocks_replace(&blocks->xmp, xmp_packet(xmp));
}

void metadata_set_density(MetadataBlocks *blocks, unsigned dpi, bool in_exif)
{
    blocks->density = (Density){ DENSITY_INCH, dpi, dpi };
    if (!(blocks->exif && change(blocks, dpi)) && (in_exif || blocks->exif))
        add(blocks, dpi);
    state_in_xmp(blocks, dpi);
}
