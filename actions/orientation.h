/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* orientation.h - turns pixels as the orientation of EXIF says: 1 is upright, 2 to 8 are the seven
 * ways in which rows and columns can be mirrored and exchanged (EXIF 2.32, 4.6.4 A). */
#pragma once

#include "actions/libvips.h"
#include "actions/part.h"

/* The pixels turned as their orientation field says, without that field; newly referenced. They are
 * copied to memory first if anything is turned. Takes over `pixels`;
 * NULL with libvips' error set.
 */
VipsImage *orientation_upright(VipsImage *pixels);

/* How the stored picture becomes the upright one: mirrored, then rows and columns exchanged. */
typedef struct TurnKind {
    bool from_right, from_bottom, sideways;
} TurnKind;

TurnKind orientation_turn(int orientation);

/* Where `area` of the turned picture lies in the stored pixels, of `width` x `height`. */
VipsRect orientation_stored_area(TurnKind turn, int width, int height, VipsRect area);
ImagePart orientation_stored_part(TurnKind turn, int width, int height, ImagePart part);
