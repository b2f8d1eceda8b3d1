/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nearest pixel of the shape, of each pixel, is found in two passes, whose time does not depend
 * on how far it is: down and up each column, and along each row through the lower envelope of
 * parabolas (Felzenszwalb and Huttenlocher: Distance Transforms of Sampled Functions, 2012). The
 * soft edge comes from the pixels around that one. */
#include "actions/silhouette.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OPAQUE = 255, HALF = 128, QUARTER = 64, NONE = INT16_MAX };

typedef struct Growing {
    const uint8_t *alpha;
    int width, height; /* of alpha */
    SilhouetteKind kind;
    int from; /* the least alpha of the shape */
    int least, margin;
    int across, down; /* of the canvas */
    int16_t *rows;    /* of the canvas: how many rows below a pixel the nearest one of the shape in
                         its column is; NONE: farther than is looked at */
} Growing;

/* ---- columns ---- */

/* 0 beside the picture. */
static int alpha_at(const Growing *g, int x, int y)
{
    x -= g->margin;
    y -= g->margin;
    return x < 0 || y < 0 || x >= g->width || y >= g->height ? 0
                                                             : g->alpha[(size_t) y * g->width + x];
}

static int16_t *row_of(const Growing *g, int y)
{
    return g->rows + (size_t) y * g->across;
}

/* The row above, or below, is done. */
static void find_in_row(const Growing *g, int y, int from, bool first)
{
    int16_t *row = row_of(g, y);
    const int16_t *before = from < 0 || from >= g->down ? NULL : row_of(g, from);
    int step = from - y;

    for (int x = 0; x < g->across; x++) {
        bool shape = first && alpha_at(g, x, y) >= g->from;
        int own = shape ? 0 : first ? NONE : row[x];
        int other = before && before[x] != NONE ? before[x] + step : NONE;
        if (other != NONE && abs(other) > g->margin + 1)
            other = NONE;
        row[x] = (int16_t) (abs(other) < abs(own) ? other : own);
    }
}

static void find_in_columns(const Growing *g)
{
    for (int y = 0; y < g->down; y++)
        find_in_row(g, y, y - 1, true);
    for (int y = g->down - 1; y >= 0; y--)
        find_in_row(g, y, y + 1, false);
}

/* ---- rows ---- */

typedef struct Envelope {
    int *columns;   /* whose parabolas are lowest, from left to right */
    double *begins; /* where each one begins to be */
    int16_t *depths;
    int count;
} Envelope;

static double squared(double value)
{
    return value * value;
}

/* Where the parabola of `column` becomes lower than that of `before`, which is on its left. */
static double meets(const Envelope *e, int before, int column)
{
    double low = squared(e->depths[before]) + squared(before);
    double high = squared(e->depths[column]) + squared(column);

    return (high - low) / (2.0 * (column - before));
}

static void add_parabola(Envelope *e, int column)
{
    double begin = -INFINITY;

    while (e->count) {
        begin = meets(e, e->columns[e->count - 1], column);
        if (begin > e->begins[e->count - 1])
            break;
        e->count--;
        begin = -INFINITY;
    }
    e->columns[e->count] = column;
    e->begins[e->count++] = begin;
}

/* How much of a pixel is in the shape, whose pixel with that much alpha is so far, grown so far. */
static double covered(double alpha, double far, int by)
{
    return alpha * CLAMP(by + 1 - far, 0, 1);
}

/* Whether it and the pixels around it are in the shape: its alpha is no soft edge. */
static bool is_inside(const Growing *g, int x, int y)
{
    for (int down = -1; down <= 1; down++)
        for (int across = -1; across <= 1; across++)
            if (alpha_at(g, x + across, y + down) < g->from)
                return false;
    return true;
}

/* The pixel at x, y of the canvas, to which the one of the shape at near_x, near_y is nearest: one
 * behind it may be more opaque, and count more. */
static void grow_pixel(const Growing *g, int x, int y, int near_x, int near_y, uint8_t out[2])
{
    enum { AROUND = 2 };
    double least = 0, most = 0, nearest = hypot(x - near_x, y - near_y);

    if (nearest <= g->least && alpha_at(g, near_x, near_y) == OPAQUE) {
        out[0] = out[1] = OPAQUE;
        return;
    }
    if (g->kind == SILHOUETTE_PICTURE &&
        is_inside(g, x, y)) { /* what is more opaque beside it is not another shape */
        out[0] = out[1] = (uint8_t) alpha_at(g, x, y);
        return;
    }
    for (int down = -AROUND; down <= AROUND; down++)
        for (int across = -AROUND; across <= AROUND; across++) {
            int alpha = alpha_at(g, near_x + across, near_y + down);
            double far = hypot(x - near_x - across, y - near_y - down);
            least = fmax(least, covered(alpha, far, g->least));
            most = fmax(most, covered(alpha, far, g->margin));
        }
    out[0] = (uint8_t) lround(least);
    out[1] = (uint8_t) lround(most);
}

