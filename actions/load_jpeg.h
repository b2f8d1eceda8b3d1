/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load_jpeg.h - reads a JPEG as libvips does, and refuses one of which a part is missing or
 * damaged.
 *
 * libvips reads the header. Its reader of pixels tells only that there was a warning, after libjpeg
 * has filled the gap with grey, and does not look whether all data was used: we ask libjpeg for the
 * pixels. What viewers ignore is no damage: bytes that fill up the data, unusual progressions, a
 * missing end mark behind whole rows, and whatever follows in its place. */
#pragma once

#include "actions/libvips.h"

/* Reads the header; the pixels, at most 1 / shrink (1, 2, 4 or 8) of its size, are read with the
 * source's descriptor when they are used, once from top to bottom. Newly referenced; NULL with
 * libvips' error set. */
VipsImage *load_jpeg(VipsSource *source, int shrink);
