/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ranks.h - filters that give each pixel one of the values in a square window around it, each band
 * by itself. Beyond the edges lie the pixels of the edges. What is wholly transparent has no
 * colour: there, only alpha counts.
 *
 * Functions that give a picture are lazy; it is newly referenced, or NULL with libvips' error set.
 */
#pragma once

#include "actions/libvips.h"
#include "config/choice.h"

/* How many pixels wide a window may be: each word's value. */
extern const Choice ranks_sizes[];

#define RANKS_SIZE(T)                                                                              \
    CHOICE(T, size, .def = "3", .choices = ranks_sizes,                                            \
           .help = "how many pixels wide and high the window is; beyond the edges lie the pixels " \
                   "of the edges, and what is wholly transparent has no colour")

/* The value at `rank` of those in the window, from 0 % (the least) to 100 % (the greatest); between
 * two, the lesser one. */
VipsImage *ranks_value(VipsImage *in, int size, double rank);

/* The value that the window has most often, at least three times; the least of such; else the
 * pixel stays. */
VipsImage *ranks_common(VipsImage *in, int size);
