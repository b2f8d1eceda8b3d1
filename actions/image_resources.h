/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image_resources.h - Photoshop's image resources: IPTC among others, each with a number, in one
 * block of a JPEG, a TIFF or a PNG. Any thread. */
#pragma once

#include "actions/blocks.h"

/* Takes IPTC and the other resources out of a block: sets what `blocks` does not have yet. What
 * follows a damaged resource is left out, and what repeats or depends on something else:
 * thumbnails, colour profiles, EXIF and XMP. IPTC that a container has elsewhere is set before. */
void image_resources_read(const void *bytes, size_t size, MetadataBlocks *blocks);

/* Those resources of a block of which `keep` is true; NULL where none is left. Newly referenced. */
GBytes *image_resources_filter(GBytes *block, bool (*keep)(unsigned number));

/* The block of IPTC, its digest and the other resources; NULL when there is none. `iptc`: false
 * where the container has another place for IPTC itself. Newly referenced. */
GBytes *image_resources_write(const MetadataBlocks *blocks, bool iptc);

/* IPTC as numbers of four bytes, which a TIFF has: zeros follow it. Programs count them in the
 * digest, or do not. Newly referenced. */
GBytes *image_resources_fill(GBytes *iptc);
