/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* load_planes.h - reads a JPEG as the planes that it codes, without making pixels of them.
 *
 * What is damaged is refused as load_jpeg.h does. Of grey and of Y, Cb, Cr with 8 bits, whose
 * colours have as many samples as lightness or a whole share of them; others are read as pixels. */
#pragma once

#include "actions/libvips.h"
#include "actions/planes.h"

/* What is known before anything is decoded. */
typedef struct PlanesKind {
    int width, height, count;
    int across, down; /* pixels that a sample of colour covers */
} PlanesKind;

/* Reads the header. False, without an error, where it is not of these kinds or cannot be read. */
bool load_planes_kind(VipsSource *source, PlanesKind *kind);

/* Bytes of the planes that are `eighths` of its size. */
double load_planes_bytes(const PlanesKind *kind, int eighths);

/* Decodes it to `eighths` (1 to 8) of its size: a sample then covers more pixels. `kind` is what
 * the header said before. NULL with libvips' error set. */
Planes *load_planes(VipsSource *source, const PlanesKind *kind, int eighths);
