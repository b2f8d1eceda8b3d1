/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif_names.h - tags of EXIF by the names that people know. */
#pragma once

#include <stdint.h>

/* What a tag holds. */
typedef enum ExifKind {
    EXIF_TEXT,
    EXIF_NUMBER,
    EXIF_FRACTION, /* a number that people write as 1/250 */
    EXIF_NUMBERS,  /* some of them */
    EXIF_BYTES,    /* a text or numbers, as it is */
    EXIF_UTF16,    /* a text, as Windows writes it */
} ExifKind;

typedef struct ExifName {
    const char *name; /* as `exiftool -s` writes it */
    const char *key;  /* exiv2's whole name: "Exif.Photo.ISOSpeedRatings" */
    ExifKind kind;
    uint16_t tag;  /* its number in the directory of `key` */
    uint16_t type; /* of its value, as TIFF numbers it; 0: the file says it, or a program cannot
                      know it, and no edit writes it */
} ExifName;

extern const ExifName exif_names[]; /* one without a name ends it */
