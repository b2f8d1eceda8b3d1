/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_png.h - writes pictures as PNG: with a palette or few bits where they were of some, and
 * still are. */
#pragma once

#include "actions/libvips.h"

/* Writes pixels of 8 or 16 bits, without what else they say, to `target`. `level`: zlib's, 0: what
 * is best. `few`: pixels of few colours may get a palette. Returns -1 with libvips' error set, as
 * its savers do. */
int encode_png(VipsImage *pixels, VipsTarget *target, int level, bool interlaced, bool few);
