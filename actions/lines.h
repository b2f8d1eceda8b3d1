/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lines.h - blurs that take the mean of pixels on a line: a box is one across, and one down.
 *
 * Alpha, if there is one, is to be multiplied into the colours before. Functions that give a
 * picture give one of floats, newly referenced; NULL with libvips' error set. */
#pragma once

#include "actions/shape.h"

/* The mean of the square that reaches `radius` pixels to each side; where that is no whole number,
 * a part of the outermost ones counts. A large one reads all of `in` at once. */
VipsImage *lines_box(VipsImage *in, double radius);

/* The mean of `length` pixels along a line through each pixel, `angle` degrees clockwise from the
 * right. A long one reads all of `in` at once. */
VipsImage *lines_motion(VipsImage *in, double length, double angle);

/* The plans of steps that do nothing else. */
void lines_box_plan(Shape *shape, double radius);
void lines_motion_plan(Shape *shape, double length, double angle);
