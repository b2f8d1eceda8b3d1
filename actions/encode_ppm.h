/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_ppm.h - writes a PPM: libvips puts the time into each, so that no two are the same. One
 * thread. */
#pragma once

#include "actions/libvips.h"

/* Writes RGB of 8 or 16 bits. Not 0 with libvips' error set. */
int encode_ppm(VipsImage *pixels, VipsTarget *target);
