/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* paint - paint the picture in oil: each pixel becomes one that is as light as most of those around
 * it.
 *
 * Of each column as high as the window a histogram is kept from row to row, and that of the window
 * is their sum: a large window takes no longer than a small one. Only levels that are near those
 * that come and go are looked at: a few of 256. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"
#include "actions/sweep.h"

typedef struct Paint {
    Length radius;
} Paint;

static const Param params[] = {
    LENGTH(Paint, radius, .def = "0.5%", .min = 0.1, .max = 100, .of = OF_MEAN,
           .help = "how wide the brush is: pixels around each one"),
    { 0 },
};

enum { LEVELS = 256, UNSEEN = LEVELS - 1, RADIUS_MAX = 10000 };

typedef struct Canvas {
    const VipsImage *pixels;
    const VipsImage *levels; /* how light each pixel is, a byte each */
    int radius;
} Canvas;

static int radius_of(const Paint *paint)
{
    return (int) MIN(ceil(paint->radius.px), RADIUS_MAX);
}

/* ---- how light pixels are ---- */

typedef struct Seen {
    VipsBandFormat format;
    int bands;
} Seen;

/* What is transparent is of a level of its own, whatever colour it hides. */
static void mark_unseen(const PixelsRun *run, const void *state)
{
    const Seen *seen = state;
    uint8_t *to = run->to;

    for (size_t i = 0; i < (size_t) run->count; i++) {
        size_t alpha = (i + 1) * (size_t) seen->bands - 1;
        bool shows = samples_get(seen->format, run->other, alpha) > 0;
        to[i] = shows ? MIN(((const uint8_t *) run->from)[i], UNSEEN - 1) : UNSEEN;
    }
}

static VipsImage *levels_of(VipsImage *pixels)
{
    const Seen seen = { pixels->BandFmt, pixels->Bands };
    g_autoptr(VipsImage) colours = bands_colours(pixels);
    g_autoptr(VipsImage) grey = colours ? colour_grey(colours, colour_luma_709) : NULL;
    g_autoptr(VipsImage) bytes = grey ? pixels_in_format(grey, VIPS_FORMAT_UCHAR) : NULL;
    g_autoptr(VipsImage) marked = NULL;

    if (!bytes)
        return NULL;
    marked =
        pixels->Bands == pixels_colours(pixels)
            ? g_object_ref(bytes)
            : pixels_map(bytes, pixels, 1, VIPS_FORMAT_UCHAR, mark_unseen, &seen, sizeof(seen));
    return marked ? pixels_in_memory(marked) : NULL;
}

static const uint8_t *levels_in_row(const Canvas *canvas, int y)
{
    return VIPS_IMAGE_ADDR(canvas->levels, 0, CLAMP(y, 0, canvas->levels->Ysize - 1));
}

/* ---- histograms ---- */

/* A column has few levels beside each other: work is done only in groups that are not empty. */
enum { GROUP = 16, GROUPS = LEVELS / GROUP };

typedef struct Column {
    uint16_t counts[LEVELS];
    uint16_t groups; /* a bit for each that is not empty */
} Column;

typedef struct Window {
    int counts[LEVELS];
    int most[GROUPS]; /* the greatest count of each group */
} Window;

static void add_level(Column *column, int level)
{
    column->counts[level]++;
    column->groups |= (uint16_t) (1 << level / GROUP);
}

static void remove_level(Column *column, int level)
{
    const uint16_t *group = column->counts + (ptrdiff_t) (level / GROUP) * GROUP;
    int any = 0;

    if (--column->counts[level])
        return;
    for (int i = 0; i < GROUP; i++)
        any |= group[i];
    if (!any)
        column->groups &= (uint16_t) ~(1 << level / GROUP);
}

/* Of each column from `first` to `last`, in the window's rows around y. Beyond the edges lie the
 * pixels of the edges, again and again. */
static void count_columns(const Canvas *canvas, Column *columns, int first, int last, int y)
{
    memset(columns + first, 0, sizeof(Column) * (size_t) (last - first + 1));
    for (int row = y - canvas->radius; row <= y + canvas->radius; row++) {
        const uint8_t *levels = levels_in_row(canvas, row);
        for (int x = first; x <= last; x++)
            add_level(columns + x, levels[x]);
    }
}

/* The same one row further down. */
static void move_columns(const Canvas *canvas, Column *columns, int first, int last, int y)
{
    const uint8_t *out = levels_in_row(canvas, y - 1 - canvas->radius);
    const uint8_t *in = levels_in_row(canvas, y + canvas->radius);

    for (int x = first; x <= last; x++)
        if (in[x] != out[x]) {
            add_level(columns + x, in[x]);
            remove_level(columns + x, out[x]);
        }
}

