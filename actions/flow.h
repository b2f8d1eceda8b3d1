/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flow.h - the memory of rows on their way through steps: libvips makes a picture part by part, and
 * keeps rows in caches where it reads a decoder in order, and between the two ways of resampling.
 * It was read in libvips 8.14 for one thread, and measured. */
#pragma once

#include "actions/action.h"

/* { 0 }: pixels come from memory. */
typedef struct Flow {
    double kept;    /* bytes, until the last row is done */
    double pixel;   /* bytes of what steps compute for each pixel of a part, since the last cache */
    int width;      /* of the widest of these */
    double skipped; /* bytes for each row that is cut off above: the last cache has them all */
    bool in_order;  /* the decoder makes each row once: libvips keeps rows */
    bool tiles;     /* parts are square: a filter looks at what is near each pixel */
} Flow;

/* Pixels of that picture, as it is stored, come from its decoder; those of the steps begin `above`
 * rows lower. */
void flow_begin(Flow *flow, const Shape *decoded, int above);

/* They are in memory from here on. */
void flow_end(Flow *flow);

/* A step works on `in`, and makes `out` of it, as the action has planned. */
void flow_step(Flow *flow, const Action *action, const Shape *in, const Shape *out);

/* Bytes of all, where the rows of `out` go to an encoder or into memory. */
double flow_bytes(const Flow *flow, const Shape *out);
