/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/save_copy.h"

#include "actions/copy_file.h"
#include "actions/encode.h"
#include "actions/metadata_density.h"
#include "actions/metadata_levels.h"
#include "actions/metadata_truth.h"
#include "actions/original.h"
#include "actions/sidecar_write.h"

static bool stays_whole(const Save *s)
{
    return s->metadata == METADATA_ALL && !s->dpi;
}

/* Pixels that EXIF turns stay as they are stored, so that it has to be there. */
static void apply_level(const Save *s, const MetadataChange *change, MetadataBlocks *blocks)
{
    if (s->metadata == METADATA_NONE && change->orientation > 1)
        metadata_keep_orientation(blocks);
    else
        metadata_level_apply(blocks, (MetadataLevel) s->metadata);
}

/* Not what steps gave it: they work on another picture. */
static MetadataBlocks blocks_of(const Save *s, Image *image, Format format)
{
    const MetadataChange change = image_no_change(image);
    MetadataBlocks blocks = metadata_blocks_copy(metadata_blocks(image_metadata(image, NULL)));

    image_note_extras(image);
    if (s->metadata == METADATA_NONE)
        apply_level(s, &change, &blocks); /* nothing of the rest is to be made true */
    metadata_truth(&blocks, &change, image_note_dropped, image);
    if (s->metadata != METADATA_NONE)
        apply_level(s, &change, &blocks);
    if (s->dpi && (encode_options(format) & OPTION_DENSITY))
        metadata_set_density(&blocks, (unsigned) s->dpi, !encode_has_density(format));
    return blocks;
}

/* What a file beside the picture can say: it takes nothing away. */
static bool goes_beside(const Save *s, const Metadata *metadata)
{
    const MetadataEdits *edits = metadata_edits(metadata);

    return stays_whole(s) && edits && !edits->removes;
}

bool save_copy_whole(const Save *s, Image *image, int fd, bool *whole, Error **err)
{
    Format format = image_source_format(image);

    *whole = true;
    if (stays_whole(s) && !image_is_edited(image))
        return copy_file(image_file(image), fd, err);
    if (!image_metadata(image, err))
        return false;
    g_auto(MetadataBlocks) blocks = blocks_of(s, image, format);
    return original_copy(image_file(image), format, image_header(image), &blocks, fd, whole, err);
}

/* A file that cannot be changed: nothing in the profile asks for that. */
static bool copy_without_sidecar(Image *image, int fd, Error **err)
{
    image_note(image, "dropped: what %s says, as a %s is copied as it is", image_sidecar(image),
               format_name(image_source_format(image)));
    return copy_file(image_file(image), fd, err);
}

bool save_copy(const Save *s, Image *image, int fd, GBytes **beside, Error **err)
{
    bool whole = false;

    *beside = NULL;
    if (!save_copy_whole(s, image, fd, &whole, err))
        return false;
    if (!whole && goes_beside(s, image_metadata(image, NULL))) {
        *beside = sidecar_packet(image_metadata(image, NULL));
        return copy_file(image_file(image), fd, err);
    }
    if (!whole && stays_whole(s) && image_sidecar(image))
        return copy_without_sidecar(image, fd, err);
    return whole || error_set(err, ERROR_PICTURE,
                              "remove metadata, dpi and untag, or save it in a format of its own",
                              "format = original cannot change what this %s says: it does so in a "
                              "JPEG of grey or three colours, a PNG, a WebP, and a little-endian "
                              "TIFF of less than 4 GB whose first image is the picture",
                              format_name(image_source_format(image)));
}
