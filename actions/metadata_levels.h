/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_levels.h - how much of what a picture says of itself goes into a file. */
#pragma once

#include "actions/blocks.h"

typedef enum MetadataLevel {
    METADATA_ALL,
    METADATA_NONE,
    METADATA_COPYRIGHT, /* author, credit, source, rights, usage terms, contact */
    METADATA_SHARING,   /* and title, headline, caption, keywords, date */
} MetadataLevel;

/* Removes from the blocks what the level does not name. The orientation stays in every level but
 * none: it is about the pixels. */
void metadata_level_apply(MetadataBlocks *blocks, MetadataLevel level);

/* Removes all but the orientation, without which pixels that are not turned look wrong. */
void metadata_keep_orientation(MetadataBlocks *blocks);
