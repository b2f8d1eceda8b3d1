/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* file_window.h - a part of a file as a source of its own, as a JPEG within a camera's RAW. One
 * thread. */
#pragma once

#include <stdint.h>

#include "actions/libvips.h"

typedef struct FileWindow {
    int fd;
    uint64_t at, length; /* in the file; a length of 0: all that follows */
} FileWindow;

/* Bytes of the file that `file` has open, for which it stays. Newly referenced. */
VipsSource *file_window_new(VipsSource *file, uint64_t at, uint64_t length);

/* Where the bytes of a source lie, which has a descriptor or is such a window. */
FileWindow file_window_of(VipsSource *source);
