/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_edit_internal.h - an edit and its blocks, for metadata_edit.c, which changes each of
 * them, and metadata_edit_tags.c, which knows what a tag is in each, alone. */
#pragma once

#include "actions/metadata_edit.h"
#include "actions/xmp_put.h"

struct MetadataEdit {
    Metadata *metadata;
    MetadataBlocks blocks; /* `exif` is that of `metadata` until the end */
    MetadataEdits edits;
    Xmp *xmp; /* NULL: the block */
    bool xmp_changed, exif_changed, others_changed;
    bool cut;
    bool exif_asked; /* a tag of EXIF alone was set */
};

/* ---- XMP ---- */

/* Sets a property, or adds to its list what that lacks. */
void edit_put_property(MetadataEdit *edit, const XmpProperty *property, const char *const *texts,
                       bool append);
void edit_take_property(MetadataEdit *edit, const XmpProperty *property);
bool edit_has_property(MetadataEdit *edit, const XmpProperty *property);

/* ---- EXIF: where it cannot hold the value, false with *err of kind PICTURE ---- */

bool edit_put_exif(MetadataEdit *edit, const ExifName *name, const char *const *texts, Error **err);
void edit_take_exif(MetadataEdit *edit, const ExifName *name);
bool edit_has_exif(MetadataEdit *edit, const ExifName *name);

/* Whether edits have set a value of EXIF. */
bool edit_sets_exif(const MetadataEdit *edit);

/* ---- IPTC: each text is cut to `most` bytes ---- */

void edit_put_dataset(MetadataEdit *edit, unsigned dataset, size_t most, const char *const *texts);
void edit_append_dataset(MetadataEdit *edit, unsigned dataset, size_t most,
                         const char *const *texts);
void edit_take_dataset(MetadataEdit *edit, unsigned dataset);
bool edit_has_dataset(const MetadataEdit *edit, unsigned dataset);
