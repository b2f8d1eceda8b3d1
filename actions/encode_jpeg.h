/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_jpeg.h - writes a JPEG with libjpeg: libvips has no word for 4:2:2. One thread. */
#pragma once

#include "actions/encoding.h"
#include "actions/libvips.h"

/* Which of OPTION_TRELLIS and OPTION_SCANS this libjpeg has: mozjpeg's has both. */
unsigned encode_jpeg_options(void);

/* Writes grey or RGB of 8 bits, without any metadata. Not 0 with libvips' error set. */
int encode_jpeg(VipsImage *pixels, VipsTarget *target, const Encoding *e);
