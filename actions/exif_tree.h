/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif_tree.h - EXIF as its tags and values: taken from an EXIF block or from a TIFF, whose own
 * tags are its EXIF, and written as a block or as tags of a TIFF. Any thread.
 *
 * What describes how the pixels are stored is left out, and so are thumbnails, and maker notes that
 * count positions from the start of the file: they would be wrong. */
#pragma once

#include "actions/blocks.h"
#include "formats/bytes.h"
#include "formats/tiff.h"

/* Directories, each a part of the EXIF. */
typedef enum ExifPart { EXIF_MAIN, EXIF_PHOTO, EXIF_GPS, EXIF_INTEROP, EXIF_PARTS } ExifPart;

typedef struct ExifTree {
    bool big_endian;           /* the order of the values */
    GArray *parts[EXIF_PARTS]; /* of ExifEntry, sorted by tag */
    GArray *blocks;            /* the same of XMP, IPTC and Photoshop's, which are no EXIF */
} ExifTree;

typedef struct ExifEntry {
    unsigned tag, type;
    uint32_t count;
    GBytes *value;
} ExifEntry;

enum {
    TIFF_XMP = 700,
    TIFF_IPTC = 33723,
    TIFF_PHOTOSHOP = 34377,
    TIFF_ORIENTATION = 274,
    TIFF_X_RESOLUTION = 282,
    TIFF_Y_RESOLUTION = 283,
    TIFF_RESOLUTION_UNIT = 296,
    EXIF_TO_PHOTO = 34665, /* where the directory of a part lies */
    EXIF_TO_GPS = 34853,
    EXIF_TO_INTEROP = 40965,
    EXIF_MAKER_NOTES = 37500,
};

/* A new array of entries, which it owns, and an entry for it; takes over `value`. */
GArray *exif_entries_new(void);
void exif_entries_add(GArray *entries, unsigned tag, unsigned type, uint32_t count, GBytes *value);
void exif_entries_add_short(GArray *entries, unsigned tag, bool big_endian, unsigned value);
void exif_entries_add_fraction(GArray *entries, unsigned tag, bool big_endian, double value);

/* Reads the directory of a TIFF that lies at `main` and those below it, or the TIFF structure in
 * memory; false when it is none. Damaged entries are left out. */
bool exif_tree_read_file(Bytes *file, uint64_t main, ExifTree *tree);
bool exif_tree_read(GBytes *exif, ExifTree *tree);

/* Adds the first directory of a TIFF structure of the same order of bytes to a part; of tags that
 * are there, the first count. What is no such structure adds nothing. */
void exif_tree_add(ExifTree *tree, ExifPart part, GBytes *tiff);

void exif_tree_clear(ExifTree *tree);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExifTree, exif_tree_clear)

/* Whether no part has an entry. */
bool exif_tree_is_empty(const ExifTree *tree);

/* The entry of a tag; NULL where it is missing. Borrowed. */
const ExifEntry *exif_entry_find(const GArray *entries, unsigned tag);

/* The density that the main directory says; what it says without a unit is the shape of a pixel.
 */
Density exif_tree_density(const ExifTree *tree);

/* The density of a picture; where its container says none, of its EXIF. */
Density exif_tree_density_of(const MetadataBlocks *blocks);

/* The tree as an EXIF block. Newly referenced. */
GBytes *exif_tree_block(const ExifTree *tree);

/* The same without maker notes, which can be of any size; they leave the tree. */
GBytes *exif_tree_small_block(ExifTree *tree);

/* Writes the values and the directories of the tree (NULL: none) behind `to`, which will stand at
 * `base` of a little-endian TIFF, and returns where the main directory begins in that. It also has
 * `own`, whose values are little-endian, in place of entries of the tree with the same tag. An
 * entry of them with the count 0 is one of the TIFF itself: its value are the 12 bytes in the
 * directory. */
uint32_t exif_tree_append(const ExifTree *tree, const GArray *own, uint32_t base, GByteArray *to);
