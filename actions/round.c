/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* round - take the corners off: each is round, cut straight, or left square.
 *
 * The corners are drawn here, pixel by pixel and with soft edges; an SVG would need a loader that
 * untrusted pictures must not reach. */
#include <math.h>

#include "actions/action.h"
#include "actions/overlay_colour.h"

typedef struct Round {
    Length radius;
    int method;
    int top_left, top_right, bottom_left, bottom_right;
    Colour background;
} Round;

enum { SAME, ROUND, CUT, SQUARE };

static const Choice methods[] = {
    { "round", ROUND, "a quarter of a circle" },
    { "cut", CUT, "a straight cut from edge to edge" },
    { "square", SQUARE, "left as it is" },
    { 0 },
};

static const Choice corners[] = {
    { "same", SAME, "what method says" },
    { "round", ROUND, "a quarter of a circle" },
    { "cut", CUT, "a straight cut from edge to edge" },
    { "square", SQUARE, "left as it is" },
    { 0 },
};

static const Param params[] = {
    LENGTH(Round, radius, .def = "5%", .min = 0, .max = 20000, .unit = "px",
           .help = "how far the corners reach along the edges; % is of the shorter side, and 50% "
                   "makes a circle of a square"),
    CHOICE(Round, method, .def = "round", .choices = methods, .help = "the form of the corners"),
    CHOICE(Round, top_left, .def = "same", .choices = corners, .help = "the form of this corner"),
    CHOICE(Round, top_right, .def = "same", .choices = corners, .help = "the form of this corner"),
    CHOICE(Round, bottom_left, .def = "same", .choices = corners,
           .help = "the form of this corner"),
    CHOICE(Round, bottom_right, .def = "same", .choices = corners,
           .help = "the form of this corner"),
    COLOUR(Round, background, .def = "#ffffff00",
           .help = "the colour outside the corners; the default is transparent, and JPEG then "
                   "shows the background of save"),
    { 0 },
};

/* How much of the pixel at x, y is inside the corner whose tip is at 0, 0: its centre's distance
 * from the edge, over the width of one pixel. */
static double coverage(int method, double radius, int x, int y)
{
    double across = radius - x - 0.5;
    double down = radius - y - 0.5;
    double inside = 0;

    if (method == CUT)
        inside = (radius - across - down) / G_SQRT2;
    else if (across <= 0 || down <= 0)
        return 1;
    else
        inside = radius - hypot(across, down);
    return CLAMP(inside + 0.5, 0, 1);
}

/* One corner as a mask of `size` x `size`, 255 inside. */
static VipsImage *corner(int method, double radius, int size, bool right, bool bottom)
{
    g_autofree unsigned char *mask = g_malloc((size_t) size * size);

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            mask[(size_t) y * size + x] =
                (unsigned char) lround(255 * coverage(method, radius, right ? size - 1 - x : x,
                                                      bottom ? size - 1 - y : y));
    return vips_image_new_from_memory_copy(mask, (size_t) size * size, size, size, 1,
                                           VIPS_FORMAT_UCHAR);
}

/* The whole picture's mask: 255 and its corners. NULL with libvips' error set. */
static VipsImage *mask_of(const Round *s, VipsImage *pixels)
{
    const int own[] = { s->top_left, s->top_right, s->bottom_left, s->bottom_right };
    int shorter = MIN(pixels->Xsize, pixels->Ysize);
    double radius = MIN(length_px(s->radius, shorter), shorter / 2.0);
    int size = MAX(1, (int) ceil(radius));
    g_autoptr(VipsImage) black = NULL;
    VipsImage *mask = NULL;

    if (vips_black(&black, pixels->Xsize, pixels->Ysize, NULL) ||
        vips_linear1(black, &mask, 1, 255, "uchar", TRUE, NULL))
        return NULL;
    for (int i = 0; mask && i < 4; i++) {
        int method = own[i] == SAME ? s->method : own[i];
        bool right = i % 2;
        bool bottom = i / 2;
        if (method == SQUARE)
            continue;
        g_autoptr(VipsImage) before = mask;
        g_autoptr(VipsImage) one = corner(method, radius, size, right, bottom);
        mask = NULL;
        if (one && vips_insert(before, one, &mask, right ? pixels->Xsize - size : 0,
                               bottom ? pixels->Ysize - size : 0, NULL))
            mask = NULL;
    }
    return mask;
}

