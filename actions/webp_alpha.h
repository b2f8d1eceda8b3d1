/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* webp_alpha.h - finds the alpha of a WebP whose head does not tell of it.
 *
 * Programs that add metadata to a WebP of one chunk, as ExifTool up to 12.57, give it a head (VP8X)
 * without the flag of alpha, and libvips believes it. libwebp goes by the data. One thread. */
#pragma once

#include "actions/libvips.h"

/* The file open as fd (borrowed, to stay open as long as this is used) with the flag. Newly
 * referenced; NULL where the head is right. */
VipsSource *webp_alpha_source(int fd);