/* Takes one column in and another one out. */
static void exchange_column(Window *window, const Column *in, const Column *out)
{
    for (unsigned changed = in->groups | out->groups; changed; changed &= changed - 1) {
        int group = __builtin_ctz(changed), most = 0;
        int *counts = window->counts + (ptrdiff_t) group * GROUP;
        for (int i = 0; i < GROUP; i++) {
            counts[i] += in->counts[group * GROUP + i] - out->counts[group * GROUP + i];
            most = MAX(most, counts[i]);
        }
        window->most[group] = most;
    }
}

/* ---- the pixel that is chosen ---- */

typedef struct Found {
    int x, y;
} Found;

/* The last pixel of that level in the window, which has one. */
static Found last_of_level(const Canvas *canvas, int level, int x, int y)
{
    int left = MAX(0, x - canvas->radius);
    int right = MIN(canvas->levels->Xsize - 1, x + canvas->radius);
    int row = MIN(canvas->levels->Ysize - 1, y + canvas->radius);
    const uint8_t *at = NULL;

    for (;; row--) {
        const uint8_t *levels = levels_in_row(canvas, row);
        if ((at = memrchr(levels + left, level, 1 + (size_t) right - (size_t) left)))
            return (Found){ (int) (at - levels), row };
    }
}

static bool is_before(Found a, Found b)
{
    return a.y < b.y || (a.y == b.y && a.x < b.x);
}

/* Of several levels that are as frequent, the one whose last pixel comes first. */
static Found chosen(const Canvas *canvas, const Window *window, int x, int y)
{
    Found first = { INT_MAX, INT_MAX };
    int most = 0;

    for (int group = 0; group < GROUPS; group++)
        most = MAX(most, window->most[group]);
    for (int i = 0; i < LEVELS; i++) {
        if (window->most[i / GROUP] != most) {
            i += GROUP - 1;
            continue;
        }
        if (window->counts[i] != most)
            continue;
        Found found = last_of_level(canvas, i, x, y);
        if (is_before(found, first))
            first = found;
    }
    return first;
}

static void paint_row(const Canvas *canvas, const SweepRun *run, const Column *columns)
{
    static const Column none = { 0 };
    size_t pixel = VIPS_IMAGE_SIZEOF_PEL(canvas->pixels);
    int last = canvas->pixels->Xsize - 1;
    Window window = { 0 };
    char *to = run->to;

    for (int x = run->x - canvas->radius; x <= run->x + canvas->radius; x++)
        exchange_column(&window, columns + CLAMP(x, 0, last), &none);
    for (int i = 0; i < run->count; i++, to += pixel) {
        int x = run->x + i;
        if (i > 0)
            exchange_column(&window, columns + MIN(x + canvas->radius, last),
                            columns + MAX(x - 1 - canvas->radius, 0));
        Found found = chosen(canvas, &window, x, run->y);
        memcpy(to, VIPS_IMAGE_ADDR(canvas->pixels, found.x, found.y), pixel);
    }
}

static void paint(const SweepRun *run, const void *state)
{
    const Canvas *canvas = state;
    Column *columns = run->memory;
    int first = MAX(0, run->x - canvas->radius);
    int last = MIN(canvas->pixels->Xsize - 1, run->x + run->count - 1 + canvas->radius);

    if (run->follows)
        move_columns(canvas, columns, first, last, run->y);
    else
        count_columns(canvas, columns, first, last, run->y);
    paint_row(canvas, run, columns);
}

/* ---- the action ---- */

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    g_autoptr(VipsImage) levels = levels_of(in);
    const Canvas canvas = { in, levels, radius_of(settings) };

    if (!levels)
        return NULL;
    return sweep_map(in, levels, in->Bands, in->BandFmt, paint, &canvas, sizeof(canvas),
                     sizeof(Column) * (size_t) in->Xsize);
}

static bool plan(const void *settings G_GNUC_UNUSED, Shape *shape, Error **err G_GNUC_UNUSED)
{
    shape->held = (double) shape->width * (shape->height + sizeof(Column));
    return true;
}

const Action action_paint = {
    .name = "paint",
    .group = "detail",
    .summary = "paint the picture in oil",
    .aliases = "oil-paint oilpaint oil-painting oilify",
    .example = "paint { radius = 2% }",
    .params = params,
    .size = sizeof(Paint),
    .flags = ACTION_BLENDS | ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
