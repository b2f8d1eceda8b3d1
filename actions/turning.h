/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* turning.h - a picture turned around its middle by any angle, clockwise, in degrees. Pure
 * functions. */
#pragma once

#include "actions/warp.h"

typedef struct Turning {
    double sine, cosine;
    WarpPlace from, to; /* the middle of the picture, and of the result */
} Turning;

typedef struct TurningSize {
    double width, height;
} TurningSize;

/* How many right angles it is, 0 to 3; -1: it is none. */
int turning_right_angles(double angle);

/* The least size, in whole pixels, that holds the whole turned picture. By right angles it is
 * exact; else each side is longer by whole pixels at both ends, so that the same pixels come out as
 * of a result that has the size of the picture. */
TurningSize turning_grown(double angle, TurningSize in);

Turning turning_of(double angle, TurningSize in, TurningSize out);

/* A WarpMap, whose state is a Turning. */
WarpPlace turning_map(const void *turning, double x, double y);
