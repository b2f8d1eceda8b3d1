/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/actions/kinds.h"

#include "actions/pixels.h"
#include "actions/rgb_profile.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"
#include "tests/actions/pictures.h"

Picture pictures[] = {
    { "1x1", 1, 1, 3, VIPS_FORMAT_UCHAR, .suffix = ".png" },
    { "1xN", 1, 41, 3, VIPS_FORMAT_UCHAR, .suffix = ".png" },
    { "Nx1", 37, 1, 3, VIPS_FORMAT_UCHAR, .suffix = ".jpg" },
    { "grey", 24, 17, 1, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 8 },
    { "RGB", 37, 23, 3, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 9 },
    { "RGBA", 29, 31, 4, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 10 },
    { "grey with alpha", 26, 18, 2, VIPS_FORMAT_UCHAR, .suffix = ".png", .deep = 11 },
    { "JPEG", 40, 30, 3, VIPS_FORMAT_UCHAR, .suffix = ".jpg" },
    { "16 bit grey", 24, 17, 1, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit RGB", 37, 23, 3, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit RGBA", 29, 31, 4, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "16 bit grey with alpha", 26, 18, 2, VIPS_FORMAT_USHORT, .suffix = ".png" },
    { "float grey", 21, 16, 1, VIPS_FORMAT_FLOAT, .suffix = ".tif" },
    { "float RGBA", 21, 16, 4, VIPS_FORMAT_FLOAT, .suffix = ".tif" },
    { "CMYK", 22, 19, 4, VIPS_FORMAT_UCHAR, .suffix = ".tif", .inks = true },
    { "wide RGB", 33, 20, 3, VIPS_FORMAT_UCHAR, .suffix = ".png", .has_profile = true },
    { "16 bit wide RGBA", 20, 33, 4, VIPS_FORMAT_USHORT, .suffix = ".png", .has_profile = true },
    { "16 bit grey with its curve", 20, 23, 1, VIPS_FORMAT_USHORT, .suffix = ".png",
      .has_profile = true },
    { "float wide RGB", 17, 20, 3, VIPS_FORMAT_FLOAT, .suffix = ".tif", .has_profile = true },
    { "float grey with its curve", 17, 20, 1, VIPS_FORMAT_FLOAT, .suffix = ".tif",
      .has_profile = true },
};
const size_t picture_count = G_N_ELEMENTS(pictures);

/* ROMM RGB (ISO 22028-2), much wider than sRGB. */
static void attach_profile(VipsImage *image)
{
    static const Primaries romm = {
        { 0.3457, 0.3585 }, { 0.7347, 0.2653 }, { 0.1596, 0.8404 }, { 0.0366, 0.0001 }
    };
    static const ToneCurve curve = { .gamma = 1.8, .a = 1 };
    size_t size = 0;
    void *profile = image->Bands < 3 ? grey_profile_new("grey", &curve, &size)
                                     : rgb_profile_new("wide", &romm, &curve, &size);

    assert_non_null(profile);
    vips_image_set_blob(image, VIPS_META_ICC_NAME, (VipsCallbackFn) vips_area_free_cb, profile,
                        size);
}

/* A value from 0 to 255: gradients, an edge, and a border of one colour. */
static double value_at(const Picture *p, int x, int y, int band)
{
    bool alpha = !p->inks && (p->bands == 2 || p->bands == 4) && band == p->bands - 1;
    bool border = p->width > 8 && p->height > 8 &&
                  (x < 2 || y < 3 || x >= p->width - 2 || y >= p->height - 1);

    if (alpha)
        return x < p->width / 3 ? 0 : x < p->width / 2 ? 100 : 255;
    if (border)
        return 240;
    return (int) (255.0 * (band == 1 ? y : x) / MAX(p->width, p->height) * (band == 2 ? 0.6 : 1) +
                  (x > p->width / 2) * 20) %
           256;
}

static void put_value(const Picture *p, void *to, size_t at, double value)
{
    if (p->format == VIPS_FORMAT_UCHAR)
        ((guint8 *) to)[at] = (guint8) value;
    else if (p->format == VIPS_FORMAT_USHORT)
        ((guint16 *) to)[at] = (guint16) (value * 257);
    else
        ((float *) to)[at] = (float) (value / 255);
}

static VipsInterpretation kind_of(const Picture *p)
{
    if (p->inks)
        return VIPS_INTERPRETATION_CMYK;
    if (p->format == VIPS_FORMAT_FLOAT) /* as a TIFF of floats is */
        return p->bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_scRGB;
    return pixels_type(p->format, p->bands);
}

static GBytes *file_of(const Picture *p)
{
    size_t size = vips_format_sizeof(p->format) * (size_t) (p->width * p->height * p->bands);
    g_autofree void *values = g_malloc(size);
    g_autoptr(VipsImage) raw = NULL;
    g_autoptr(VipsImage) image = NULL;
    void *bytes = NULL;
    size_t length = 0;
    size_t at = 0;

    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int band = 0; band < p->bands; band++)
                put_value(p, values, at++, value_at(p, x, y, band));
    raw = vips_image_new_from_memory_copy(values, size, p->width, p->height, p->bands, p->format);
    if (!raw || vips_copy(raw, &image, "interpretation", kind_of(p), NULL))
        fail_msg("%s", vips_error_buffer());
    else if (p->has_profile)
        attach_profile(image);
    if (vips_image_write_to_buffer(image, p->suffix, &bytes, &length, NULL))
        fail_msg("%s: %s", p->name, vips_error_buffer());
    return g_bytes_new_take(bytes, length);
}

void kinds_make(void)
{
    for (size_t i = 0; i < picture_count; i++)
        pictures[i].bytes = file_of(&pictures[i]);
}

void kinds_free(void)
{
    for (size_t i = 0; i < picture_count; i++)
        g_bytes_unref(pictures[i].bytes);
}

static const SourceNames names = { "p", "inbox", "", "x.jpg", 1714566659, { 0 } };

Image *kinds_open(const Picture *picture, const Outputs *outputs)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(picture->bytes, &size);
    g_autoptr(Error) error = NULL;
    Image *image = image_open(picture_bytes(bytes, size), NULL, &names,
                              outputs ? outputs : &desk_programs, &error);

    if (!image)
        fail_msg("%s: %s", picture->name, error->what);
    return image;
}
