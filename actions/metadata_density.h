/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_density.h - says how many pixels an inch of a picture has. One thread. */
#pragma once

#include "actions/blocks.h"

/* Sets the density in the blocks, and in their EXIF; where there is none and `in_exif` is set,
 * since the format has no other place for it, in a new one. */
void metadata_set_density(MetadataBlocks *blocks, unsigned dpi, bool in_exif);
