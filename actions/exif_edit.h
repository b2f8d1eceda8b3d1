/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exif_edit.h - changes single values of an EXIF block where they stand: nothing else moves, which
 * would break maker notes. Any thread. */
#pragma once

#include "actions/blocks.h"

typedef struct ExifTruth {
    bool upright; /* the pixels are turned: the orientation is 1 */
    int width, height;
} ExifTruth;

/* The block without its thumbnail, with the orientation and the sizes, where it has them, set to
 * what is true. Newly referenced. */
GBytes *exif_edit(GBytes *exif, const ExifTruth *truth);
