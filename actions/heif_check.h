/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_check.h - finds damage in the coded data of a HEIC or AVIF, which libheif hides.
 *
 * libheif decodes on over damage, and calls the rest of the picture whatever comes out. The decoder
 * of HEVC notes that the data does not end where the picture does, and libaom refuses data that is
 * not used up; both are asked here. It is one more decoding, without the conversion to RGB, and its
 * memory is free again when the picture is decoded. */
#pragma once

#include <stdbool.h>

/* Of the file open as fd, which is borrowed; its offset stays. False where the main picture is
 * damaged: then it was reported to damage.h, with the `format` as people call it. */
bool heif_check(int fd, const char *format);
