/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save_coded.h - what `save` takes over as it is coded, in place of encoding pixels; and what the
 * file says of itself. One thread. */
#pragma once

#include "actions/image.h"
#include "actions/save_settings.h"

/* What the file says of itself: what the level names, true for these pixels. */
MetadataBlocks save_blocks(const Save *save, Image *image, Format format, VipsImage *pixels,
                           bool srgb);

/* In place of what is in fd: what a program has coded, if it was the last to change the pixels and
 * the save says no more than its format; or the original's pixels, where those in fd take more
 * bytes. */
bool save_keep_coded(const Save *save, Image *image, Format format, VipsImage *saved,
                     const MetadataBlocks *blocks, int fd, Error **err);

/* What a step before this one has coded, where the save asks for nothing else of it and it is not
 * too large. Else *kept is false, and fd empty. */
bool save_keep_jpeg(const Save *save, Image *image, Format format, VipsImage *pixels,
                    const MetadataBlocks *blocks, int fd, bool *kept, Error **err);

/* Whether the picture is a JPEG that is to be written without loss as JPEG XL: then that can hold
 * it as it is coded. */
bool save_recompresses(const Save *save, const Image *image, Format format);

/* Writes that to fd, which is empty: the file itself, or what a step has coded. Where JPEG XL
 * cannot hold it, *kept is false, fd empty, and a note says why. */
bool save_recompress(const Save *save, Image *image, VipsImage *pixels, int fd, bool *kept,
                     Error **err);
