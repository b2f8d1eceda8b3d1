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

#include "actions/blocks.h"

typedef struct Exif Exif;

typedef enum ExifDirectory {
    EXIF_IN_MAIN,    /* IFD0 */
    EXIF_IN_PHOTO,   /* the Exif IFD */
    EXIF_IN_INTEROP, /* what the Exif IFD names as Interoperability */
    EXIF_IN_GPS,     /* what IFD0 names as GPS */
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

/* Removes IFD0's entry of the places where the picture was taken, and all that it names. */
void exif_remove_gps(Exif *exif);

/* Removes every directory after the first one, previews in further directories, and every JPEG that
 * lies anywhere in the block, as maker notes have them. */
void exif_remove_pictures(Exif *exif);

/* An empty one, whose numbers begin with the largest part. */
Exif *exif_new_empty(void);

/* The same with the tags that EXIF demands of IFD0, and the density that is known. */
Exif *exif_new_mandatory(const Density *density);

/* Whether a directory has an entry. */
bool exif_has_any(const Exif *exif, ExifDirectory directory);

/* Adds what EXIF demands of the other directories, to the Exif IFD if it is a new one. It says
 * nothing of the pixels: their size is 0. */
void exif_complete(Exif *exif, bool new_photo);

bool exif_is_big_endian(const Exif *exif);

/* Whether there is such an entry; whether there is any. */
bool exif_has(const Exif *exif, ExifTag tag);
bool exif_is_empty(const Exif *exif);

/* A value that an entry gets. */
typedef struct ExifPut {
    ExifTag tag;
    unsigned type; /* as TIFF numbers it */
    uint32_t count;
    GBytes *value; /* in the order of the block's numbers; NULL: the entry goes */
} ExifPut;

/* Writes values: over old ones that are as large, else behind all else, as a directory that gets
 * entries. What else is there stays at its place. False, and nothing has changed, where a
 * directory would have too many entries. */
bool exif_put(Exif *exif, const ExifPut *puts, unsigned count);

/* The bytes; newly referenced. */
GBytes *exif_bytes(const Exif *exif);

/* A new block of the entries in `keep`, which ends with tag 0; NULL where none of them is there.
 * The values are copied as they are: none of them may hold an offset. A tag that is there more than
 * once counts the first time, and all values together are no larger than the block. Newly
 * referenced. */
GBytes *exif_selected(const Exif *exif, const ExifTag *keep);
