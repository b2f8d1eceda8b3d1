/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* photo.h - small files with what a camera writes of a photo, and without its pixels. */
#pragma once

#include <glib.h>

typedef struct Taken {
    const char *make, *model, *date, *subsec, *offset, *serial, *owner; /* NULL: not said */
    int rating;                                                         /* 0: not said */
} Taken;

/* A TIFF, which is also what a RAW begins as; newly allocated. */
GByteArray *photo_tiff(const Taken *taken);

/* A JPEG with the same in its EXIF. */
GByteArray *photo_jpeg(const Taken *taken);
