/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tiff_kind.h - what kind of picture a page of a TIFF is, and whether it can be read. One thread.
 */
#pragma once

#include <tiffio.h>

#include "actions/samples.h"

typedef enum TiffWay {
    TIFF_PLAIN,   /* colours are numbers */
    TIFF_PALETTE, /* numbers of colours */
    TIFF_LAB,
    TIFF_BY_LIBTIFF, /* libtiff makes 8 bit RGB of it, as with YCbCr */
} TiffWay;

typedef struct TiffKind {
    TiffWay way;
    uint32_t width, height;
    unsigned samples; /* of each pixel, with those that are not used */
    unsigned colours; /* the first of them: 1, 3 or 4 */
    int alpha;        /* the number of the sample that is it; -1: none */
    bool premultiplied;
    bool apart;     /* each sample has a plane of its own */
    bool unsure;    /* the pixels have to be looked at to know what is white */
    bool offset_ab; /* of Lab: a and b are unsigned, their middle is 0 */
    Samples numbers;
    VipsInterpretation type; /* of the pixels that it becomes */
} TiffKind;

/* Finds out, of the current page, and sets libtiff up for it. False with damage_refuse() called
 * where it can't be read. */
bool tiff_kind(TIFF *tiff, TiffKind *kind);

/* After a failure to read the pixels: refuses them by their kind, if that is the cause. */
void tiff_refuse_unread(TIFF *tiff);

/* What the pixels of a page whose kind is unsure are. */
typedef struct TiffExtent {
    double least, most;
    double count, above, below; /* of all numbers, of those above 1 and below 0 */
} TiffExtent;

/* Decides what is white. False with damage_refuse() called. */
bool tiff_set_white(TiffKind *kind, const TiffExtent *extent);
