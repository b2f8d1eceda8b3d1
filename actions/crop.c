/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crop - cut off the edges: a given margin from each side, or an empty border.
 *
 * An empty border is transparent, or of one colour with the picture's corner. Every pixel is
 * compared: vips_find_trim() smooths first and loses details of one pixel. */
#include <math.h>

#include "actions/action.h"
#include "actions/pixels.h"

typedef struct Crop {
    int mode;
    Length all;
    Length left, right, top, bottom;
    int tolerance;
} Crop;

enum { MARGINS, TRIM };

static const Choice modes[] = {
    { "margins", MARGINS, "what all, left, right, top and bottom say" },
    { "trim", TRIM, "a border that is transparent or of one colour, as far as it goes" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Crop, mode, .def = "margins", .choices = modes, .help = "what is cut off"),
    LENGTH(Crop, all, .def = "0", .max = 100000, .of = OF_AXIS,
           .help = "how much is cut off each side"),
    LENGTH(Crop, left, .def = "0", .max = 100000, .of = OF_WIDTH,
           .help = "how much more is cut off the left side"),
    LENGTH(Crop, right, .def = "0", .max = 100000, .of = OF_WIDTH,
           .help = "how much more is cut off the right side"),
    LENGTH(Crop, top, .def = "0", .max = 100000, .of = OF_HEIGHT,
           .help = "how much more is cut off the top"),
    LENGTH(Crop, bottom, .def = "0", .max = 100000, .of = OF_HEIGHT,
           .help = "how much more is cut off the bottom"),
    INT(Crop, tolerance, .def = "10", .min = 0, .max = 255,
        .help = "with mode = trim, how far a pixel's colour may be from the border's and still "
                "belong to it; 0 for drawings, 10 for JPEG"),
    { 0 },
};

/* ---- settings ---- */

static double percent(Length length)
{
    return length.unit == LENGTH_PERCENT ? length.amount : 0;
}

static void add_share(GString *sum, const char *name, Length length)
{
    if (percent(length) > 0)
        g_string_append_printf(sum, "%s%s = %.9g%%", sum->len ? ", " : "", name, length.amount);
}

/* `all` counts on both sides. */
static bool check_sum(Length all, const char *one, Length first, const char *other, Length second,
                      const char *whole, Error **err)
{
    double cut = 2 * percent(all) + percent(first) + percent(second);
    g_autoptr(GString) sum = g_string_new(NULL);

    if (cut < 100)
        return true;
    add_share(sum, "all", all);
    add_share(sum, one, first);
    add_share(sum, other, second);
    return error_set(err, ERROR_CONFIG,
                     percent(all) > 0 ? "give less; all counts twice" : "give less",
                     "%s: %.9g%% of the %s is cut off, and nothing remains", sum->str, cut, whole);
}

static bool check(const void *settings, Error **err)
{
    const Crop *s = settings;
    bool cuts =
        s->all.amount + s->left.amount + s->right.amount + s->top.amount + s->bottom.amount > 0;

    if (s->mode == TRIM && cuts)
        return error_set(err, ERROR_CONFIG, "remove the margins, or add a second crop for them",
                         "mode = trim takes no margins: it finds them");
    if (s->mode == MARGINS && !cuts)
        return error_set(err, ERROR_CONFIG, "give all, left, right, top or bottom, or mode = trim",
                         "crop has nothing to cut off");
    return check_sum(s->all, "left", s->left, "right", s->right, "width", err) &&
           check_sum(s->all, "top", s->top, "bottom", s->bottom, "height", err);
}

/* ---- cutting ---- */

static int margin(Length all, Length side, int whole)
{
    return (int) floor(length_px(all, whole) + length_px(side, whole) + 0.5);
}

/* False with *err set where nothing remains. */
static bool inside_margins(const Crop *s, int width, int height, VipsRect *area, Error **err)
{
    int left = margin(s->all, s->left, width);
    int top = margin(s->all, s->top, height);

    *area = (VipsRect){ left, top, width - left - margin(s->all, s->right, width),
                        height - top - margin(s->all, s->bottom, height) };
    return (area->width > 0 && area->height > 0) ||
           error_set(err, ERROR_PICTURE,
                     "give margins in %, or keep small pictures out of this folder",
                     "nothing of %d x %d pixels remains after the crop", width, height);
}

static bool cut_margins(const Crop *s, Image *image, Error **err)
{
    VipsRect area;

    return inside_margins(s, image_width(image), image_height(image), &area, err) &&
           image_cut(image, area, err);
}

/* ---- trimming ---- */

