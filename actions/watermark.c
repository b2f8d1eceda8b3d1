/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watermark - lay a second picture over the first.
 *
 * The mark is read once, when the profile is prepared, and kept in memory for every picture. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "actions/action.h"
#include "actions/colour.h"
#include "actions/pixels.h"
#include "actions/samples.h"

typedef struct Watermark {
    char *file;
    int method;
    int place;
    Length width;
    Length margin;
    double opacity;
    int fd;          /* of the file, between open() and prepare(); else -1 */
    VipsImage *mark; /* in memory, without metadata; made by prepare() */
} Watermark;

enum { PLACE, TILE, SCALE };

/* Every worker keeps the mark in memory, 4 bytes a pixel: 200 MB. */
enum { PIXELS_MAX = 50 * 1000 * 1000 };

static const Limits limits = { .accept = FORMATS_TRUSTED,
                               .max_pages = 100,
                               .max_metadata = 16 << 20 };

static const Choice methods[] = {
    { "place", PLACE, "once, at `place`, as wide as `width`" },
    { "tile", TILE, "repeated, as wide as `width`, with `margin` between" },
    { "scale", SCALE, "once, as large as the picture and the margin allow" },
    { 0 },
};

/* The value is across + 3 * down: 0 near, 1 middle, 2 far. */
static const Choice places[] = {
    { "top-left", 0, "the upper left corner" },
    { "top", 1, "the middle of the upper edge" },
    { "top-right", 2, "the upper right corner" },
    { "left", 3, "the middle of the left edge" },
    { "centre", 4, "the middle" },
    { "right", 5, "the middle of the right edge" },
    { "bottom-left", 6, "the lower left corner" },
    { "bottom", 7, "the middle of the lower edge" },
    { "bottom-right", 8, "the lower right corner" },
    { 0 },
};

static const Param params[] = {
    FILEPATH(Watermark, file, .help = "the picture to lay over; its transparency is kept"),
    CHOICE(Watermark, method, .def = "place", .choices = methods,
           .help = "how it is laid over: placed once, tiled, or scaled to fill"),
    CHOICE(Watermark, place, .def = "bottom-right", .choices = places,
           .help = "where it is placed"),
    LENGTH(Watermark, width, .def = "20%", .min = 1, .max = 100000, .of = OF_WIDTH,
           .help = "width of the mark, its height follows"),
    LENGTH(Watermark, margin, .def = "2%", .min = 0, .max = 100000, .of = OF_SHORTER,
           .help = "distance from the edges, or between tiles"),
    REAL(Watermark, opacity, .def = "80", .min = 0, .max = 100, .unit = "%",
         .help = "how much of the mark shows"),
    { 0 },
};

/* ---- the mark, read once ---- */

/* libvips joins the metadata of both, and the photo must not get the mark's EXIF or profile. */
static void remove_metadata(VipsImage *image)
{
    g_auto(GStrv) fields = vips_image_get_fields(image);

    for (char **field = fields; *field; field++)
        vips_image_remove(image, *field);
}

static bool is_grey(VipsImage *mark)
{
    size_t values = (size_t) mark->Xsize * mark->Ysize * mark->Bands;
    const void *pixels = VIPS_IMAGE_ADDR(mark, 0, 0);
    bool grey = true;

    for (size_t i = 0; grey && i < values; i += mark->Bands) {
        double red = samples_get(mark->BandFmt, pixels, i);
        grey = samples_get(mark->BandFmt, pixels, i + 1) == red &&
               samples_get(mark->BandFmt, pixels, i + 2) == red;
    }
    return grey;
}

/* sRGB and alpha. */
static VipsImage *rgba_in_memory(VipsImage *pixels)
{
    g_autoptr(VipsImage) srgb = colour_srgb(pixels);
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    g_autoptr(VipsImage) rgba = NULL;

    if (!bytes || (vips_image_hasalpha(bytes) ? vips_copy(bytes, &rgba, NULL)
                                              : vips_addalpha(bytes, &rgba, NULL)))
        return NULL;
    return vips_image_copy_memory(rgba);
}

/* One that has no colour is grey and alpha: it leaves a grey photo grey. */
static VipsImage *mark_in_memory(VipsImage *pixels)
{
    enum { BLUE = 2 };
    g_autoptr(VipsImage) rgba = rgba_in_memory(pixels);
    g_autoptr(VipsImage) grey = NULL;
    VipsImage *mark = NULL;

    if (rgba && is_grey(rgba) &&
        (vips_extract_band(rgba, &grey, BLUE, "n", 2, NULL) ||
         vips_copy(grey, &mark, "interpretation", VIPS_INTERPRETATION_B_W, NULL)))
        return NULL;
    mark = mark ? vips_image_copy_memory(mark) : g_steal_pointer(&rgba);
    if (mark)
        remove_metadata(mark);
    return mark;
}

