/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/flow.h"

#include <math.h>

#include "actions/resample.h"

/* An operation has up to three buffers of its part: the one that it fills, and two in reserve. */
enum { BUFFERS = 3 };

/* Bytes for each value of a part, measured: a filter computes several pictures of floats between
 * what comes in and what goes out (sharpen 56, also of grey in three colours; blur 47), a change of
 * colours one or two (icc 11). */
enum { FILTERED = 60, COLOURED = 24, COLOURS = 3 };

/* Pixels of a square part; rows of one that is as wide as the picture. */
enum { TILE = 128 * 128, STRIP = 16 };

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
    *flow = (Flow){ 0 };
}

/* libvips asks a decoder for all rows up to the first one that is used at once (vips_sequential()).
 */
void flow_begin(Flow *flow, const Shape *decoded, int above)
{
    enum { AT_LEAST = SHAPE_ROWS_DECODED / 4 };

    *flow = (Flow){ .in_order = flow->in_order };
    flow->kept = rows_bytes(
        decoded, MAX(SHAPE_ROWS_DECODED, flow->in_order && above ? above + AT_LEAST : 0));
    flow->skipped = flow->in_order ? decoded->width * pixel_bytes(decoded) : 0;
}

/* ---- resampling ---- */

/* Light is in floats. */
static double resampled_bytes(const Shape *in, bool linear)
{
    return linear ? values(in) * (double) sizeof(float) : pixel_bytes(in);
}

/* As many as a filter of three lobes reaches, in each step. */
static double waiting_rows(double from, int width, int height)
{
    enum { LOBES = 3 };
    int between = resample_between(from, width, height);

    if (between == height)
        return fmin(2 * LOBES * fmax(1, from / height) + 1, from);
    return waiting_rows(from, width, between) + waiting_rows(between, width, height);
}

/* Rows that are made shorter wait for each other, with four floats a pixel, or 16 bits a value; of
 * rows that come in order there is a cache (see resample.c). */
static void resampled(Flow *flow, const Shape *in, const Shape *out)
{
    enum { PIXEL = 4 * sizeof(float), LINE = PIXEL + sizeof(int), CACHE = 4 * 128 };
    bool bytes = in->format == VIPS_FORMAT_UCHAR && !in->alpha && !out->linear;
    double line = bytes ? values(in) : (double) LINE;
    double made = bytes ? values(in) * (double) sizeof(int16_t) : (double) PIXEL;
    double row = in->width * resampled_bytes(in, out->linear);
    double waiting = waiting_rows(in->height, out->across, out->down);

    flow->kept += flow->pixel * flow->width * RESAMPLE_ROWS;
    flow->kept += BUFFERS * (RESAMPLE_ROWS * row + STRIP * out->across * pixel_bytes(out));
    flow->kept += in->width * line + waiting * out->across * made;
    if (flow->in_order) {
        flow->kept += MIN(CACHE, in->height) * row;
        flow->skipped = row * in->height / out->down; /* it asks the decoder row by row */
    }
    flow->pixel = 0;
    flow->width = 0;
}

/* ---- steps ---- */

static bool filters(const Action *action)
{
    return action->pixels && !(action->flags & ACTION_POINTWISE);
}

/* Rows that this step cuts off above: as they are, or as light where that is resampled. */
static double cut_bytes(const Flow *flow, const Shape *in, const Shape *out)
{
    bool as_light = flow->skipped > 0 && out->down && out->linear;
    double row = as_light ? in->width * resampled_bytes(in, true) : flow->skipped;

    return row * MAX(0, out->above - in->above);
}

void flow_step(Flow *flow, const Action *action, const Shape *in, const Shape *out)
{
    const Shape *larger = pixel_bytes(in) > pixel_bytes(out) ? in : out;

    flow->kept += cut_bytes(flow, in, out);
    if (out->down)
        resampled(flow, in, out);
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
