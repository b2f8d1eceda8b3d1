/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_edits.h - what edits have changed of a picture's metadata, besides the blocks that they
 * have made: the next edit goes on with it, and a sidecar says it. Any thread. */
#pragma once

#include "actions/exif.h"

typedef struct MetadataEdits {
    GBytes *exif;       /* what the file says, without what was removed whole; NULL: nothing */
    GBytes *xmp, *iptc; /* of the file; NULL: none */
    GArray *puts;       /* of ExifPut: what is written into that, in its order of bytes */
    bool removes;       /* something goes that the file says */
} MetadataEdits;

/* A copy of an array of ExifPut (NULL: an empty one), which shares the values. */
GArray *metadata_puts_copy(const GArray *puts);

void metadata_edits_clear(MetadataEdits *edits);
void metadata_edits_free(MetadataEdits *edits);
