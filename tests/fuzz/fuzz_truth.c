/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a block of a picture's metadata, after its pixels changed: what is written again can
 * be read again, and a second change finds the same. The first bytes choose the block and the
 * level. */
#include <stdint.h>
#include <stdlib.h>

#include "actions/metadata_levels.h"
#include "actions/metadata_truth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *user, const char *what)
{
    (void) user;
    if (!*what)
        abort();
}

static MetadataBlocks changed(const MetadataBlocks *of, int turned, MetadataLevel level)
{
    const MetadataChange change = {
        .pixels = true,
        .turned = turned,
        .orientation = 1,
        .whole_width = 400,
        .whole_height = 300,
        .known = turned != 1,
        .left = 0.25,
        .width = 0.5,
        .height = 1,
        .saved_width = 100,
        .saved_height = 150,
    };
    MetadataBlocks blocks = metadata_blocks_copy(of);

    metadata_truth(&blocks, &change, ignore, NULL);
    metadata_level_apply(&blocks, level);
    return blocks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 2, KINDS = 4 };
    MetadataBlocks blocks = { 0 };
    GBytes **const kinds[KINDS] = { &blocks.exif, &blocks.xmp, &blocks.iptc, &blocks.photoshop };

    if (size <= HEAD)
        return 0;
    *kinds[data[0] % KINDS] = g_bytes_new(data + HEAD, size - HEAD);
    MetadataLevel level = (MetadataLevel) (data[1] % (METADATA_SHARING + 1));
    g_auto(MetadataBlocks) once = changed(&blocks, 1 + data[1] / 4 % 8, level);
    g_auto(MetadataBlocks) twice = changed(&once, 1, level);
    if ((twice.exif && !once.exif) || (twice.xmp && !once.xmp))
        abort();
    metadata_blocks_clear(&blocks);
    return 0;
}
