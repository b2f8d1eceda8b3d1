/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* page_count.h - how many pictures a file has. */
#pragma once

#include "actions/libvips.h"
#include "formats/format.h"

/* Of `file`, read from fd (borrowed; its offset stays): pages of a TIFF that are neither reduced
 * copies nor masks, frames of GIF, WebP and PNG, pages of PDF, pictures of HEIC and AVIF. At least
 * 1. */
int page_count(VipsImage *file, Format format, int fd);

/* What one of several is called: "frame". Static. */
const char *page_word(Format format);
