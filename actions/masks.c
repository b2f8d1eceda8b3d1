/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each shape is a function that is above 0 inside, with a slope of about one per pixel: the value
 * divided by its slope is the distance from the edge, which says how much of a pixel is covered. */
#include "actions/masks.h"

#include <math.h>
#include <stdint.h>

#include "actions/pixels.h"
#include "actions/smooth.h"

enum {
    ELLIPSE,
    CIRCLE,
    ROUNDED,
    ARCH,
    DIAMOND,
    TRIANGLE,
    HEXAGON,
    OCTAGON,
    STAR,
    BADGE,
    HEART,
    DROP,
    DAISY,
    CLOUD,
    CROSS,
    STAMP,
    SCALLOPED,
    TORN,
    FADE,
    VIGNETTE,
};

const Choice masks_words[] = {
    { "ellipse", ELLIPSE, "as wide and high as the picture" },
    { "circle", CIRCLE, "a circle in the middle, of the shorter side" },
    { "rounded", ROUNDED, "round corners, of a fifth of the shorter side" },
    { "arch", ARCH, "a window that is round at the top" },
    { "diamond", DIAMOND, "a square on its tip" },
    { "triangle", TRIANGLE, "its tip is at the top" },
    { "hexagon", HEXAGON, "six sides, with tips on the left and right" },
    { "octagon", OCTAGON, "eight sides" },
    { "star", STAR, "five tips" },
    { "badge", BADGE, "a seal of twelve tips" },
    { "heart", HEART, "a heart" },
    { "drop", DROP, "a drop of water" },
    { "daisy", DAISY, "a flower of eight petals" },
    { "cloud", CLOUD, "a cloud, flat below" },
    { "cross", CROSS, "two bars, each a third as wide as the picture" },
    { "stamp", STAMP, "the perforated edge of a stamp" },
    { "scalloped", SCALLOPED, "an edge of small arcs" },
    { "torn", TORN, "a ragged edge, as of torn paper; the same for every picture of one size" },
    { "fade", FADE, "straight edges that fade over a sixth of the shorter side" },
    { "vignette", VIGNETTE, "an ellipse that fades from its half to its edge" },
    { 0 },
};

/* Where a shape lies: its middle, half of its sides, in pixels. */
typedef struct Box {
    double x, y, across, down, shorter;
} Box;

/* ---- parts of shapes ---- */