/* The results replace what was found in the columns: both have two bytes a pixel. */
static void grow_row(const Growing *g, int y, Envelope *e)
{
    uint8_t *out = (uint8_t *) row_of(g, y);

    memcpy(e->depths, out, (size_t) g->across * sizeof(int16_t));
    e->count = 0;
    for (int x = 0; x < g->across; x++)
        if (e->depths[x] != NONE)
            add_parabola(e, x);
    memset(out, 0, (size_t) g->across * 2);
    for (int x = 0, at = 0; x < g->across && e->count; x++) {
        while (at + 1 < e->count && e->begins[at + 1] <= x)
            at++;
        int near = e->columns[at];
        if (squared(x - near) + squared(e->depths[near]) < squared(g->margin + 2))
            grow_pixel(g, x, y, near, y + e->depths[near], out + (size_t) 2 * x);
    }
}

static void grow_rows(const Growing *g)
{
    Envelope e = { g_new(int, g->across), g_new(double, g->across), g_new(int16_t, g->across), 0 };

    for (int y = 0; y < g->down; y++)
        grow_row(g, y, &e);
    g_free(e.columns);
    g_free(e.begins);
    g_free(e.depths);
}

/* ---- frames ---- */

bool silhouette_of_frame(int x, int y, int width, int height, int least, int margin)
{
    int beside = MAX(margin - x, x - margin - width + 1);
    int above = MAX(margin - y, y - margin - height + 1);

    return MAX(beside, above) <= least;
}

static void grow_frame(const Growing *g)
{
    for (int y = 0; y < g->down; y++) {
        uint8_t *out = (uint8_t *) row_of(g, y);
        for (int x = 0; x < g->across; x++, out += 2) {
            bool in = silhouette_of_frame(x, y, g->width, g->height, g->least, g->margin);
            out[0] = in ? OPAQUE : 0;
            out[1] = OPAQUE;
        }
    }
}

static bool is_opaque(const Growing *g)
{
    for (size_t i = 0; i < (size_t) g->width * g->height; i++)
        if (g->alpha[i] < OPAQUE)
            return false;
    return true;
}

/* ---- all of it ---- */

enum { BANDS = 2 };

static int bands_of(int least)
{
    return least > 0 ? BANDS : 1;
}

static double area_of(double width, double height, int margin)
{
    return (width + 2.0 * margin) * (height + 2.0 * margin);
}

/* Leaves the last of two bands, and gives back the memory of the other one. */
static void *packed(void *map, size_t pixels)
{
    uint8_t *values = map;

    for (size_t i = 0; i < pixels; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): the threads have set them */
        values[i] = values[BANDS * i + 1];
    return g_realloc(map, pixels);
}

VipsImage *silhouette_grown(VipsImage *alpha, SilhouetteKind kind, int least, int margin)
{
    Growing g = { .alpha = (const uint8_t *) VIPS_IMAGE_ADDR(alpha, 0, 0),
                  .width = alpha->Xsize,
                  .height = alpha->Ysize,
                  .kind = kind,
                  .from = kind == SILHOUETTE_PICTURE ? HALF : QUARTER,
                  .least = least,
                  .margin = margin,
                  .across = alpha->Xsize + 2 * margin,
                  .down = alpha->Ysize + 2 * margin };
    size_t pixels = (size_t) area_of(g.width, g.height, margin);
    void *map = g.rows = g_try_malloc_n(pixels, BANDS);

    if (!map) {
        vips_error("silhouette", "out of memory");
        return NULL;
    }
    if (is_opaque(&g)) {
        grow_frame(&g);
    } else {
        find_in_columns(&g);
        grow_rows(&g);
    }
    if (bands_of(least) == 1)
        map = packed(map, pixels);
    VipsImage *out = vips_image_new_from_memory(map, pixels * bands_of(least), g.across, g.down,
                                                bands_of(least), VIPS_FORMAT_UCHAR);
    if (out)
        g_object_set_data_full(G_OBJECT(out), "map", map, g_free);
    else
        g_free(map);
    return out;
}

double silhouette_held(int width, int height, int least, int margin)
{
    return bands_of(least) * area_of(width, height, margin);
}

double silhouette_making(int width, int height, int least, int margin)
{
    double row = (width + 2.0 * margin) * (sizeof(int) + sizeof(double) + sizeof(int16_t));

    return (double) width * height + row +
           (BANDS - bands_of(least)) * area_of(width, height, margin);
}
