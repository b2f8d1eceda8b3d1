/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/flow.h"

#include <math.h>

/* An operation has up to three buffers of its part: the one that it fills, and two in reserve. */
enum { BUFFERS = 3 };

/* Bytes for each value of a part, measured: a filter computes several pictures of floats between
 * what comes in and what goes out (sharpen 56, also of grey in three colours; blur 47), a change of
 * colours one or two (icc 11). */
enum { FILTERED = 60, COLOURED = 24, COLOURS = 3 };

/* Pixels of a square part; rows of one that is as wide as the picture; rows that wait in the cache
 * of a resampling are made as many at a time. */
enum { TILE = 128 * 128, STRIP = 16, CACHED_AT_ONCE = 10 };

static int values(const Shape *shape)
{
    return shape->colours + shape->alpha;
}

static double pixel_bytes(const Shape *shape)
{
    return values(shape) * (double) vips_format_sizeof_unsafe(shape->format);
}

/* As many rows as that, or as there are. */
static double rows_bytes(const Shape *shape, int rows)
{
    return MIN(rows, shape->height) * (double) shape->width * pixel_bytes(shape);
}

static void compute(Flow *flow, const Shape *in, double bytes)
{
    flow->pixel += bytes;
    flow->width = MAX(flow->width, in->width);
}

void flow_end(Flow *flow)
{
    *flow = (Flow){ .in_order = flow->in_order };
}

void flow_begin(Flow *flow, const Shape *decoded)
{
    flow_end(flow);
    flow->kept = rows_bytes(decoded, SHAPE_ROWS_DECODED);
}

/* ---- resampling ---- */

/* Colours that are weighted by alpha or are light are wider numbers. */
static double resampled_bytes(const Shape *in, bool linear)
{
    if (linear)
        return values(in) * (double) sizeof(float);
    if (!in->alpha)
        return pixel_bytes(in);
    return values(in) *
           (double) (in->format == VIPS_FORMAT_UCHAR ? sizeof(uint16_t) : sizeof(float));
}

/* From 4 times smaller on, whole rows are joined first, one at a time, until twice as many are left
 * or a bit more; a filter of three lobes makes the rest. Both come before rows become shorter, and
 * of rows that come in order each has a cache: of as many as below, or of all that there are. */
static void reduce(Flow *flow, const Shape *in, const Shape *out)
{
    enum { LEFT = 2, LOBES = 3, CACHE = 4 * (128 + CACHED_AT_ONCE), ONE_AND_NEAR = 4 };
    double row = in->width * resampled_bytes(in, out->linear);
    double shrink = (double) in->height / out->down;
    double joined = MAX(1, floor(shrink / LEFT));
    double at_once = (CACHED_AT_ONCE + 2 * LOBES) * shrink / joined + 1;

    flow->kept += flow->pixel * flow->width * (joined > 1 ? ONE_AND_NEAR : at_once);
    flow->kept += BUFFERS * at_once * row;
    if (flow->in_order)
        flow->kept += MIN(CACHE, out->down) * row;
    if (flow->in_order && joined > 1)
        flow->kept += MIN(CACHE, in->height / joined) * row;
    flow->pixel = 0;
    flow->width = 0;
}

static void resample(Flow *flow, const Shape *in, const Shape *out)
{
    if (out->down < in->height)
        reduce(flow, in, out);
    else
        compute(flow, in, BUFFERS * resampled_bytes(in, out->linear));
}

/* ---- steps ---- */

static bool filters(const Action *action)
{
    return action->pixels && !(action->flags & ACTION_POINTWISE);
}

void flow_step(Flow *flow, const Action *action, const Shape *in, const Shape *out)
{
    const Shape *larger = pixel_bytes(in) > pixel_bytes(out) ? in : out;

    if (out->down)
        resample(flow, in, out);
    else if (filters(action))
        compute(flow, in, FILTERED * MAX(COLOURS, (double) values(larger)));
    else if (action->colours)
        compute(flow, in, COLOURED * (double) values(larger));
    else
        compute(flow, in, BUFFERS * pixel_bytes(larger));
    flow->tiles |= filters(action);
}

double flow_bytes(const Flow *flow, const Shape *out)
{
    double part = flow->tiles ? TILE : STRIP * (double) flow->width;

    return flow->kept + flow->pixel * part + SHAPE_ROWS_WRITTEN * out->width * pixel_bytes(out);
}
