/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata_limits.h - limits the size of a picture's metadata: EXIF, XMP, colour profiles, texts.
 *
 * Decoders unpack all of it before the first pixel, without a limit: a PNG of 683 KB with 100
 * compressed texts kept libvips busy for 18 s, which then ran out of memory. */
#pragma once

#include <vips/vips.h>

#include "base/error.h"
#include "formats/format.h"

/* Checks the file open as fd (borrowed) before a decoder reads it. False with *err of kind PICTURE
 * when its metadata, unpacked, is more than `max` bytes; 0 is no limit. */
bool metadata_limits_check_file(int fd, Format format, int64_t max, Error **err);

/* The same of the page of a TIFF whose directory lies at `directory`. */
bool metadata_limits_check_page(int fd, uint64_t directory, int64_t max, Error **err);

/* Checks what the decoder has found: only it knows every field of some formats. */
bool metadata_limits_check_header(VipsImage *file, int64_t max, Error **err);
