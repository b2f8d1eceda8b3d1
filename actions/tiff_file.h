/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff_file.h - libtiff on a descriptor, and what it complains about. One thread. */
#pragma once

#include <stdbool.h>
#include <tiffio.h>

#include "actions/libvips.h"

typedef struct TiffFile {
    VipsSource *source; /* keeps the descriptor open; owned */
    uint64_t directory; /* where that of the page lies which is opened; 0: of the first one */
    off_t at;           /* of the next byte to read */
    struct TiffLink {
        unsigned char bytes[8];
        unsigned at, size;
    } first; /* what libtiff reads in the header in place of where the first directory lies */
    TIFF *tiff;
    bool
        complained; /* libtiff reported an error, or its JPEG decoder damage; reset by the reader */
} TiffFile;

/* Opens a page of `file->source`. False with libvips' error set. `file` stays where it is.
 */
bool tiff_file_open(TiffFile *file);

void tiff_file_close(TiffFile *file);
