/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode.h - writes pictures in each format. */
#pragma once

#include "actions/blocks.h"
#include "actions/encoding.h"
#include "actions/libvips.h"
#include "actions/shape.h"

/* The options of a format that is written. */
unsigned encode_options(Format format);

/* Whether the file keeps transparency. */
bool encode_has_alpha(const Encoding *encoding);

/* Whether the file keeps more than 8 bits of each colour. */
bool encode_has_depth(const Encoding *encoding);

/* Whether the file keeps the inks of CMYK: false with *err of kind PICTURE where it does not. */
bool encode_takes_inks(const Encoding *encoding, Error **err);

/* Whether a quality decides how many bytes the file has. */
bool encode_has_quality(const Encoding *encoding);

/* Whether this machine's libraries write a file of this kind; false with *err of kind CONFIG. A
 * HEIC is tried, once for a process. */
bool encode_is_possible(const Encoding *encoding, Error **err);

/* The format of an extension ("jpg", "TIFF"), or FORMAT_NONE if we cannot write it. */
Format encode_format(const char *extension);

/* Whether viewers of this format respect an orientation tag. */
bool encode_has_orientation(Format format);

/* Whether a file of this format says how many pixels an inch has beside EXIF. */
bool encode_has_density(Format format);

/* Whether a file of this format says its colour profile: else it has to be sRGB. */
bool encode_has_profile(Format format);

/* Whether to make the codes of a JPEG of `pixels` for it, which was made from `source` pixels:
 * where that takes less than a twentieth of the time of the whole picture, and no memory that
 * counts. */
bool encode_optimises(int64_t pixels, int64_t source);

/* Whether it takes a picture of that shape as planes, so that no rows of pixels flow. */
bool encode_takes_planes(const Encoding *encoding, const Shape *shape);

/* Plans that it does, and what is made of them. */
void encode_plan_planes(const Encoding *encoding, Shape *shape);

/* Bytes of memory that encoding a picture of that shape uses, besides the rows that it
 * processes. */
double encode_memory(const Encoding *encoding, const Shape *shape);

/* Writes pixels to fd, which is open for reading and writing at offset 0 and stays the caller's,
 * with their colour profile and with `blocks`, and checks the result. What else the pixels' fields
 * say is not written. An error is of the kind that libvips_error() gives, or TRANSIENT if the
 * result is damaged. */
bool encode(VipsImage *pixels, const Encoding *encoding, const MetadataBlocks *blocks, int fd,
            Error **err);
