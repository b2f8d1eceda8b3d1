/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mosaic - make the picture of other pictures: each cell becomes the one whose mean colour is
 * nearest to that of the cell, moved to it. */
#include <math.h>
#include <string.h>

#include "actions/action.h"
#include "actions/assets.h"
#include "actions/bands.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/resample.h"
#include "actions/samples.h"

typedef struct Mosaic {
    Asset tiles;
    int columns, rows;
    Length width, height;
    double tone;
} Mosaic;

static const Param params[] = {
    TILES(Mosaic, tiles,
          .help = "a picture, or a directory of pictures, that the cells are made of"),
    INT(Mosaic, columns, .def = "10", .min = 1, .max = 1000, .help = "how many cells lie across"),
    INT(Mosaic, rows, .def = "10", .min = 1, .max = 1000, .help = "how many cells lie down"),
    LENGTH(Mosaic, width, .def = "100%", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "width of the mosaic"),
    LENGTH(Mosaic, height, .def = "100%", .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "height of the mosaic"),
    REAL(Mosaic, tone, .def = "100", .min = 0, .max = 100, .unit = "%",
         .help =
             "how far the mean of a tile is moved to that of its cell; 0 leaves tiles as they are"),
    { 0 },
};

enum { COLOURS = 3 };

typedef struct Cell {
    int tile;
    double shift[COLOURS]; /* of its values, 0 to 255 */
} Cell;

static int cells_count(const Mosaic *s)
{
    return s->columns * s->rows;
}

/* ---- cells ---- */

/* Where cell `i` of `count` begins. */
static int start_of(int i, int count, int size)
{
    return (int) ((int64_t) i * size / count);
}

/* A cell that is less than a pixel wide is in one. */
static VipsRect cell_in(const Mosaic *s, int column, int row, int width, int height)
{
    int left = start_of(column, s->columns, width), top = start_of(row, s->rows, height);

    return (VipsRect){ left, top, MAX(1, start_of(column + 1, s->columns, width) - left),
                       MAX(1, start_of(row + 1, s->rows, height) - top) };
}

/* The mean of the part's colours, 0 to 255; of RGB in memory. */
static void take_mean(VipsImage *pixels, const VipsRect *part, double *mean)
{
    double count = (double) part->width * part->height * pixels_white(pixels) / 255;
    double sums[COLOURS] = { 0 };

    for (int y = part->top; y < VIPS_RECT_BOTTOM(part); y++) {
        const void *row = VIPS_IMAGE_ADDR(pixels, part->left, y);
        for (int i = 0; i < part->width * COLOURS; i++)
            sums[i % COLOURS] += samples_get(pixels->BandFmt, row, (size_t) i);
    }
    for (int band = 0; band < COLOURS; band++)
        mean[band] = sums[band] / count;
}

static double distance(const double *a, const double *b)
{
    double sum = 0;

    for (int band = 0; band < COLOURS; band++)
        sum += (a[band] - b[band]) * (a[band] - b[band]);
    return sum;
}

/* Of several that are as near, the first. */
static int nearest(const Tiles *tiles, const double *mean)
{
    int best = 0;

    for (int i = 1; i < tiles_count(tiles); i++)
        if (distance(tiles_mean(tiles, i), mean) < distance(tiles_mean(tiles, best), mean))
            best = i;
    return best;
}

static Cell *cells_of(const Mosaic *s, VipsImage *pixels)
{
    const Tiles *tiles = asset_tiles(&s->tiles);
    Cell *cells = g_new(Cell, cells_count(s));

    for (int i = 0; i < cells_count(s); i++) {
        VipsRect part = cell_in(s, i % s->columns, i / s->columns, pixels->Xsize, pixels->Ysize);
        double mean[COLOURS];
        take_mean(pixels, &part, mean);
        cells[i].tile = nearest(tiles, mean);
        for (int band = 0; band < COLOURS; band++)
            cells[i].shift[band] =
                s->tone / 100 * (mean[band] - tiles_mean(tiles, cells[i].tile)[band]);
    }
    return cells;
}

