/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/planes.h"

#include <string.h>

#include "actions/libvips.h"

/* ---- memory ---- */

Planes *planes_new(int width, int height, int count, const PlaneSize *sizes)
{
    enum { ALIGN = 16 };
    Planes *planes = g_new0(Planes, 1);
    size_t bytes = PLANES_SPARE, at = 0;

    *planes = (Planes){ .users = 1, .width = width, .height = height, .count = count };
    for (int i = 0; i < count; i++) {
        size_t stride = ((size_t) sizes[i].wide + ALIGN - 1) / ALIGN * ALIGN;
        planes->plane[i] =
            (Plane){ .stride = stride, .width = sizes[i].width, .height = sizes[i].height };
        bytes += stride * (size_t) sizes[i].high;
    }
    planes->memory = g_try_malloc(bytes);
    if (!planes->memory) {
        vips_error("planes", "out of memory");
        planes_unref(planes);
        return NULL;
    }
    memset(planes->memory + bytes - PLANES_SPARE, 0, PLANES_SPARE);
    for (int i = 0; i < count; i++) {
        planes->plane[i].samples = planes->memory + at;
        at += planes->plane[i].stride * (size_t) sizes[i].high;
    }
    return planes;
}

Planes *planes_new_sampled(int width, int height, int count, int across, int down)
{
    PlaneSize sizes[PLANES_MOST] = { 0 };

    for (int i = 0; i < count; i++) {
        int wide = i ? (width + across - 1) / across : width;
        int high = i ? (height + down - 1) / down : height;
        sizes[i] = (PlaneSize){ wide, high, wide, high };
    }
    Planes *planes = planes_new(width, height, count, sizes);
    for (int i = 0; planes && i < count; i++) {
        planes->plane[i].across = i ? across : 1;
        planes->plane[i].down = i ? down : 1;
    }
    return planes;
}

Planes *planes_ref(Planes *planes)
{
    g_atomic_int_inc(&planes->users);
    return planes;
}

void planes_unref(Planes *planes)
{
    if (!planes || !g_atomic_int_dec_and_test(&planes->users))
        return;
    g_free(planes->memory);
    g_free(planes);
}

double planes_bytes(const Planes *planes)
{
    double bytes = 0;

    for (int i = 0; i < planes->count; i++)
        bytes += (double) planes->plane[i].stride * planes->plane[i].height;
    return bytes;
}

void planes_complete(Planes *planes)
{
    for (int i = 0; i < planes->count; i++) {
        const Plane *plane = &planes->plane[i];
        for (int y = 0; y < plane->height; y++) {
            uint8_t *row = plane->samples + (size_t) y * plane->stride;
            memset(row + plane->width, row[plane->width - 1],
                   plane->stride - (size_t) plane->width);
        }
    }
}

/* ---- turning ---- */

/* Where the sample is from which a turned plane begins, and how far it is to those beside it and
 * below it. */
typedef struct Walk {
    const uint8_t *from;
    ptrdiff_t right, down;
} Walk;

static Walk walk_of(const Plane *in, TurnKind turn)
{
    ptrdiff_t right = turn.from_right ? -1 : 1;
    ptrdiff_t down = turn.from_bottom ? -(ptrdiff_t) in->stride : (ptrdiff_t) in->stride;
    const uint8_t *from = in->samples + (turn.from_right ? in->width - 1 : 0) +
                          (turn.from_bottom ? (size_t) in->height - 1 : 0) * in->stride;

    return turn.sideways ? (Walk){ from, down, right } : (Walk){ from, right, down };
}

/* In squares: whole columns would leave the processor's cache. */
static void turn_plane(const Plane *in, TurnKind turn, const Plane *out)
{
    enum { SIDE = 32 };
    const Walk walk = walk_of(in, turn);

    for (int top = 0; top < out->height; top += SIDE)
        for (int left = 0; left < out->width; left += SIDE)
            for (int y = top; y < MIN(top + SIDE, out->height); y++) {
                uint8_t *to = out->samples + (size_t) y * out->stride;
                const uint8_t *from = walk.from + y * walk.down;
                for (int x = left; x < MIN(left + SIDE, out->width); x++)
                    to[x] = from[x * walk.right];
            }
}

Planes *planes_turned(const Planes *in, TurnKind turn)
{
    PlaneSize sizes[PLANES_MOST] = { 0 };

    for (int i = 0; i < in->count; i++) {
        const Plane *plane = &in->plane[i];
        int width = turn.sideways ? plane->height : plane->width;
        int height = turn.sideways ? plane->width : plane->height;
        sizes[i] = (PlaneSize){ width, height, width, height };
    }
    Planes *out = planes_new(turn.sideways ? in->height : in->width,
                             turn.sideways ? in->width : in->height, in->count, sizes);
    for (int i = 0; out && i < in->count; i++) {
        out->plane[i].across = turn.sideways ? in->plane[i].down : in->plane[i].across;
        out->plane[i].down = turn.sideways ? in->plane[i].across : in->plane[i].down;
        turn_plane(&in->plane[i], turn, &out->plane[i]);
    }
    return out;
}

/* ---- pixels ---- */

/* ITU-R BT.601 as JFIF has it, in the numbers of libjpeg. */
enum {
    BITS = 16,
    HALF = 1 << (BITS - 1),
    RED_OF_CR = 91881,
    GREEN_OF_CB = 22554,
    GREEN_OF_CR = 46802,
    BLUE_OF_CB = 116130,
    MIDDLE = 128,
};

static uint8_t limited(int value)
{
    return (uint8_t) CLAMP(value, 0, 255);
}

void planes_pixels(const Planes *planes, int x, int y, int count, uint8_t *to)
{
    const Plane *plane = planes->plane;
    const uint8_t *light = plane[0].samples + (size_t) y * plane[0].stride + x;

    if (planes->count == 1) {
        memcpy(to, light, (size_t) count);
        return;
    }
    const uint8_t *blue = plane[1].samples + (size_t) y * plane[1].stride + x;
    const uint8_t *red = plane[2].samples + (size_t) y * plane[2].stride + x;
    for (int i = 0; i < count; i++, to += 3) {
        int cb = blue[i] - MIDDLE, cr = red[i] - MIDDLE;
        to[0] = limited(light[i] + ((RED_OF_CR * cr + HALF) >> BITS));
        to[1] = limited(light[i] + ((HALF - GREEN_OF_CB * cb - GREEN_OF_CR * cr) >> BITS));
        to[2] = limited(light[i] + ((BLUE_OF_CB * cb + HALF) >> BITS));
    }
}