/* How far a point lies on the right of the line from x0, y0 to x1, y1, as one looks along it. */
static double right_of(double x, double y, double x0, double y0, double x1, double y1)
{
    return ((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / hypot(x1 - x0, y1 - y0);
}

static double in_circle(double x, double y, double middle_x, double middle_y, double radius)
{
    return radius - hypot(x - middle_x, y - middle_y);
}

/* A circle, and from its sides on straight lines to a point above it: both are symmetric about x =
 * 0, or only the half of x >= 0 is asked for. */
static double in_drop(double x, double y, double middle_x, double middle_y, double radius,
                      double tip_y)
{
    double far = hypot(middle_x, middle_y - tip_y);
    double turn = atan2(middle_x, middle_y - tip_y) + asin(radius / far);
    double along = sqrt(far * far - radius * radius);
    double touch_x = along * sin(turn), touch_y = tip_y + along * cos(turn);
    double side = right_of(x, y, 0, tip_y, touch_x, touch_y);
    double below = right_of(x, y, touch_x, touch_y, middle_x, middle_y);

    return fmax(in_circle(x, y, middle_x, middle_y, radius), fmin(fmin(side, below), middle_y - y));
}

/* A star of `tips` whose tips lie on a circle of 1, the first one at the top, and inner corners on
 * one of `inner`. */
static double in_star(double x, double y, int tips, double inner)
{
    double part = G_PI / tips;
    double angle = fabs(remainder(atan2(x, -y), 2 * part));
    double far = hypot(x, y);

    return right_of(far * sin(angle), -far * cos(angle), 0, -1, inner * sin(part),
                    -inner * cos(part));
}

/* Noise between 0 and 1 along a line, by a hash of whole places. */
static double hash(unsigned place, unsigned seed)
{
    unsigned mixed = place * 0x9e3779b1U ^ seed * 0x85ebca77U;

    mixed = (mixed ^ (mixed >> 15)) * 0x2c1b3c6dU;
    mixed = (mixed ^ (mixed >> 12)) * 0x297a2d39U;
    return (mixed ^ (mixed >> 15)) / (double) UINT32_MAX;
}

static double noise(double at, unsigned seed)
{
    double place = floor(at);
    double here = hash((unsigned) (int) place, seed), next = hash((unsigned) (int) place + 1, seed);

    return here + (next - here) * smooth(at - place);
}

/* ---- in the proportions of the picture: from -1 to 1 across and down ---- */

static double in_hexagon(double u, double v)
{
    static const double half = 0.5;

    return fmin(1 - fabs(v), right_of(fabs(u), -fabs(v), half, -1, 1, 0));
}

/* Its box reaches from the top to the lower tips. */
static double in_stretched_star(double u, double v)
{
    const double inner = 0.381966, wide = sin(2 * G_PI / 5), low = cos(G_PI / 5);

    return in_star(u * wide, -1 + (v + 1) / 2 * (1 + low), 5, inner);
}

static double in_heart(double u, double v)
{
    return in_drop(fabs(u), -v, 0.5, 0.5, 0.5, -1);
}

/* A drop is narrower than high. */
static double in_stretched_drop(double u, double v)
{
    static const double radius = 0.65;

    return in_drop(fabs(u) * radius, v, 0, 1 - radius, radius, -1);
}

static double in_daisy(double u, double v)
{
    enum { PETALS = 8 };
    static const double least = 0.55;

    return least + (1 - least) * fabs(cos(PETALS / 2.0 * atan2(u, -v))) - hypot(u, v);
}

static double in_cloud(double u, double v)
{
    static const double circles[][3] = {
        { -0.58, 0.38, 0.42 }, { 0.58, 0.38, 0.42 }, { 0, -0.2, 0.62 },
        { -0.42, 0.02, 0.42 }, { 0.48, 0.08, 0.4 },
    };
    static const double top = -0.82, bottom = 0.8, end = 0.58;
    double y = top + (v + 1) / 2 * (bottom - top);
    double inside = fmin(end - fabs(u), fmin(bottom - y, y));

    for (size_t i = 0; i < G_N_ELEMENTS(circles); i++)
        inside = fmax(inside, in_circle(u, y, circles[i][0], circles[i][1], circles[i][2]));
    return inside;
}

static double in_cross(double u, double v)
{
    static const double third = 1.0 / 3;
    double x = fabs(u), y = fabs(v);

    return fmin(1 - fmax(x, y), third - fmin(x, y));
}

static double in_stretched(int shape, double u, double v)
{
    enum { TIPS = 12 };
    static const double badge = 0.85;
    double x = fabs(u), y = fabs(v);

    switch (shape) {
    case ARCH:
        return v < 0 ? 1 - hypot(u, v) : fmin(1 - x, 1 - v);
    case DIAMOND:
        return (1 - x - y) / G_SQRT2;
    case TRIANGLE:
        return fmin(1 - v, right_of(x, v, 0, -1, 1, 1));
    case HEXAGON:
        return in_hexagon(u, v);
    case OCTAGON:
        return fmin(1 - fmax(x, y), (G_SQRT2 - x - y) / G_SQRT2);
    case STAR:
        return in_stretched_star(u, v);
    case BADGE:
        return in_star(u, v, TIPS, badge);
    case HEART:
        return in_heart(u, v);
    case DROP:
        return in_stretched_drop(u, v);
    case DAISY:
        return in_daisy(u, v);
    case CLOUD:
        return in_cloud(u, v);
    case CROSS:
        return in_cross(u, v);
    default:
        return 1 - hypot(u, v);
    }
}

/* ---- at the edges of the picture: pixels from its middle ---- */

static double in_rounded(const Box *box, double x, double y)
{
    static const double share = 0.2;
    double radius = 2 * box->shorter * share;
    double across = fabs(x) - box->across + radius, down = fabs(y) - box->down + radius;

    return radius - hypot(fmax(across, 0), fmax(down, 0)) - fmin(fmax(across, down), 0);
}

/* Each side has a whole number of steps, of about a tenth of the shorter side. */
static double step_of(const Box *box, double half)
{
    enum { STEPS = 10 };

    return 2 * half / fmax(1, rint(half / box->shorter * STEPS));
}

/* How far from the nearest end of a step a place on a side is. */
static double from_step(double at, double half, double step)
{
    return fabs(remainder(at + half, step));
}

/* Holes whose middles lie on the edge, between teeth. */
static double in_stamp(const Box *box, double x, double y)
{
    static const double share = 0.3;
    double across = step_of(box, box->across), down = step_of(box, box->down);
    double from_x = from_step(x, box->across, across), from_y = from_step(y, box->down, down);
    double edge_x = box->across - fabs(x), edge_y = box->down - fabs(y);

    return fmin(fmin(edge_x, edge_y),
                fmin(hypot(from_x, edge_y) - across * share, hypot(from_y, edge_x) - down * share));
}

/* The arcs of circles that touch the edge, in a row of them around the rest. */
static double in_scallops(const Box *box, double x, double y)
{
    double radius = step_of(box, box->across) / 2, other = step_of(box, box->down) / 2;
    double deep_x = box->across - other, deep_y = box->down - radius;
    double from_x = fabs(remainder(x + box->across - radius, 2 * radius));
    double from_y = fabs(remainder(y + box->down - other, 2 * other));
    double rest = fmin(deep_x - fabs(x), deep_y - fabs(y));
    double rows = fmin(box->across - fabs(x), radius - hypot(from_x, fabs(y) - deep_y));
    double columns = fmin(box->down - fabs(y), other - hypot(from_y, fabs(x) - deep_x));

    return fmax(rest, fmax(rows, columns));
}

/* How much of the paper is torn off at one side: `at` is the place on it. */
static double torn_off(const Box *box, double at, unsigned side)
{
    static const double share = 0.1, coarse = 0.12, fine = 0.03, finest = 0.008;
    double unit = 2 * box->shorter, place = at / unit;

    return box->shorter * share *
           (0.6 * noise(place / coarse, side) + 0.28 * noise(place / fine, side + 4) +
            0.12 * noise(place / finest, side + 8));
}

static double in_torn(const Box *box, double x, double y)
{
    enum { LEFT, RIGHT, TOP, BOTTOM };
    double left = box->across + x - torn_off(box, y, LEFT);
    double right = box->across - x - torn_off(box, y, RIGHT);
    double top = box->down + y - torn_off(box, x, TOP);
    double bottom = box->down - y - torn_off(box, x, BOTTOM);

    return fmin(fmin(left, right), fmin(top, bottom));
}

/* ---- any shape ---- */

static double inside(int shape, const Box *box, double x, double y)
{
    switch (shape) {
    case CIRCLE:
        return box->shorter - hypot(x, y);
    case ROUNDED:
        return in_rounded(box, x, y);
    case STAMP:
        return in_stamp(box, x, y);
    case SCALLOPED:
        return in_scallops(box, x, y);
    case TORN:
        return in_torn(box, x, y);
    default:
        return box->shorter * in_stretched(shape, x / box->across, y / box->down);
    }
}

/* Of shapes without an edge. */
static double faded(int shape, const Box *box, double x, double y)
{
    static const double sixth = 1.0 / 6, half = 0.5;
    double wide = 2 * box->shorter * sixth;

    if (shape == VIGNETTE)
        return smooth((1 - hypot(x / box->across, y / box->down)) / half);
    return smooth((box->across - fabs(x)) / wide) * smooth((box->down - fabs(y)) / wide);
}

/* How much of the pixel around x, y is in the shape. Only near its edge the slope is looked at, and
 * none is steeper there than `steepest`. */
static double coverage(int shape, const Box *box, double x, double y)
{
    static const double near = 8, least = 1e-3, steepest = 4, step = 0.125;
    double here = 0, across = 0, down = 0;

    if (shape == FADE || shape == VIGNETTE)
        return faded(shape, box, x, y);
    here = inside(shape, box, x, y);
    if (fabs(here) > near)
        return here > 0;
    across = inside(shape, box, x + step, y) - inside(shape, box, x - step, y);
    down = inside(shape, box, x, y + step) - inside(shape, box, x, y - step);
    return CLAMP(here / CLAMP(hypot(across, down) / (2 * step), least, steepest) + 0.5, 0, 1);
}

typedef struct Drawing {
    Box box;
    int shape;
} Drawing;

static void draw(const PixelsRun *run, const void *state)
{
    enum { WHITE = 65535 };
    const Drawing *drawing = state;
    const Box *box = &drawing->box;
    float *to = run->to;

    for (int i = 0; i < run->count; i++)
        to[i] = (float) (WHITE * coverage(drawing->shape, box, run->x + i + 0.5 - box->x,
                                          run->y + 0.5 - box->y));
}

VipsImage *masks_drawn(int shape, int width, int height, double margin)
{
    static const double least = 0.5;
    double across = fmax(width / 2.0 - margin, least), down = fmax(height / 2.0 - margin, least);
    const Drawing drawing = { { width / 2.0, height / 2.0, across, down, fmin(across, down) },
                              shape };
    g_autoptr(VipsImage) black = NULL;

    if (vips_black(&black, width, height, NULL))
        return NULL;
    return pixels_map(black, NULL, 1, VIPS_FORMAT_FLOAT, draw, &drawing, sizeof(drawing));
}
