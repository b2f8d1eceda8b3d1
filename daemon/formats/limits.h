/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits.h - what one picture may be and cost: a folder's settings, which travel with each job.
 *
 * What the file itself shows is checked before any decoder runs, the rest after the header and
 * before the pixels. 0 means no limit, except for `accept`. */
#pragma once

#include <stdint.h>

#include "formats/format.h"

typedef struct Limits {
    unsigned accept;      /* FORMAT_BIT of every format that is read */
    int64_t max_bytes;    /* of the file */
    double max_pixels;    /* width x height x pages loaded, in millions */
    int max_pages;        /* in the file, or frames */
    int64_t max_metadata; /* bytes of EXIF, XMP, profiles and texts, unpacked */
    int64_t max_memory;   /* bytes that a worker may use for it; 0: by the picture's size */
    int64_t max_cpu;      /* milliseconds of all its threads */
    int max_outputs;
    int64_t max_output_bytes; /* of all outputs together */
} Limits;
