/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heif_turn.h - the orders in a HEIC or AVIF to turn its picture (irot, imir).
 *
 * libheif obeys them while it decodes, but up to 1.15 not all: it refuses to mirror more than 8
 * bits, and drops or misplaces alpha that has no orders of its own, which avifenc up to 0.11 does
 * not write. So it decodes without them, and the picture is turned as one of any other format. One
 * thread. */
#pragma once

#include "actions/libvips.h"

/* What the orders of the main picture come to, as a number of EXIF's orientation. 1: there are
 * none, or none that could be obeyed after everything else. Of the file open as fd, which is
 * borrowed; its offset stays. */
int heif_turn_orientation(int fd);

/* The file open as fd (borrowed, to stay open as long as this is used) without these orders. Newly
 * referenced. */
VipsSource *heif_turn_without(int fd);
