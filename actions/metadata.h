/* metadata.h - how much a picture says of itself: EXIF, XMP, colour profiles, texts.
 *
 * Decoders unpack all of it before the first pixel, however much it is: a PNG of 683 KB with 100
 * compressed texts kept libvips busy for 18 s and then out of memory. */
#pragma once

#include <vips/vips.h>

#include "base/error.h"
#include "formats/format.h"

/* Looks over the file open as fd before a decoder does. False with *err of kind IMAGE when its
 * metadata, unpacked, is more than `max` bytes; 0 is no limit. */
bool metadata_check_file(int fd, Format format, int64_t max, Error **err);

/* The same of what the decoder has found: the places in some formats only it knows. */
bool metadata_check_header(VipsImage *file, int64_t max, Error **err);
