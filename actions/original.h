/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* original.h - an output that is the picture's own coded data, or what a program has coded, with
 * other metadata: where encoding it again made it larger, and where a copy is asked for. One
 * thread. */
#pragma once

#include "actions/blocks.h"
#include "actions/libvips.h"
#include "formats/format.h"

/* Writes the coded picture of the file `from` (borrowed) over what encode() has written to fd, with
 * `blocks` and the profile of `pixels`, if that is smaller; *kept says whether. Of JPEG, PNG and
 * WebP; of other formats fd stays as it is. The pixels of `from` are `pixels`, and both are of
 * `format`. */
bool original_keep(int from, Format format, VipsImage *pixels, const MetadataBlocks *blocks, int fd,
                   bool *kept, Error **err);

/* Writes the same in place of what is in fd; `header` is that of the file, whose profile stays. Of
 * other formats, and of kinds of these that few programs read, *whole is false and fd stays as it
 * is. */
bool original_copy(int from, Format format, VipsImage *header, const MetadataBlocks *blocks, int fd,
                   bool *whole, Error **err);

/* The same of a JPEG in memory. */
bool original_copy_jpeg(GBytes *jpeg, VipsImage *header, const MetadataBlocks *blocks, int fd,
                        bool *whole, Error **err);
