/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load_bmp.h - reads a BMP, for which libvips has no loader but ImageMagick's.
 *
 * All that Windows and OS/2 define, except Huffman codes, a JPEG or a PNG inside, and 64 bits a
 * pixel. Rows are read when they are used: nothing is allocated for a size that the header claims,
 * but one row, and with run lengths one place for each row. A picture that is cut is an error,
 * never half a picture. What run lengths leave undefined is colour 0 of the palette, as Pillow and
 * ImageMagick do; an index beyond the palette is black. The fourth byte of 32 bits is alpha only if
 * the header has a mask for it. Pixels that are not square stay as they are. */
#pragma once

#include "actions/libvips.h"

enum { LOAD_BMP_ROW_BYTES = 16 /* of memory for each row of a picture */ };

/* Reads the header; the pixels, 8 bit RGB or RGBA, are read with the source's descriptor when they
 * are used, once from top to bottom. Newly referenced; NULL with libvips' error set. */
VipsImage *load_bmp(VipsSource *source);
