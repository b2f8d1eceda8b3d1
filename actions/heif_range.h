/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_range.h - whether a HEIC or AVIF stores brightness or alpha in the limited range of video,
 * where libheif does not bring it to the full one: black is 16 and white 235 of 255 (H.273; of more
 * bits, these numbers are shifted up).
 *
 * Of the file open as fd (borrowed; its offset stays). False where the file does not say so. */
#pragma once

#include <stdbool.h>

/* Whether the main picture is coded without colours, and in that range. An AVIF says so in nclx, or
 * else in its data; a HEIC in nclx only: the grey ones of heif-enc have none, and the full range.
 */
bool heif_range_is_limited(int fd);

/* Whether the alpha of an AVIF is in that range, as its data says. */
bool heif_range_is_limited_alpha(int fd);
