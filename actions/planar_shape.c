/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/planar_shape.h"

#include <math.h>

#include "actions/planes.h"

enum { DCTSIZE = 8 }; /* samples of a block, as libjpeg calls them */

/* Bytes of planes; a picture of more is read row by row. */
static const double bytes_most = 128.0 * 1024 * 1024;

/* Of a picture that was made of them, and of the same turned. */
enum { BYTES_A_PIXEL = PLANES_MOST, TWICE = 2 };

enum { STEP_MOST = 256 }; /* of more samples each would have a weight of a few units */

/* Decoding to less is a filter that lets too much pass: the real one has to make it smaller by
 * another factor of two. From a half the difference is small; measured against Lanczos from the
 * whole, of text, at a factor of 3.9 in all: 0.0 dB and 0.002 of SSIM less than from the whole by
 * libvips, at 3.2: 0.4 dB and 0.004. */
int planar_eighths(double smaller)
{
    const double half = 3.9;

    return smaller >= 16 ? 1 : smaller >= 8 ? 2 : smaller >= half ? 4 : DCTSIZE;
}

bool planar_resamples(double from_width, double from_height, int width, int height)
{
    return width <= from_width && from_width / width <= STEP_MOST && height <= from_height &&
           from_height / height <= STEP_MOST;
}

int planar_colours_each(int from_width, int from_height, int width, int height)
{
    enum { HALF = 2 };

    return width * HALF <= from_width && height * HALF <= from_height ? HALF : 1;
}

/* ---- memory ---- */

static double pixels(const Shape *shape)
{
    return (double) shape->width * shape->height;
}

double planar_shape_base(const Shape *shape)
{
    int eighths = planar_eighths(shape->planes.smaller);

    return shape->planes.bytes * eighths * eighths / (DCTSIZE * DCTSIZE);
}

static double with_made(const Shape *shape, double made)
{
    double base = shape->planes.in_memory ? 0 : planar_shape_base(shape);

    return base + made * (shape->planes.turned ? TWICE : 1);
}

bool planar_shape_is(const Shape *shape)
{
    return shape->planes.bytes > 0 &&
           (shape->planes.in_memory ||
            with_made(shape, BYTES_A_PIXEL * pixels(shape)) <= bytes_most);
}

bool planar_shape_turns(const Shape *shape)
{
    Shape turned = *shape;

    turned.planes.turned = true;
    return planar_shape_is(&turned);
}

static double made_bytes(const Shape *shape, double colour_bytes)
{
    return pixels(shape) * (shape->colours > 1 ? 1 + colour_bytes : 1);
}

static bool is_stored(const ShapePlanes *planes, double made)
{
    return !planes->resampled && !planes->turned && fabs(made - planes->bytes) < 1;
}

/* Planes of a whole picture that are as many are used as they are. What was made with other colours
 * is there until these are. */
double planar_shape_bytes(const Shape *shape, double colour_bytes)
{
    const ShapePlanes *planes = &shape->planes;
    double made = made_bytes(shape, colour_bytes);
    double other = fabs(made - planes->made) < 1 ? 0 : planes->made;

    return with_made(shape, is_stored(planes, made) ? 0 : made) + other;
}

void planar_shape_make(Shape *shape, double colour_bytes)
{
    double made = made_bytes(shape, colour_bytes);

    if (planar_shape_is(shape) && !is_stored(&shape->planes, made))
        shape->planes.made = made;
}

/* ---- plans ---- */

/* What was resampled is made at once: see planar_scaled(). */
static void plan_again(const Shape *from, const ImagePart *part, Shape *to)
{
    int each = planar_colours_each((int) part->width, (int) part->height, to->width, to->height);
    double colour_bytes = (double) PLANAR_COLOUR_BYTES / (each * each);

    to->held += planar_shape_bytes(from, colour_bytes);
    to->planes = (ShapePlanes){ .bytes = made_bytes(from, colour_bytes), .in_memory = true };
}

void planar_plan(const Shape *from, const ImagePart *part, bool plain, Shape *to)
{
    bool cuts = part_is_only_cut(part, to->width, to->height);

    if (!cuts && (!plain || !planar_shape_is(from) ||
                  !planar_resamples(part->width, part->height, to->width, to->height)))
        to->planes = (ShapePlanes){ 0 };
    to->by_planes = to->planes.bytes > 0;
    if (cuts || !to->by_planes)
        return;
    if (from->planes.resampled)
        plan_again(from, part, to);
    to->planes.smaller = part_shrink(part, to->width, to->height);
    to->planes.resampled = true;
    to->planes.flows = false;
}

void planar_plan_turned(const Shape *from, Shape *to)
{
    to->by_planes = planar_shape_turns(from);
    if (!to->by_planes)
        to->planes = (ShapePlanes){ 0 };
    to->planes.turned = to->by_planes;
    to->planes.flows = false;
}
