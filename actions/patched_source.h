/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* patched_source.h - a file of which a decoder reads some bytes otherwise than they are stored. One
 * thread. */
#pragma once

#include <stdint.h>

#include "actions/libvips.h"

typedef struct Patch {
    uint64_t at; /* in the file */
    unsigned char byte;
} Patch;

/* The file open as fd (borrowed, to stay open as long as this is used; its offset stays) with the
 * patches, an array of Patch that it takes over. Newly referenced. */
VipsSource *patched_source_new(int fd, GArray *patches);
