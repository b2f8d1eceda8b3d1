/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* late_exif.h - the EXIF of a PNG that lies behind its pixels, which libvips does not read: it
 * looks at the chunks before them only. */
#pragma once

#include "actions/libvips.h"

/* Adds the EXIF that is found in the PNG open as fd (its offset stays) to `image`, unless it has
 * some. One that cannot be read is no error: the decoder reports what is wrong. */
void late_exif_add(VipsImage *image, int fd);
