/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff_file.h - libtiff on a descriptor, and what it complains about. One thread. */
#pragma once

#include <stdbool.h>
#include <tiffio.h>

#include "actions/libvips.h"

typedef struct TiffFile {
    VipsSource *source; /* keeps the descriptor open; owned */
    off_t at;           /* of the next byte to read */
    TIFF *tiff;
    bool
        complained; /* libtiff reported an error, or its JPEG decoder damage; reset by the reader */
} TiffFile;

/* Opens the first page of `file->source`. False with libvips' error set. `file` stays where it is.
 */
bool tiff_file_open(TiffFile *file);

void tiff_file_close(TiffFile *file);
