/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/warm_up.h"

#include <sys/mman.h>
#include <unistd.h>

#include "actions/encode.h"
#include "actions/image.h"

/* ---- code ---- */

/* ORC keeps the memory of code that is no longer used. A step resamples once, and a factor just
 * below 4, above which libvips averages whole pixels first, takes the longest program: 9 KB. */
void warm_reserve_code(unsigned steps)
{
    enum { SPARE = 8, TALL = 2000 };
    g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func(g_object_unref);
    g_autoptr(VipsImage) picture = NULL;

    if (vips_black(&picture, 1, TALL, "bands", 3, NULL))
        vips_error_clear();
    for (unsigned i = 0; picture && i < SPARE + steps; i++) {
        VipsImage *smaller = NULL;
        if (vips_reducev(picture, &smaller, 3.9 + i / 10000.0, NULL) == 0)
            g_ptr_array_add(held, smaller);
    }
}

/* ---- pictures ---- */

/* Writes a JPEG with EXIF, which has no entries: its reader is warm too. */
static bool write_jpeg(VipsImage *pixels, int fd, Error **err)
{
    static const char exif[] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    const Encoding jpeg = { .format = FORMAT_JPEG };
    g_auto(MetadataBlocks) blocks = { .exif = g_bytes_new_static(exif, sizeof(exif)) };

    return encode(pixels, &jpeg, &blocks, fd, err);
}

static int tiny_picture(void)
{
    g_autoptr(VipsImage) black = NULL;
    g_autoptr(VipsImage) grey = NULL;
    g_autoptr(VipsImage) rgb = NULL;
    g_autoptr(Error) error = NULL;
    int fd = memfd_create("tiny", MFD_CLOEXEC);

    if (fd < 0 || vips_black(&black, 64, 64, "bands", 3, NULL) ||
        vips_linear1(black, &grey, 1, 128, "uchar", TRUE, NULL) ||
        vips_copy(grey, &rgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) ||
        !write_jpeg(rgb, fd, &error))
        vips_error_clear(); /* then the first picture is slower, and reports the error */
    return fd;
}

void warm_up(void)
{
    g_autoptr(Error) error = NULL;
    int in = tiny_picture();
    int out = memfd_create("tinier", MFD_CLOEXEC);
    g_autoptr(Image) image = in >= 0 ? image_open(in, NULL, NULL, NULL, &error) : NULL;
    VipsImage *pixels = NULL;

    if (image && out >= 0 && image_resample(image, NULL, 20, 20, NULL, &error))
        pixels = image_pixels(image, &error);
    if (pixels)
        write_jpeg(pixels, out, &error);
    if (out >= 0)
        close(out);
}
