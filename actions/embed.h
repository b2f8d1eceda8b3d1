/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* embed.h - puts metadata and the colour profile into what libvips' encoders write, where the rules
 * of each format want them.
 *
 * libvips writes EXIF through libexif, which adds tags that the picture did not have and breaks
 * others, and some formats not at all. So it gets pixels only, and its output goes through here:
 * the head of a JPEG or PNG is replaced as it passes, the others are held until they are whole, and
 * a TIFF gets another directory at its end. One thread. */
#pragma once

#include "actions/blocks.h"
#include "actions/libvips.h"
#include "actions/metadata_truth.h"
#include "formats/format.h"

typedef struct Embed {
    Format format;
    MetadataBlocks blocks;
    GBytes *profile; /* owned; NULL: none */
    int fd;          /* borrowed */
    int width, height, bands;
    unsigned bits;      /* of each number */
    GByteArray *held;   /* what was not written yet */
    VipsTarget *memory; /* the same, where the encoder goes back in it; NULL: it does not */
    bool passes;        /* the head is written: the rest follows as it is */
    int write_error;    /* errno of the first write of the encoder's that failed; 0: none did */
} Embed;

/* Prepares to write `pixels` to fd, with the blocks and the profile of `pixels`. */
void embed_begin(Embed *embed, Format format, const MetadataBlocks *blocks, VipsImage *pixels,
                 int fd);

/* Reports each of the blocks that the format has no place for, or none that is large enough, as a
 * word for people.
 */
void embed_tell_lost(Format format, const MetadataBlocks *blocks, MetadataDropped dropped,
                     void *user);

/* Where the encoder writes to. Newly referenced; NULL with libvips' error set. */
VipsTarget *embed_target(Embed *embed);

/* After the encoder: writes what was held. False with libvips' error set when that cannot be
 * written; *whole is false where the encoder's output is none of this format, and is then written
 * without metadata. */
bool embed_end(Embed *embed, bool *whole);

void embed_clear(Embed *embed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Embed, embed_clear)
