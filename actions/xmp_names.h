/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xmp_names.h - namespaces and properties of XMP by the names that people know. */
#pragma once

typedef struct XmpName {
    const char *name;  /* as people write it: "dc", "exif.ISO" */
    const char *exiv2; /* as exiv2 does: "exif.ISOSpeedRatings"; NULL: the same */
} XmpName;

extern const XmpName xmp_namespaces[]; /* one without a name ends each */
extern const XmpName xmp_properties[]; /* those that exiv2 calls otherwise */

/* Namespaces of which exiv2 knows each property: another one is a typing error. */
extern const char *const xmp_closed[];

/* What people most often ask for: a guess is made from them. */
extern const char *const xmp_common[];