/* Makes an error about the mark one of the profile: its file cannot be read. Returns false. */
static bool as_profile_error(const Watermark *s, Error **err)
{
    g_autofree char *what = (*err)->what;

    (*err)->kind = ERROR_CONFIG;
    (*err)->what = g_strdup_printf("file = %s: %s", s->file, what);
    return false;
}

static bool open_file(void *settings, Error **err)
{
    Watermark *s = settings;

    s->fd = open(s->file, O_RDONLY | O_CLOEXEC);
    return s->fd >= 0 || error_errno(err, errno, "cannot open the watermark '%s'", s->file);
}

/* Checks its header, before it is decoded. */
static bool is_small_enough(const Image *image, Error **err)
{
    int64_t pixels = (int64_t) image_width(image) * image_height(image);

    return pixels <= PIXELS_MAX ||
           error_set(err, ERROR_CONFIG, "make the watermark smaller",
                     "%d x %d pixels are more than the %d MP that a watermark may have",
                     image_width(image), image_height(image), PIXELS_MAX / 1000000);
}

static bool prepare(void *settings, Error **err)
{
    Watermark *s = settings;
    g_autoptr(Image) image = image_open(s->fd, &limits, NULL, NULL, err);

    s->fd = -1;
    if (!image || !is_small_enough(image, err) || !image_pixels(image, err))
        return as_profile_error(s, err);
    s->mark = mark_in_memory(image_pixels(image, err));
    return s->mark || (libvips_error(err, "read it"), as_profile_error(s, err));
}

static void release(void *settings)
{
    Watermark *s = settings;

    if (s->fd >= 0)
        close(s->fd);
    g_clear_object(&s->mark);
}

/* ---- the mark, on a picture ---- */

/* Its size inside the margins. */
static double scale_of(const Watermark *s, const Shape *photo)
{
    double width = MAX(1, photo->width - 2 * floor(s->margin.px));
    double height = MAX(1, photo->height - 2 * floor(s->margin.px));
    double wanted = s->method == SCALE ? width : MIN(round(s->width.px), width);

    return MIN(MAX(1, wanted) / s->mark->Xsize, height / s->mark->Ysize);
}

static int whole_pixels(double length)
{
    return (int) MAX(1, lround(length));
}

/* Where a mark of `size` begins on an axis: 0 near, 1 middle, 2 far. */
static int start_on_axis(int place, int whole, int size, int margin)
{
    return MAX(0, margin + (whole - size - 2 * margin) * place / 2);
}

static bool ink(const void *settings, Image *photo, Ink *ink, Error **err)
{
    const Watermark *s = settings;
    const Shape shape = image_shape(photo);
    int margin = (int) s->margin.px;

    if (!s->mark)
        return error_set(err, ERROR_CONFIG, "run `hotfolder check`",
                         "the watermark '%s' could not be opened", s->file);
    double scale = scale_of(s, &shape);
    ink->picture = pixels_scaled(s->mark, whole_pixels(s->mark->Xsize * scale),
                                 whole_pixels(s->mark->Ysize * scale));
    if (!ink->picture)
        return libvips_error(err, "scale the watermark");
    ink->opacity = s->opacity / 100;
    ink->tiled = s->method == TILE;
    ink->gap = margin;
    ink->x = ink->tiled ? margin / 2
                        : start_on_axis(s->place % 3, shape.width, ink->picture->Xsize, margin);
    ink->y = ink->tiled ? margin / 2
                        : start_on_axis(s->place / 3, shape.height, ink->picture->Ysize, margin);
    return true;
}

/* The mark as it is laid over, at most as large as the photo. */
static bool plan(const void *settings, Shape *shape, Error **err G_GNUC_UNUSED)
{
    const Watermark *s = settings;

    if (!s->mark)
        return true;
    double scale = scale_of(s, shape);
    shape->held = scale * scale * s->mark->Xsize * s->mark->Ysize * s->mark->Bands;
    if (s->mark->Bands > 2)
        shape->colours = 3;
    return true;
}

const Action action_watermark = {
    .name = "watermark",
    .group = "decoration",
    .summary = "lay a second picture over the first",
    .also = "overlay composite logo stamp mark insert",
    .example =
        "watermark { file = \"" HOTFOLDER_DATADIR "/mark.png\" place = centre opacity = 40% }",
    .params = params,
    .size = sizeof(Watermark),
    .open = open_file,
    .prepare = prepare,
    .release = release,
    .plan = plan,
    .ink = ink,
};
