/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bilevel.h - makes pictures black and white. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

/* `in` (pixels.h) as grey of 0 and 255 of 8 bits with its alpha: light and dark dots in proportion
 * to its grey in sRGB (Floyd and Steinberg), or what is nearer. It reads all of `in` at once; the
 * result is in memory, marked as one of few colours, and newly referenced. NULL with libvips' error
 * set.
 *
 * The numbers are those of Pillow's convert("1"), with and without dithering. */
VipsImage *bilevel(VipsImage *in, bool dither);
