/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* grid - repeat the picture in columns and rows. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/backdrop.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/samples.h"

typedef struct Grid {
    int columns, rows;
    bool keep_size;
    Length gap_x, gap_y;
    Colour colour;
} Grid;

static const Param params[] = {
    INT(Grid, columns, .def = "2", .min = 1, .max = 100, .help = "how many stand in a row"),
    INT(Grid, rows, .def = "2", .min = 1, .max = 100, .help = "how many rows there are"),
    BOOL(Grid, keep_size, .def = "no",
         .help = "whether the copies are made so small that the result is as large as the "
                 "picture was; they keep its proportions with as many rows as columns"),
    LENGTH(Grid, gap_x, .def = "0", .max = 100000, .of = OF_WIDTH,
           .help = "distance between columns"),
    LENGTH(Grid, gap_y, .def = "0", .max = 100000, .of = OF_HEIGHT,
           .help = "distance between rows"),
    COLOUR(Grid, colour, .def = "#ffffff00", .help = "the colour between the copies"),
    { 0 },
};

/* ---- where copies lie ---- */

/* Copies across, or down. They begin as evenly as whole pixels allow; some are one pixel shorter
 * than others where they share a length that is not a multiple. */
typedef struct Axis {
    int64_t count, gap, whole;
} Axis;

static int64_t begin(const Axis *axis, int64_t copy)
{
    return copy * (axis->whole + axis->gap) / axis->count;
}

static int64_t end(const Axis *axis, int64_t copy)
{
    return begin(axis, copy + 1) - axis->gap;
}

/* The copy that is at `at`, or before it. */
static int64_t copy_at(const Axis *axis, int64_t at)
{
    int64_t copy = at * axis->count / (axis->whole + axis->gap);

    return begin(axis, copy + 1) <= at ? copy + 1 : copy;
}

/* Of the longest copy. */
static int longest(const Axis *axis)
{
    return (int) ((axis->whole + axis->gap + axis->count - 1) / axis->count - axis->gap);
}

static Axis axis_of(int count, Length gap, int side, bool keep)
{
    Axis axis = { count, (int64_t) floor(gap.px + 0.5), side };

    if (count == 1)
        axis.gap = 0;
    if (!keep)
        axis.whole = count * (int64_t) side + (count - 1) * axis.gap;
    return axis;
}

typedef struct Layout {
    Axis across, down;
} Layout;

static Layout layout_of(const Grid *s, int width, int height)
{
    return (Layout){ axis_of(s->columns, s->gap_x, width, s->keep_size),
                     axis_of(s->rows, s->gap_y, height, s->keep_size) };
}

static bool has_gaps(const Layout *layout)
{
    return layout->across.gap > 0 || layout->down.gap > 0;
}

/* Each copy has a pixel. */
static bool check_room(const Layout *layout, int width, int height, Error **err)
{
    const Axis *across = &layout->across, *down = &layout->down;

    return ((across->whole + across->gap) / across->count > across->gap &&
            (down->whole + down->gap) / down->count > down->gap) ||
           error_set(err, ERROR_PICTURE,
                     "give fewer or smaller gaps, fewer columns and rows, or keep_size = no",
                     "a picture of %d x %d pixels has no room for %d columns and %d rows", width,
                     height, (int) across->count, (int) down->count);
}

/* ---- pixels ---- */

typedef struct Copier {
    Layout layout;
    size_t bytes; /* of a pixel */
    unsigned char colour[4 * sizeof(float)];
} Copier;

static void fill(const Copier *copier, unsigned char *to, int64_t count)
{
    for (int64_t i = 0; i < count; i++, to += copier->bytes)
        memcpy(to, copier->colour, copier->bytes);
}

/* From column `x` on, what is in one copy, or in one gap: how many pixels; -1 where it fails.
 * `row` is that of the copy; -1: it is in a gap. */
static int64_t copy_run(const Copier *copier, VipsRegion *in, unsigned char *to, int64_t x,
                        int64_t right, int64_t row)
{
    const Axis *axis = &copier->layout.across;
    int64_t copy = copy_at(axis, x);
    bool gap = row < 0 || x >= end(axis, copy);
    int64_t stop = row < 0 ? right : MIN(right, gap ? begin(axis, copy + 1) : end(axis, copy));
    const VipsRect area = { (int) (x - begin(axis, copy)), (int) row, (int) (stop - x), 1 };

    if (gap)
        fill(copier, to, stop - x);
    else if (vips_region_prepare(in, &area))
        return -1;
    else
        memcpy(to, VIPS_REGION_ADDR(in, area.left, area.top), (size_t) area.width * copier->bytes);
    return stop - x;
}

