/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_truth.h - what a picture says of itself, made true for the file that is written.
 *
 * A block without a false statement stays byte for byte. */
#pragma once

#include "actions/blocks.h"
#include "actions/metadata_change.h"

/* Called with what went, in words for the result: "gain map". */
typedef void (*MetadataDropped)(void *user, const char *what);

/* Changes the blocks for a file of new pixels. Orientation and sizes become right, small copies of
 * the old picture go, regions are turned and cut along. Statements about what lies behind the
 * pixels, which is not written (a film, a gain map, credentials), go always. */
void metadata_truth(MetadataBlocks *blocks, const MetadataChange *change, MetadataDropped dropped,
                    void *user);
