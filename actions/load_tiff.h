/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load_tiff.h - reads a TIFF with libtiff, as its tags say.
 *
 * libvips' own loader takes any fourth channel for transparency, cuts numbers of other kinds than 8
 * and 16 bits down without scaling them, and knows neither planes of tiles nor YCbCr. Here: the
 * first page that is neither a reduced copy nor a mask; unsigned and signed numbers of 1 to 32
 * bits, and floats; bilevel, grey, negative, palette, RGB, CMYK, YCbCr and Lab; strips and tiles,
 * planes together or apart. Of the extra channels only those that the file calls alpha are kept.
 *
 * White is the greatest unsigned or signed number, 1 of floats, or what SMaxSampleValue says. Where
 * floats are more, and not only in a few highlights, it is the next of 255 and 65535. A file that
 * comes out black like this, or has numbers below 0, is refused. */
#pragma once

#include <stdint.h>

#include "actions/libvips.h"

/* Reads the header; the pixels are read with the source's descriptor when they are used, once from
 * top to bottom: 8 bits, 16, or float on the scale of 16 bits; of grey, RGB or CMYK, and not
 * premultiplied. Newly referenced; NULL with libvips' error set, or damage_refuse() called. */
VipsImage *load_tiff(VipsSource *source);

/* The same of the page whose directory lies at `directory` of the file. */
VipsImage *load_tiff_page(VipsSource *source, uint64_t directory);

/* Bytes of memory that reading the pixels of `image`, which load_tiff() made, uses. */
int64_t load_tiff_memory(VipsImage *image);

/* The field of an image whose pixels have 1 bit in its file: its numbers are those of black and of
 * white, until a step changes them. */
#define LOAD_TIFF_BILEVEL "tiff-bilevel"

/* Whether this libtiff has the compression of that number, as tiff.h has it. */
bool load_tiff_knows(unsigned compression);
