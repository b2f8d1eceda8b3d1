/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* put_boxes.h - writes the boxes of ISO/IEC 14496-12, as HEIF, JPEG XL and JPEG 2000 have them. Any
 * thread. */
#pragma once

#include <glib.h>
#include <stdint.h>

/* A number of `size` bytes, the highest one first. */
void put_number(GByteArray *to, uint64_t value, unsigned size);

void put_bytes(GByteArray *to, GBytes *bytes);

/* Begins a box, and returns where, for put_box_end(). */
unsigned put_box_begin(GByteArray *to, const char *type);
void put_box_end(GByteArray *to, unsigned at);
