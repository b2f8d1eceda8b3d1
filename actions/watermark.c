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
#include "actions/overlay_colour.h"
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
    VipsImage *mark; /* RGBA in memory, without metadata; made by prepare() */
    bool grey;       /* no pixel of it has a colour */
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
    LENGTH(Watermark, width, .def = "20%", .min = 1, .max = 100000, .unit = "px",
           .help = "width of the mark, its height follows; % is of the picture's width"),
    LENGTH(Watermark, margin, .def = "2%", .min = 0, .max = 100000, .unit = "px",
           .help = "distance from the edges, or between tiles; % is of the picture's shorter side"),
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

static VipsImage *rgba_in_memory(VipsImage *pixels)
{
    g_autoptr(VipsImage) srgb = colour_srgb(pixels);
    g_autoptr(VipsImage) bytes = srgb ? pixels_in_format(srgb, VIPS_FORMAT_UCHAR) : NULL;
    g_autoptr(VipsImage) rgba = NULL;
    VipsImage *memory = NULL;

    if (!bytes || (vips_image_hasalpha(bytes) ? vips_copy(bytes, &rgba, NULL)
                                              : vips_addalpha(bytes, &rgba, NULL)))
        return NULL;
    memory = vips_image_copy_memory(rgba);
    if (memory)
        remove_metadata(memory);
    return memory;
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
    s->mark = rgba_in_memory(image_pixels(image, err));
    s->grey = s->mark && is_grey(s->mark);
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

/* The mark inside `width` x `height` in the colours of the photo; in memory, since tiling reads it
 * many times. */
static VipsImage *sized_mark(const VipsImage *mark, VipsImage *photo, int width, int height)
{
    double scale = MIN(MAX(1, width) / (double) mark->Xsize, MAX(1, height) / (double) mark->Ysize);
    g_autoptr(VipsImage) sized =
        pixels_scaled((VipsImage *) (uintptr_t) mark, (int) MAX(1, lround(mark->Xsize * scale)),
                      (int) MAX(1, lround(mark->Ysize * scale)));
    g_autoptr(VipsImage) there = sized ? overlay_in_space_of(photo, sized) : NULL;

    return there ? vips_image_copy_memory(there) : NULL;
}

/* The mark repeated over all of width x height. */
static VipsImage *tiled(VipsImage *mark, int gap, int width, int height)
{
    g_autoptr(VipsImage) tile = NULL;
    g_autoptr(VipsImage) many = NULL;
    int across = mark->Xsize + gap;
    int down = mark->Ysize + gap;
    VipsImage *out = NULL;

    if (vips_embed(mark, &tile, gap / 2, gap / 2, across, down, NULL) ||
        vips_replicate(tile, &many, (width + across - 1) / across, (height + down - 1) / down,
                       NULL) ||
        vips_extract_area(many, &out, 0, 0, width, height, NULL))
        return NULL;
    return out;
}

/* The mark as large as the picture and in its colours: a grey one has only one value and alpha. */
static VipsImage *mark_for(VipsImage *pixels, VipsImage *mark, int x, int y)
{
    g_autoptr(VipsImage) whole = NULL;
    VipsImage *out = NULL;

    if (vips_embed(mark, &whole, x, y, pixels->Xsize, pixels->Ysize, NULL))
        return NULL;
    if (pixels_colours(pixels) > 1)
        return g_steal_pointer(&whole);
    return vips_extract_band(whole, &out, 2, "n", 2, NULL) ? NULL : out;
}

/* A mark with colours makes a grey photo RGB. */
static VipsImage *photo_pixels(const Watermark *s, Image *image, Error **err)
{
    return s->grey ? image_pixels(image, err) : image_rgb_pixels(image, err);
}

static bool lay_over(const Watermark *s, Image *image, VipsImage *mark, int x, int y, Error **err)
{
    VipsImage *pixels = photo_pixels(s, image, err);
    g_autoptr(VipsImage) over = pixels ? mark_for(pixels, mark, x, y) : NULL;
    VipsImage *out = over ? pixels_under(pixels, over, s->opacity / 100) : NULL;

    if (!out)
        return pixels ? libvips_error(err, "lay the watermark over the picture") : false;
    image_replace(image, out);
    return true;
}

/* Where a mark of `size` begins on an axis: 0 near, 1 middle, 2 far. */
static int start_on_axis(int place, int whole, int size, int margin)
{
    return MAX(0, margin + (whole - size - 2 * margin) * place / 2);
}

static bool tile(const Watermark *s, Image *image, VipsImage *mark, int margin, Error **err)
{
    g_autoptr(VipsImage) tiles = tiled(mark, margin, image_width(image), image_height(image));

    return tiles ? lay_over(s, image, tiles, 0, 0, err) : libvips_error(err, "tile the watermark");
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Watermark *s = settings;
    int width = image_width(image);
    int height = image_height(image);
    int margin = (int) length_px(s->margin, MIN(width, height));
    int most = MAX(1, width - 2 * margin);
    int wanted = s->method == SCALE ? most : (int) lround(length_px(s->width, width));
    VipsImage *photo = NULL;
    g_autoptr(VipsImage) mark = NULL;

    if (!s->mark)
        return error_set(err, ERROR_CONFIG, "run `hotfolder check`",
                         "the watermark '%s' could not be opened", s->file);
    photo = photo_pixels(s, image, err);
    if (!photo)
        return false;
    mark = sized_mark(s->mark, photo, MIN(wanted, most), height - 2 * margin);
    if (!mark)
        return libvips_error(err, "scale the watermark");
    if (s->method == TILE)
        return tile(s, image, mark, margin, err);
    return lay_over(s, image, mark, start_on_axis(s->place % 3, width, mark->Xsize, margin),
                    start_on_axis(s->place / 3, height, mark->Ysize, margin), err);
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
    .apply = apply,
};
