/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* edges.h - finds where a picture is lighter than around, and draws that dark on white. Each
 * function gives a picture that is lazy and newly referenced, or NULL with libvips' error set. */
#pragma once

#include "actions/libvips.h"

enum { EDGES_RADIUS_MAX = 10000 };

/* Of each value of `in`, which is in memory and has no alpha: how far it is above the mean of the
 * window that reaches `radius` pixels far, times the pixels of that; from black to white. */
VipsImage *edges_found(VipsImage *in, int radius);

/* Bytes that the former holds of a picture `width` pixels wide. */
double edges_held(int width, int colours);

/* `edges`, floats of 0 to `white`, stretched and inverted, as one band of 0 to 1: the darkest 0.15
 * % become white and the lightest 0.05 % black, by the luma of colours. It reads all of them twice,
 * now and as they are used. */
VipsImage *edges_drawn(VipsImage *edges, double white);