/* `pixels` with an alpha of its own times mask / 255. */
static VipsImage *masked(VipsImage *pixels, VipsImage *mask)
{
    g_autoptr(VipsImage) colours = NULL;
    g_autoptr(VipsImage) alpha = NULL;
    g_autoptr(VipsImage) product = NULL;
    g_autoptr(VipsImage) scaled = NULL;
    VipsImage *out = NULL;

    if (vips_extract_band(pixels, &colours, 0, "n", 3, NULL))
        return NULL;
    if (!vips_image_hasalpha(pixels))
        return vips_bandjoin2(colours, mask, &out, NULL) ? NULL : out;
    if (vips_extract_band(pixels, &alpha, 3, NULL) || vips_multiply(alpha, mask, &product, NULL) ||
        vips_linear1(product, &scaled, 1 / 255.0, 0.5, "uchar", TRUE, NULL) ||
        vips_bandjoin2(colours, scaled, &out, NULL))
        return NULL;
    return out;
}

/* The background outside the mask, as RGBA. */
static VipsImage *around(VipsImage *pixels, VipsImage *mask, const Colour *colour)
{
    g_autoptr(VipsImage) alpha = NULL;
    g_autoptr(VipsImage) plain = NULL;
    g_autoptr(VipsImage) colours = NULL;
    double rgb[3];
    VipsImage *out = NULL;

    if (!overlay_colour(pixels, colour, rgb) ||
        vips_linear1(mask, &alpha, -colour->a / 255, colour->a + 0.5, "uchar", TRUE, NULL) ||
        !(plain = vips_image_new_from_image(pixels, rgb, 3)) ||
        vips_cast_uchar(plain, &colours, NULL) || vips_bandjoin2(colours, alpha, &out, NULL))
        return NULL;
    return out;
}

/* Adds both, each by its share: together they cover a pixel on the edge exactly. */
static VipsImage *filled(VipsImage *pixels, VipsImage *cut, VipsImage *mask, const Colour *colour)
{
    g_autoptr(VipsImage) behind = around(pixels, mask, colour);
    g_autoptr(VipsImage) sum = NULL;
    g_autoptr(VipsImage) bytes = NULL;
    VipsImage *out = NULL;
    bool solid = !vips_image_hasalpha(pixels) && colour->a == 255;

    if (!behind || vips_composite2(cut, behind, &sum, VIPS_BLEND_MODE_ADD, NULL) ||
        vips_cast_uchar(sum, &bytes, NULL) ||
        vips_extract_band(bytes, &out, 0, "n", solid ? 3 : 4, NULL))
        return NULL;
    return out;
}

static bool apply(const void *settings, Image *image, Error **err)
{
    const Round *s = settings;
    VipsImage *pixels = image_pixels(image, err);
    g_autoptr(VipsImage) mask = NULL;
    g_autoptr(VipsImage) cut = NULL;
    VipsImage *out = NULL;

    if (!pixels)
        return false;
    mask = mask_of(s, pixels);
    cut = mask ? masked(pixels, mask) : NULL;
    if (cut)
        out = s->background.a == 0 ? g_object_ref(cut) : filled(pixels, cut, mask, &s->background);
    if (!out)
        return libvips_error(err, "round the corners");

    image_replace(image, out);
    return true;
}

const Action action_round = {
    .name = "round",
    .group = "decoration",
    .summary = "take the corners off: round, cut straight, or left square",
    .also = "corners rounded round-corners",
    .example = "round { radius = 20% bottom_right = cut background = \"#204060\" }",
    .params = params,
    .size = sizeof(Round),
    .apply = apply,
};
