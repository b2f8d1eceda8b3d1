/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* encode_jp2.h - writes JPEG 2000 with OpenJPEG, and sees to it that the colours are right. One
 * thread. */
#pragma once

#include "actions/libvips.h"

/* Writes `in`, of 8 or 16 bits, with a quality of 1 to 100; 0, or -1 with libvips' error set. What
 * is not lossless is held in memory. */
int encode_jp2(VipsImage *in, VipsTarget *target, int quality, bool lossless);

/* The noise that such a quality allows, in decibels: qualities with the same make the same file. */
int encode_jp2_step(int quality);
