/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sidecar.h - what an XMP file beside a picture says of it.
 *
 * It wins over what the picture's own file says, property by property, as in Adobe's programs:
 * people rate and describe a photo in it. What it says of another file's pixels, of its history, or
 * of how a program would develop it is left out. One thread. */
#pragma once

#include "actions/metadata.h"

typedef struct Sidecar Sidecar;

/* Reads the file open as fd, of at most `most` bytes (0: as many as a block may have). `name` is
 * that of the file, for notes. NULL with *err of kind PICTURE where it is no XMP or too large. */
Sidecar *sidecar_read(int fd, const char *name, int64_t most, Error **err);
void sidecar_free(Sidecar *sidecar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sidecar, sidecar_free)

/* The name of its file, borrowed. */
const char *sidecar_name(const Sidecar *sidecar);

/* Whether a person has cut the picture in it: that is for the program that wrote it. */
bool sidecar_crops(const Sidecar *sidecar);

/* Whether it says anything of the photo. */
bool sidecar_says(const Sidecar *sidecar);

/* What a picture with these blocks, which are taken over, says with the Sidecar: descriptions, the
 * rating and the date in EXIF and IPTC, too, where the picture has those. Newly allocated. */
Metadata *sidecar_apply(const void *applied, MetadataBlocks *blocks);

/* Whether a property is about the photo: neither about the pixels of the file for which the XMP was
 * written, nor about how a program develops them. */
bool sidecar_is_of_photo(const char *uri, const char *name);
