/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_range.h - whether a HEIC or AVIF stores brightness in the limited range of video, where
 * libheif does not bring it to the full one. */
#pragma once

#include <stdbool.h>

/* Whether the main picture is coded without colours, and black is 16 and white 235 of 255 (H.273;
 * of more bits, these numbers are shifted up): libheif gives such values as they are. Of the file
 * open as fd (borrowed; its offset stays). False where the file does not say so. */
bool heif_range_is_limited(int fd);
