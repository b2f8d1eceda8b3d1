/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/lines.h"

#include <math.h>

#include "actions/convolve.h"
#include "actions/gauss.h"
#include "actions/pixels.h"

/* ---- a box ---- */

/* From `large` on it is made of a smaller picture, of which it still reaches `small` pixels: a
 * sharp edge then differs by a hundredth. */
static const double large = 32, small = 16;

static int box_factor(double radius)
{
    return radius < large ? 1 : (int) (radius / small);
}

static VipsImage *box(VipsImage *in, double radius)
{
    int whole = (int) floor(radius);
    int reach = (int) ceil(radius);
    g_autofree double *weights = g_new(double, 2 * reach + 1);

    for (int i = -reach; i <= reach; i++)
        weights[i + reach] = (ABS(i) > whole ? radius - whole : 1) / (2 * radius + 1);
    return convolve_both(in, weights, reach);
}

/* That of a box of so many pixels to each side, and turned round. */
static double variance_of(double radius)
{
    return radius * (radius + 1) / 3;
}

static double radius_of(double variance)
{
    return (sqrt(1 + 12 * variance) - 1) / 2;
}

VipsImage *lines_box(VipsImage *in, double radius)
{
    int factor = box_factor(radius);

    if (factor == 1)
        return box(in, radius);
    return gauss_by_smaller(in, factor, box,
                            radius_of(gauss_variance_left(variance_of(radius), factor)));
}

void lines_box_plan(Shape *shape, double radius)
{
    int factor = box_factor(radius);

    if (factor > 1)
        gauss_by_smaller_plan(shape, factor);
    else
        shape->held = convolve_held(shape, radius);
}

/* ---- motion ---- */

/* How many rows a line may reach up and down without its picture in memory. */
static const double few_rows = 32;

static double rise(double length, double angle)
{
    return fabs(sin(angle * G_PI / 180)) * length / 2;
}

/* Adds a point that lies between four pixels to a square of weights; what differs from a whole
 * number only by the rounding of an angle is one. */
static void add_point(float *weights, int side, double x, double y, double weight)
{
    static const double nothing = 1e-9;
    double left = floor(x + nothing), top = floor(y + nothing);
    double right = MAX(0, x - left), below = MAX(0, y - top);
    float *at = weights + (size_t) top * (size_t) side + (size_t) left;

    at[0] += (float) (weight * (1 - right) * (1 - below));
    at[1] += (float) (weight * right * (1 - below));
    at[side] += (float) (weight * (1 - right) * below);
    at[side + 1] += (float) (weight * right * below);
}

/* Of a square that reaches so many pixels to each side: as many points as the line has pixels,
 * rounded up, at the same distance. */
static float *weights_of(double length, double angle, int reach)
{
    int side = 2 * reach + 1;
    float *weights = g_new0(float, (size_t) side *(size_t) side);
    double across = cos(angle * G_PI / 180), down = sin(angle * G_PI / 180);
    int count = (int) ceil(length);

    for (int i = 0; i < count; i++) {
        double far = ((i + 0.5) / count - 0.5) * length;
        add_point(weights, side, reach + far * across, reach + far * down, 1.0 / count);
    }
    return weights;
}

static VipsImage *along(VipsImage *in, double length, double angle)
{
    int reach = (int) ceil(length / 2) + 1;
    int side = 2 * reach + 1;
    g_autofree float *weights = weights_of(length, angle, reach);
    g_autoptr(GArray) taps = g_array_new(FALSE, FALSE, sizeof(ConvolveTap));

    for (int i = 0; i < side * side; i++) {
        const ConvolveTap tap = { i % side - reach, i / side - reach, weights[i] };
        if (tap.weight > 0)
            g_array_append_val(taps, tap);
    }
    return convolve_with(in, (const ConvolveTap *) (const void *) taps->data, (int) taps->len, 0);
}

VipsImage *lines_motion(VipsImage *in, double length, double angle)
{
    g_autoptr(VipsImage) memory =
        rise(length, angle) > few_rows ? pixels_in_memory(in) : g_object_ref(in);

    return memory ? along(memory, length, angle) : NULL;
}

/* A picture without alpha that the runner has settled is in memory already. */
void lines_motion_plan(Shape *shape, double length, double angle)
{
    double rows = rise(length, angle);
    Shape copy = *shape;

    if (shape->alpha) /* colours times alpha */
        copy.format = VIPS_FORMAT_FLOAT;
    shape->held = convolve_held(shape, rows);
    shape->let_go = rows > few_rows && (!shape->settles || shape->alpha);
    if (shape->let_go)
        shape->held += shape_bytes(&copy);
}
