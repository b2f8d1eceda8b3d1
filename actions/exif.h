/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif.h - changes in a picture's EXIF that leave every other byte where it is.
 *
 * Maker notes hold offsets that only their maker knows: a library that writes all directories again
 * moves them, and drops what it has no name for. Here a value is changed in its place, an entry
 * that goes is taken out of its directory, and the bytes that it named become zeros. One thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Exif Exif;

typedef enum ExifDirectory {
    EXIF_IN_MAIN,    /* IFD0 */
    EXIF_IN_PHOTO,   /* the Exif IFD */
    EXIF_IN_INTEROP, /* what the Exif IFD names as Interoperability */
} ExifDirectory;

typedef struct ExifTag {
    ExifDirectory directory;
    uint16_t tag;
} ExifTag;

/* A copy of `bytes`, a TIFF structure. NULL where it does not begin as one. */
Exif *exif_new(GBytes *bytes);
void exif_free(Exif *exif);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Exif, exif_free)

/* The first number of an entry of type SHORT or LONG; false where there is none. */
bool exif_number(const Exif *exif, ExifTag tag, uint32_t *number);

/* Changes a single number, if there is such an entry. */
void exif_set_number(Exif *exif, ExifTag tag, uint32_t number);

/* Makes the entry of a single fraction a whole number; false where there is none. */
bool exif_set_fraction(Exif *exif, ExifTag tag, uint32_t number);

/* Removes an entry, if there is one, with its value. */
void exif_remove(Exif *exif, ExifTag tag);

/* Removes every directory after the first one, previews in further directories, and every JPEG that
 * lies anywhere in the block, as maker notes have them. */
void exif_remove_pictures(Exif *exif);

/* The bytes; newly referenced. */
GBytes *exif_bytes(const Exif *exif);

/* A new block of the entries in `keep`, which ends with tag 0; NULL where none of them is there.
 * The values are copied as they are: none of them may hold an offset. A tag that is there more than
 * once counts the first time, and all values together are no larger than the block. Newly
 * referenced. */
GBytes *exif_selected(const Exif *exif, const ExifTag *keep);
