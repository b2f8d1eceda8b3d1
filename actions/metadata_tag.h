/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_tag.h - what can be written of a picture's metadata, by its name. One thread. */
#pragma once

#include "actions/exif_names.h"
#include "actions/iptc_names.h"
#include "actions/metadata_names.h"
#include "actions/xmp_put.h"
#include "base/error.h"

/* One of the first four is given. */
typedef struct MetadataTag {
    const MetadataName *friendly;
    const ExifName *exif;
    const IptcName *iptc;
    bool xmp;             /* `property` is meant */
    XmpProperty property; /* of XMP, or with a language, of that of a friendly name */
    const char *name;     /* as it was asked for */
    bool list;            /* it holds several texts */
} MetadataTag;

/* The tag of that name, whatever its case, which lives as long as the program: "title", "title-de",
 * "exif.Artist", "Exif.Photo.DateTimeOriginal", "iptc.By-line", "xmp.dc.title",
 * "xmp.dc.title-de". NULL with *err of kind CONFIG where there is no such, or none that can be
 * written. */
const MetadataTag *metadata_tag_find(const char *name, Error **err);

/* The property of XMP that exiv2 calls so, "Xmp.dc.title"; its texts live as long as the program.
 * False where exiv2 knows no such namespace. */
bool metadata_property(const char *key, XmpProperty *property);

/* The tag of EXIF that exiv2 calls so; NULL: none of those that have a name. */
const ExifName *metadata_exif_name(const char *key);

/* Whether `text` can be its value: a number where it is one. False with *err of kind PICTURE. */
bool metadata_tag_check(const MetadataTag *tag, const char *text, Error **err);
