/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_edit.h - changes what a picture says of itself.
 *
 * A value that has a friendly name is written into XMP always; into IPTC where the picture has
 * IPTC, cut to what that can hold; into EXIF where the picture has EXIF, or where cameras say it
 * there (the rules of the Metadata Working Group). What is not changed stays byte for byte, and
 * maker notes at their place. A picture on its way gets a new Metadata, see image_set_metadata():
 * what was before it is not changed, so that a branch leaves it as it was. One thread. */
#pragma once

#include "actions/exif.h"
#include "actions/metadata.h"
#include "actions/metadata_tag.h"

typedef struct MetadataEdit MetadataEdit;

/* Begins with what `metadata` (borrowed until the end) says. */
MetadataEdit *metadata_edit_new(Metadata *metadata);
void metadata_edit_free(MetadataEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetadataEdit, metadata_edit_free)

/* Sets the texts of a tag (UTF-8). Blank ones count as none, and with none the tag goes. One that
 * is no list gets the first; in EXIF a list is a text with "; " between. False with *err of kind
 * PICTURE where it cannot hold them; nothing has changed then. */
bool metadata_edit_set(MetadataEdit *edit, const MetadataTag *tag, const char *const *texts,
                       Error **err);

/* The same with one text. */
bool metadata_edit_set_text(MetadataEdit *edit, const MetadataTag *tag, const char *text,
                            Error **err);

/* Adds to a list those texts that it does not have; a tag that is no list is set. */
bool metadata_edit_append(MetadataEdit *edit, const MetadataTag *tag, const char *const *texts,
                          Error **err);

/* Removes a tag. */
void metadata_edit_remove(MetadataEdit *edit, const MetadataTag *tag);

/* Whether the picture says something of it now. */
bool metadata_edit_has(MetadataEdit *edit, const MetadataTag *tag);

/* Removes EXIF but for an orientation by which the pixels are turned; all of XMP that `keep`
 * (xmp.h) does not want; all datasets of IPTC that `keep` does not want. */
void metadata_edit_drop_exif(MetadataEdit *edit);
void metadata_edit_filter_xmp(MetadataEdit *edit, XmpKeep keep, void *user);
/* The same of the fields of structures that are elements, at any depth. */
void metadata_edit_filter_fields(MetadataEdit *edit, XmpKeep keep, void *user);
void metadata_edit_filter_iptc(MetadataEdit *edit, bool (*keep)(unsigned dataset));

/* Adds descriptions of XMP, as xmp_descriptions() gives them, to what `keep` wants of the picture's
 * own. */
void metadata_edit_add_xmp(MetadataEdit *edit, const char *descriptions, XmpKeep keep, void *user);

/* Removes those texts of a PNG that `keep` does not want. */
void metadata_edit_filter_texts(MetadataEdit *edit, bool (*keep)(const char *keyword));

/* Removes what is neither EXIF nor XMP nor IPTC: comments, texts of a PNG, Photoshop's block. */
void metadata_edit_drop_others(MetadataEdit *edit);

/* Changes the EXIF itself, which is of the file, without values that edits have set. */
void metadata_edit_exif(MetadataEdit *edit, void (*change)(Exif *exif, void *user), void *user);

/* Whether something was cut to what IPTC can hold. */
bool metadata_edit_has_cut(const MetadataEdit *edit);

/* What the picture says then, newly referenced: the same Metadata where nothing has changed. NULL
 * with *err of kind PICTURE where EXIF would be larger than a JPEG can hold, because of a tag that
 * is only of EXIF. */
Metadata *metadata_edit_end(MetadataEdit *edit, Error **err);
