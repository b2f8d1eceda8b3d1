/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crop - cut off the edges: a given margin from each side, an empty border, or all but a size.
 *
 * An empty border is transparent, or of one colour with the picture's corner. Every pixel is
 * compared: vips_find_trim() smooths first and loses details of one pixel. */
#include <math.h>

#include "actions/action.h"
#include "actions/pixels.h"
#include "actions/where.h"

typedef struct Crop {
    int mode;
    Length all;
    Length left, right, top, bottom;
    int tolerance;
    Length width, height;
    Place where; /* of these */
    double ratio;
} Crop;

enum { AUTO, MARGINS, TRIM, SIZE };

static const Choice modes[] = {
    { "auto", AUTO, "size where width, height or ratio is given, else margins" },
    { "margins", MARGINS, "what all, left, right, top and bottom say" },
    { "trim", TRIM, "a border that is transparent or of one colour, as far as it goes" },
    { "size", SIZE, "all but a part as large as width, height and ratio say" },
    { 0 },
};

static const Param params[] = {
    CHOICE(Crop, mode, .def = "auto", .choices = modes, .help = "what is cut off"),
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
    LENGTH(Crop, width, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "the width that remains; auto: as ratio says, else all"),
    LENGTH(Crop, height, .def = "auto", .zero = "auto", .min = 1, .max = 100000, .of = OF_HEIGHT,
           .help = "the height that remains; auto: as ratio says, else all"),
    WHERE_ROW(Crop),
    REAL(Crop, ratio, .def = "auto", .zero = "auto", .min = 0.05, .max = 20,
         .unit = PARAM_PROPORTION,
         .help = "how many times as wide as high the part is: the largest that "
                 "the picture, width and height let it be"),
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

static bool has_margins(const Crop *s)
{
    return s->all.amount + s->left.amount + s->right.amount + s->top.amount + s->bottom.amount > 0;
}

static bool has_size(const Crop *s)
{
    return s->width.amount > 0 || s->height.amount > 0 || s->ratio > 0;
}

static bool check_margins(const Crop *s, Error **err)
{
    if (!has_margins(s))
        return error_set(err, ERROR_CONFIG,
                         "give all, left, right, top or bottom, or mode = trim or size",
                         "crop has nothing to cut off");
    return check_sum(s->all, "left", s->left, "right", s->right, "width", err) &&
           check_sum(s->all, "top", s->top, "bottom", s->bottom, "height", err);
}

static int mode_of(const Crop *s)
{
    return s->mode != AUTO ? s->mode : has_size(s) ? SIZE : MARGINS;
}

static bool check(const void *settings, Error **err)
{
    const Crop *s = settings;

    if (s->mode == TRIM && (has_margins(s) || has_size(s)))
        return error_set(err, ERROR_CONFIG, "remove them, or add a second crop for them",
                         "mode = trim takes no margins and no size: it finds them");
    if (has_margins(s) && has_size(s))
        return error_set(err, ERROR_CONFIG, "remove the margins, or add a second crop for them",
                         "margins and a size: where says what remains of a size");
    if (s->mode == MARGINS && has_size(s))
        return error_set(err, ERROR_CONFIG, "remove it, or write mode = size",
                         "mode = margins takes no size");
    if (s->mode == SIZE && has_margins(s))
        return error_set(err, ERROR_CONFIG, "remove the margins, or write mode = margins",
                         "mode = size takes no margins");
    if (s->mode == SIZE && !has_size(s))
        return error_set(err, ERROR_CONFIG, "give width, height or ratio",
                         "mode = size without a size");
    if (s->ratio > 0 && s->width.amount > 0 && s->height.amount > 0)
        return error_set(err, ERROR_CONFIG, "remove one of them",
                         "width, height and ratio: two of them say the third");
    return mode_of(s) != MARGINS || check_margins(s, err);
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
    g_autoptr(VipsImage) memory = pixels_in_memory(sums);
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

/* ---- a size ---- */

/* At most as long as the picture's side. */
static double side_of(Length length, int whole)
{
    return length.amount > 0 ? fmin(fmax(floor(length.px + 0.5), 1), whole) : whole;
}

static ImagePart size_part(const Crop *s, int width, int height)
{
    const ImagePart all = part_whole(width, height);
    double across = side_of(s->width, width), down = side_of(s->height, height);

    if (s->ratio > 0 && across > down * s->ratio)
        across = fmax(1, floor(down * s->ratio + 0.5));
    else if (s->ratio > 0)
        down = fmax(1, floor(across / s->ratio + 0.5));
    if (where_is_by_content(&s->where))
        return (ImagePart){ 0, 0, across, down };
    return where_part(&s->where, &all, across, down);
}

static VipsRect size_area(const Crop *s, int width, int height)
{
    const ImagePart part = size_part(s, width, height);

    return (VipsRect){ (int) part.left, (int) part.top, (int) part.width, (int) part.height };
}

static bool cut_size(const Crop *s, Image *image, Error **err)
{
    const VipsRect area = size_area(s, image_width(image), image_height(image));

    return where_is_by_content(&s->where)
               ? where_cut(&s->where, image, area.width, area.height, err)
               : image_cut(image, area, err);
}

/* ---- the action ---- */

static bool geometry(const void *settings, Image *image, Error **err)
{
    const Crop *s = settings;

    if (mode_of(s) == SIZE)
        return cut_size(s, image, err);
    return s->mode == TRIM ? trim(s, image, err) : cut_margins(s, image, err);
}

static void plan_cut(Shape *shape, const VipsRect *area)
{
    shape_cut(shape, area);
    shape->as_stored = true;
    shape->by_planes = shape->planes.bytes > 0;
    if (shape->by_planes) /* a part of them is still in its file */
        shape->shrink = 0;
}

static bool plan(const void *settings, Shape *shape, Error **err)
{
    const Crop *s = settings;
    VipsRect area = size_area(s, shape->width, shape->height);

    if (s->mode == TRIM) {
        shape->at_most = true;
        shape->settles = true;
        return true;
    }
    if (mode_of(s) == MARGINS && !inside_margins(s, shape->width, shape->height, &area, err))
        return false;
    if (mode_of(s) == SIZE && where_is_by_content(&s->where)) { /* its pixels are read first */
        shape->settles = true;
        shape->planes = (ShapePlanes){ 0 };
        shape->width = area.width;
        shape->height = area.height;
        return true;
    }
    plan_cut(shape, &area);
    return true;
}

const Action action_crop = {
    .name = "crop",
    .group = "geometry",
    .summary = "cut off the edges: a margin from each side, an empty border, or all but a size",
    .aliases = "trim autocrop shave chop cut",
    .example = "crop { all = 5% top = 20px }",
    .params = params,
    .size = sizeof(Crop),
    .check = check,
    .plan = plan,
    .geometry = geometry,
};