/* Where the sums that are not 0 begin, and how far they reach; false where all are 0. */
static bool extent(VipsImage *sums, int count, int *first, int *length)
{
    g_autoptr(VipsImage) memory = vips_image_copy_memory(sums);
    const unsigned int *sum = memory ? (const unsigned int *) VIPS_IMAGE_ADDR(memory, 0, 0) : NULL;
    int begin = 0;
    int end = count;

    while (sum && begin < end && sum[begin] == 0)
        begin++;
    while (sum && end > begin && sum[end - 1] == 0)
        end--;
    *first = begin;
    *length = end - begin;
    return sum && end > begin;
}

/* The box around all 255 in `mask` (one band, 0 or 255); unchanged where there is none. False with
 * libvips' error set. */
static bool bounding_box(VipsImage *mask, VipsRect *box)
{
    g_autoptr(VipsImage) columns = NULL;
    g_autoptr(VipsImage) rows = NULL;
    VipsRect found;

    if (vips_project(mask, &columns, &rows, NULL))
        return false;
    if (extent(columns, mask->Xsize, &found.left, &found.width) &&
        extent(rows, mask->Ysize, &found.top, &found.height))
        *box = found;
    return true;
}

/* A mask of the pixels whose colour differs from the one at x, y by more than `tolerance`; newly
 * referenced. */
static VipsImage *differs_from_corner(VipsImage *pixels, int x, int y, int tolerance)
{
    g_autofree double *colour = NULL;
    int bands = 0;
    g_autoptr(VipsImage) signed_difference = NULL;
    g_autoptr(VipsImage) difference = NULL;
    g_autoptr(VipsImage) far = NULL;
    double minus[4];
    VipsImage *mask = NULL;

    if (vips_getpoint(pixels, &colour, &bands, x, y, NULL))
        return NULL;
    for (int i = 0; i < bands; i++)
        minus[i] = -colour[i];
    if (vips_linear(pixels, &signed_difference, (double[]){ 1, 1, 1, 1 }, minus, bands, NULL) ||
        vips_abs(signed_difference, &difference, NULL) ||
        vips_more_const1(difference, &far, tolerance * pixels_white(pixels) / 255, NULL) ||
        vips_bandor(far, &mask, NULL))
        return NULL;
    return mask;
}

static VipsImage *opaque(VipsImage *pixels)
{
    g_autoptr(VipsImage) alpha = NULL;
    VipsImage *mask = NULL;

    if (vips_extract_band(pixels, &alpha, pixels->Bands - 1, NULL) ||
        vips_more_const1(alpha, &mask, 0, NULL))
        return NULL;
    return mask;
}

static bool is_smaller(const VipsRect *box, const VipsImage *pixels)
{
    return box->width < pixels->Xsize || box->height < pixels->Ysize;
}

/* Tries transparency first, then the colour of the first corner, and where that is not a border (a
 * scan lies in that corner) the colour of the opposite one. */
static bool find_box(VipsImage *pixels, int tolerance, VipsRect *box)
{
    g_autoptr(VipsImage) solid = vips_image_hasalpha(pixels) ? opaque(pixels) : NULL;
    g_autoptr(VipsImage) first = NULL;
    g_autoptr(VipsImage) last = NULL;

    if (vips_image_hasalpha(pixels) && (!solid || !bounding_box(solid, box)))
        return false;
    if (is_smaller(box, pixels))
        return true;
    first = differs_from_corner(pixels, 0, 0, tolerance);
    if (!first || !bounding_box(first, box) || is_smaller(box, pixels))
        return first;
    last = differs_from_corner(pixels, pixels->Xsize - 1, pixels->Ysize - 1, tolerance);
    return last && bounding_box(last, box);
}

static bool trim(const Crop *s, Image *image, Error **err)
{
    VipsRect box = { 0, 0, image_width(image), image_height(image) };

    if (!image_to_memory(image, err))
        return false;
    if (!find_box(image_pixels(image, err), s->tolerance, &box))
        return libvips_error(err, "find the picture's border");
    return image_cut(image, box, err);
}

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Crop *s = settings;

    return s->mode == TRIM ? trim(s, image, err) : cut_margins(s, image, err);
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Crop *s = settings;
    VipsRect area;

    if (s->mode == TRIM) {
        shape->at_most = true;
        shape->settles = true;
        return true;
    }
    if (!inside_margins(s, shape->width, shape->height, &area, err))
        return false;
    shape->width = area.width;
    shape->height = area.height;
    shape->as_stored = true;
    shape->by_planes = shape->planes.bytes > 0;
    if (shape->by_planes) /* a part of them is still in its file */
        shape->shrink = 0;
    return true;
}

const Action action_crop = {
    .name = "crop",
    .group = "geometry",
    .summary = "cut off the edges: a given margin from each side, or an empty border",
    .aliases = "trim autocrop shave chop cut",
    .example = "crop { all = 5% top = 20px }",
    .params = params,
    .size = sizeof(Crop),
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
