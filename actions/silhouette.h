/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* silhouette.h - the shape in a picture, grown by discs: around every
 * corner, into every gap, and with the soft edge that the shape has. Pure functions. */
#pragma once

#include <stdbool.h>

#include "actions/libvips.h"

enum { SILHOUETTE_MARGIN_MAX = 16000 }; /* pixels */

/* The shape in a picture is what is at least half opaque, and what is more opaque inside of it is
 * no other shape. Of letters it is what is a quarter opaque: thin strokes may cover no pixel by
 * half; and all that is around what is more opaque counts. */
typedef enum SilhouetteKind { SILHOUETTE_PICTURE, SILHOUETTE_LETTERS } SilhouetteKind;

/* Of alpha, one band of 8 bits in memory, on a canvas that has `margin` more pixels on each side:
 * two bands of 8 bits in memory, the shape grown by a disc of `least` pixels and by one of
 * `margin`, which is not less; where `least` is 0, only the second one. A shape without a
 * transparent pixel is grown by squares, as a frame is. Newly referenced; NULL with libvips' error
 * set. */
VipsImage *silhouette_grown(VipsImage *alpha, SilhouetteKind kind, int least, int margin);

/* Bytes that it makes for alpha of that size, and those that it holds only until it is made. */
double silhouette_held(int width, int height, int least, int margin);
double silhouette_making(int width, int height, int least, int margin);

/* The same of a picture that is opaque, pixel by pixel: whether the one at x, y of the canvas is in
 * the shape grown by a square of `least` pixels. */
bool silhouette_of_frame(int x, int y, int width, int height, int least, int margin);
