/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata.h - what a picture says of itself: its blocks, and the values in them by name.
 *
 * EXIF, IPTC and XMP say the same things three times. A reader that unites them takes XMP, then
 * IPTC, then EXIF, the first that says something: people and programs write captions, authors and
 * ratings into XMP, and cameras write into EXIF what they call a caption ("OLYMPUS DIGITAL
 * CAMERA"). IPTC goes before XMP where its digest says that it is newer. The values are read by
 * gexiv2, of which only this file knows; the blocks stay as the file has them, since gexiv2 would
 * write them all again (see exif.h, xmp.h). One thread. */
#pragma once

#include "actions/blocks.h"
#include "actions/metadata_edits.h"
#include "base/error.h"

typedef struct Metadata Metadata;

/* Before the sandbox closes: what gexiv2 does only once. */
bool metadata_start(Error **err);

/* Takes over the blocks, and leaves *blocks empty. */
Metadata *metadata_new(MetadataBlocks *blocks);
Metadata *metadata_ref(Metadata *metadata);
void metadata_free(Metadata *metadata);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Metadata, metadata_free)

const MetadataBlocks *metadata_blocks(const Metadata *metadata);

/* The same of blocks that were edited; takes both over. What edits have
 * changed, borrowed; NULL: nothing. */
Metadata *metadata_new_edited(MetadataBlocks *blocks, MetadataEdits *edits);
const MetadataEdits *metadata_edits(const Metadata *metadata);

/* The first text of a tag as exiv2 names it ("Exif.Photo.DateTimeOriginal", "Xmp.dc.title"): UTF-8
 * (what is none is read as Latin-1), without blanks around, newly allocated. NULL where it is
 * missing, empty or blank. Of a text in many languages, the default one. A tag of maker notes gives
 * its number: exiv2's words for it need files that the sandbox forbids. */
char *metadata_text(Metadata *metadata, const char *tag);

/* All texts of a tag, as above; the case of a tag of XMP may be another one. */
GStrv metadata_texts(Metadata *metadata, const char *tag);

/* All texts of a dataset of IPTC, IPTC_DATASET(), in the same way. */
GStrv metadata_dataset(Metadata *metadata, unsigned dataset);

/* exiv2's word for what a tag holds ("Ascii", "Rational", "XmpBag"), static; NULL: it knows no such
 * tag of EXIF, no such namespace of XMP. */
const char *metadata_tag_type(const char *tag);

/* The URI of a namespace of XMP by exiv2's prefix ("dc", "iptc"), static; NULL: it knows none. */
const char *metadata_namespace(const char *prefix);

/* Whether exiv2 knows this property of XMP, in this case. */
bool metadata_knows_property(const char *tag);

/* The value of one of the names of metadata_names.h, "title": each of its texts, newly allocated;
 * NULL where nothing says it. */
GStrv metadata_values(Metadata *metadata, const char *name);

/* The same with ", " between them. */
char *metadata_value(Metadata *metadata, const char *name);