/* ---- the mosaic ---- */

static void lay(const Cell *cell, VipsImage *tile, VipsImage *out, const VipsRect *part)
{
    for (int y = 0; y < part->height; y++) {
        const uint8_t *from = VIPS_IMAGE_ADDR(tile, 0, y);
        uint8_t *to = VIPS_IMAGE_ADDR(out, part->left, part->top + y);
        for (int i = 0; i < part->width * COLOURS; i++)
            samples_put(VIPS_FORMAT_UCHAR, to, (size_t) i, from[i] + cell->shift[i % COLOURS]);
    }
}

/* Cells of a size differ by a pixel at most: each tile is scaled to the largest. */
static VipsImage *scaled(const Mosaic *s, int tile, VipsImage *out)
{
    int width = (out->Xsize + s->columns - 1) / s->columns;
    int height = (out->Ysize + s->rows - 1) / s->rows;
    g_autoptr(VipsImage) fitting =
        resample_all(tiles_picture(asset_tiles(&s->tiles), tile), width, height);

    return fitting ? pixels_in_memory(fitting) : NULL;
}

static bool lay_cells(const Mosaic *s, const Cell *cells, int tile, VipsImage *out)
{
    g_autoptr(VipsImage) fitting = NULL;

    for (int i = 0; i < cells_count(s); i++) {
        if (cells[i].tile != tile)
            continue;
        VipsRect part = cell_in(s, i % s->columns, i / s->columns, out->Xsize, out->Ysize);
        if (!fitting && !(fitting = scaled(s, tile, out)))
            return false;
        lay(&cells[i], fitting, out, &part);
    }
    return true;
}

static VipsImage *mosaic(const Mosaic *s, VipsImage *pixels)
{
    g_autofree Cell *cells = cells_of(s, pixels);
    g_autoptr(VipsImage) out = vips_image_new_memory();

    vips_image_init_fields(out, shape_side(s->width.px), shape_side(s->height.px), COLOURS,
                           VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, VIPS_INTERPRETATION_sRGB, 1, 1);
    if (vips_image_write_prepare(out))
        return NULL;
    for (int tile = 0; tile < tiles_count(asset_tiles(&s->tiles)); tile++)
        if (!lay_cells(s, cells, tile, out))
            return NULL;
    return g_steal_pointer(&out);
}

/* What is transparent counts as white. */
static VipsImage *rgb_in_memory(VipsImage *in)
{
    static const double white[] = { 255, 255, 255 };
    g_autoptr(VipsImage) flat = pixels_flattened(in, white);
    g_autoptr(VipsImage) rgb = flat ? colour_srgb(flat) : NULL;

    return rgb ? pixels_in_memory(rgb) : NULL;
}

static VipsImage *pixels(const void *settings, VipsImage *in)
{
    g_autoptr(VipsImage) rgb = rgb_in_memory(in);
    g_autoptr(VipsImage) out = rgb ? mosaic(settings, rgb) : NULL;

    return out ? pixels_in_format(out, in->BandFmt) : NULL;
}

static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Mosaic *s = settings;
    double bytes = (double) shape->width * shape->height * COLOURS *
                   (double) vips_format_sizeof_unsafe(shape->format);

    shape->width = shape_side(s->width.px);
    shape->height = shape_side(s->height.px);
    shape->colours = COLOURS;
    shape->alpha = false;
    shape->held = (double) shape->width * shape->height * COLOURS;
    shape->making = bytes + shape->held / cells_count(s) + (double) cells_count(s) * sizeof(Cell);
    shape->let_go = true;
    return true;
}

const Action action_mosaic = {
    .name = "mosaic",
    .group = "decoration",
    .summary = "make the picture of other pictures",
    .aliases = "tamogen photo-mosaic photomosaic tessellate",
    .example = "mosaic { tiles = \"" HOTFOLDER_DATADIR "/mark.png\" columns = 24 rows = 16 }",
    .params = params,
    .size = sizeof(Mosaic),
    .flags = ACTION_RANDOM,
    .plan = plan,
    .pixels = pixels,
};
