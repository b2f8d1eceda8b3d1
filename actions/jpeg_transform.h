/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jpeg_transform.h - turns, cuts and makes grey a JPEG without decoding it: its coefficients are
 * moved, as jpegtran(1) does, and none changes. Only this file knows TurboJPEG.
 *
 * They lie in blocks of at least 8 x 8 pixels. A side can become the left or the upper one of the
 * result only where blocks end; the last ones on the right and below may be incomplete. Metadata
 * and the colour profile are left out. Any thread. */
#pragma once

#include <glib.h>

#include "actions/libvips.h"
#include "base/error.h"

/* What the header says. */
typedef struct JpegGrid {
    int width, height; /* as the file stores it */
    int across, down;  /* pixels of a block of all colours */
    int colours;       /* 1, 3, or 4 of CMYK */
} JpegGrid;

/* False where it cannot be read, or its colours are sampled in a way that TurboJPEG does not move.
 */
bool jpeg_transform_grid(GBytes *jpeg, JpegGrid *grid);

typedef struct JpegTransform {
    int orientation;  /* of EXIF: how what is stored becomes what is seen; 1: it stays */
    VipsRect area;    /* of the stored picture: what remains */
    bool grey;        /* colours are left out */
    bool progressive; /* the result is */
} JpegTransform;

/* The grid after colours were left out: of lightness alone. */
JpegGrid jpeg_transform_grid_of(const JpegTransform *how, const JpegGrid *grid);

/* The area with each side that becomes the left or the upper one moved inwards to where a block
 * ends. It is the same where nothing is lost; it may become empty. */
VipsRect jpeg_transform_fit(const JpegTransform *how, const JpegGrid *grid);

/* The result of an area that fits, newly referenced; *damaged says whether data was missing or
 * could not be read. NULL with *err of kind PICTURE. */
GBytes *jpeg_transform(GBytes *jpeg, const JpegTransform *how, bool *damaged, Error **err);
