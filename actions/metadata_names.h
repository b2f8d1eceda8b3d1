/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_names.h - what people call the values that EXIF, IPTC and XMP say: where each is read,
 * and where it is written. */
#pragma once

#include <stddef.h>

enum { METADATA_SOURCES_MAX = 5 };

typedef struct MetadataSource {
    const char *tag; /* as exiv2 names it; NULL: a dataset of IPTC */
    unsigned dataset;
    size_t most; /* bytes of a dataset: a longer text is cut off there */
} MetadataSource;

typedef enum MetadataKind {
    METADATA_TEXT, /* or texts, where its property is a list */
    METADATA_WHOLE,
    METADATA_FRACTION, /* XMP has it as 28/10 */
    METADATA_TRUTH,
} MetadataKind;

/* Which pictures get it in EXIF, too. */
typedef enum MetadataExif {
    METADATA_EXIF_BLOCK, /* those that have EXIF */
    METADATA_EXIF_TAG,   /* those whose EXIF has this tag */
    METADATA_EXIF_ALWAYS,
} MetadataExif;

typedef struct MetadataName {
    const char *name;
    MetadataKind kind;
    MetadataExif exif;
    MetadataSource sources[METADATA_SOURCES_MAX]; /* in the order in which they are read; one that
                                                     is empty ends them */
} MetadataName;

extern const MetadataName metadata_names[]; /* one without a name ends it */

const MetadataName *metadata_name_find(const char *name);
