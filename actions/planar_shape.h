/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* planar_shape.h - what is known of the planes of a picture (planar.h) by its shape: when they are
 * used, and their memory. What is done and what is planned both ask here. */
#pragma once

#include "actions/part.h"
#include "actions/shape.h"

/* How many eighths of its size are enough for a picture that becomes so many times smaller. */
int planar_eighths(double smaller);

/* Whether planes may be resampled so: no side becomes larger, or hundreds of times smaller. */
bool planar_resamples(double from_width, double from_height, int width, int height);

/* Of what was resampled, and is resampled to this size: how many pixels a sample of its colours
 * covers, across and down. Half are enough for what becomes half as large, and are mostly there: a
 * save has asked for them. */
int planar_colours_each(int from_width, int from_height, int width, int height);

/* Whether the picture can be had as planes, which do not take too much memory. */
bool planar_shape_is(const Shape *shape);

/* The same after a turn. */
bool planar_shape_turns(const Shape *shape);

/* Bytes of the planes that are decoded for it. */
double planar_shape_base(const Shape *shape);

enum { PLANAR_COLOUR_BYTES = 2 }; /* of each pixel that is made of planes */

/* Bytes of these, if they are not yet in memory, and of the planes that are made of them, each
 * pixel with so many bytes of colour, beside what was made before. */
double planar_shape_bytes(const Shape *shape, double colour_bytes);

/* Notes that planes with so many bytes of colour are made, and stay with the picture. */
void planar_shape_make(Shape *shape, double colour_bytes);

/* Plans how a part of the shape `from` becomes as large as `to`: planes can be resampled where that
 * is `plain` (resampling.h). */
void planar_plan(const Shape *from, const ImagePart *part, bool plain, Shape *to);

/* Plans a turn by right angles. */
void planar_plan_turned(const Shape *from, Shape *to);
