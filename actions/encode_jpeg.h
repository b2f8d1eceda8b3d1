/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_jpeg.h - writes a JPEG with libjpeg: libvips has no word for 4:2:2. One thread. */
#pragma once

#include "actions/encoding.h"
#include "actions/libvips.h"
#include "actions/planes.h"

/* Which of OPTION_TRELLIS and OPTION_SCANS this libjpeg has: mozjpeg's has both. */
unsigned encode_jpeg_options(void);

/* Writes grey, RGB or CMYK of 8 bits, without any metadata. Not 0 with libvips' error set. */
int encode_jpeg(VipsImage *pixels, VipsTarget *target, const Encoding *e);

/* The same of planes, whose colour is sampled as below; their rows go on to whole blocks. */
int encode_jpeg_planes(const Planes *planes, VipsTarget *target, const Encoding *e);

/* How many pixels share a sample of colour, across and down. */
void encode_jpeg_sampling(const Encoding *e, int *across, int *down);

/* How many samples a pixel of CMYK has: all inks, unless the encoding says that colour is shared.
 */
double encode_jpeg_ink_samples(const Encoding *e);