static int generate(VipsRegion *out, void *seq, void *a G_GNUC_UNUSED, void *data,
                    gboolean *stop G_GNUC_UNUSED)
{
    const Copier *copier = data;
    const Axis *down = &copier->layout.down;
    const VipsRect *area = &out->valid;

    for (int y = area->top; y < VIPS_RECT_BOTTOM(area); y++) {
        int64_t copy = copy_at(down, y);
        int64_t row = y < end(down, copy) ? y - begin(down, copy) : -1;
        for (int64_t x = area->left, made = 0; x < VIPS_RECT_RIGHT(area); x += made) {
            made =
                copy_run(copier, seq, VIPS_REGION_ADDR(out, x, y), x, VIPS_RECT_RIGHT(area), row);
            if (made < 0)
                return -1;
        }
    }
    return 0;
}

static bool set_colour(const Grid *s, VipsImage *copy, Copier *copier)
{
    double values[4];

    copier->bytes = VIPS_IMAGE_SIZEOF_PEL(copy);
    if (!backdrop_values(copy, &s->colour, false, values))
        return false;
    for (int band = 0; band < copy->Bands; band++)
        samples_put(copy->BandFmt, copier->colour, band, values[band]);
    return true;
}

static VipsImage *repeated(const Grid *s, VipsImage *copy, const Layout *layout)
{
    g_autoptr(VipsImage) out = vips_image_new();
    Copier *copier = g_new0(Copier, 1);

    copier->layout = *layout;
    g_object_set_data_full(G_OBJECT(out), "copier", copier, g_free);
    g_object_set_data_full(G_OBJECT(out), "copy", g_object_ref(copy), g_object_unref);
    if (!set_colour(s, copy, copier) ||
        vips_image_pipelinev(out, VIPS_DEMAND_STYLE_THINSTRIP, copy, NULL))
        return NULL;
    out->Xsize = (int) layout->across.whole;
    out->Ysize = (int) layout->down.whole;
    if (vips_image_generate(out, vips_start_one, generate, vips_stop_one, copy, copier))
        return NULL;
    return g_steal_pointer(&out);
}

/* The picture as large as the largest copy, in memory. */
static VipsImage *first_copy(VipsImage *pixels, const Layout *layout)
{
    int width = longest(&layout->across), height = longest(&layout->down);

    if (width == pixels->Xsize && height == pixels->Ysize)
        return g_object_ref(pixels);
    g_autoptr(VipsImage) small = resample_all(pixels, width, height);
    return small ? pixels_in_memory(small) : NULL;
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Grid *s = settings;
    int width = image_width(image), height = image_height(image);
    const Layout layout = layout_of(s, width, height);

    if (!check_room(&layout, width, height, err) || !image_to_memory(image, err))
        return false;
    VipsImage *pixels =
        has_gaps(&layout) ? backdrop_pixels(image, &s->colour, err) : image_pixels(image, err);
    if (!pixels)
        return false;
    g_autoptr(VipsImage) copy = first_copy(pixels, &layout);
    g_autoptr(VipsImage) room = NULL;
    if (copy)
        room = has_gaps(&layout) ? backdrop_room(copy, &s->colour) : g_object_ref(copy);
    VipsImage *out = room ? repeated(s, room, &layout) : NULL;
    if (!out)
        return libvips_error(err, "repeat the picture");
    image_view(image, out);
    return true;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Grid *s = settings;
    const Layout layout = layout_of(s, shape->width, shape->height);
    Shape copy = *shape;

    if (!check_room(&layout, shape->width, shape->height, err))
        return false;
    if (has_gaps(&layout))
        backdrop_plan(&s->colour, shape);
    copy.width = longest(&layout.across);
    copy.height = longest(&layout.down);
    copy.colours = shape->colours;
    shape->let_go = copy.width != shape->width || copy.height != shape->height;
    if (shape->let_go)
        shape->held = shape_bytes(&copy);
    shape->settles = true;
    shape->planes = (ShapePlanes){ 0 };
    shape->width = (int) layout.across.whole;
    shape->height = (int) layout.down.whole;
    return true;
}

const Action action_grid = {
    .name = "grid",
    .group = "geometry",
    .summary = "repeat the picture in columns and rows",
    .aliases = "repeat replicate tile-picture step-and-repeat",
    .example = "grid { columns = 3 rows = 3 keep_size = yes gap_x = 5px gap_y = 5px colour = "
               "\"#204060\" }",
    .params = params,
    .size = sizeof(Grid),
    .idle = "columns = 1 rows = 1",
    .plan = plan,
    .geometry = geometry,
};
