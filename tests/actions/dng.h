/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dng.h - a camera RAW for tests: a DNG of a mosaic that is not compressed. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Dng {
    int width, height; /* even or odd; at least 30: less is no picture to LibRaw */
    int orientation;   /* 0: not said */
    GBytes *preview;   /* a JPEG, or NULL; borrowed */
    bool unknown;      /* without what makes a DNG of it: LibRaw does not know such a camera */
} Dng;

/* Its bytes; the caller's. The camera is "Acme X1"; red grows to the right, blue downwards. */
GByteArray *dng_file(const Dng *dng);
