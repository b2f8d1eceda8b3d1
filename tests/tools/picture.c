/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* picture - makes photo-like pictures and proves that pictures are whole, for the tests.
 *
 *   picture make FILE WIDTHxHEIGHT [SEED [ORIENTATION]]   format by extension; same seed, same file
 *   picture press FILE                                    the colour profile of a press
 *   picture check FILE...                                 prints "WIDTHxHEIGHT FILE" for each
 *
 * A made picture looks like a camera's to an encoder: large soft shapes, edges, sensor noise, EXIF.
 * 4000x3000 gives a JPEG of about 5 MB. It shares no code with what it tests. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

/* Says what libvips complains about; returns false. */
static bool complain(const char *file)
{
    fprintf(stderr, "picture: %s: %s", file, vips_error_buffer());
    vips_error_clear();
    return false;
}

/* One colour band: soft shapes, dark bars with hard edges, and noise. */
static VipsImage *make_band(VipsObject *scope, int width, int height, int seed)
{
    VipsImage **t = (VipsImage **) vips_object_local_array(scope, 7);

    if (vips_perlin(&t[0], width, height, "cell_size", 256, "seed", seed, NULL) ||
        vips_linear1(t[0], &t[1], 70, 128, NULL) ||
        vips_sines(&t[2], width, height, "hfreq", 5.0 + seed % 7, "vfreq", 3.0, NULL) ||
        vips_moreeq_const1(t[2], &t[3], 0.7, NULL) || vips_linear1(t[3], &t[4], -0.15, 0, NULL) ||
        vips_gaussnoise(&t[5], width, height, "sigma", 7.0, "seed", seed + 1, NULL) ||
        vips_add(t[1], t[4], &t[6], NULL))
        return NULL;

    VipsImage *band = NULL;

    return vips_add(t[6], t[5], &band, NULL) ? NULL : band;
}

/* What a camera writes beside the pixels. */
static void describe(VipsImage *image, int orientation)
{
    vips_image_set_string(image, "exif-ifd0-Make",
                          "Testcam (Testcam, ASCII, 8 components, 8 bytes)");
    vips_image_set_string(image, "exif-ifd0-Model", "T 12 (T 12, ASCII, 5 components, 5 bytes)");
    vips_image_set_string(
        image, "exif-ifd2-DateTimeOriginal",
        "2024:06:15 12:34:56 (2024:06:15 12:34:56, ASCII, 20 components, 20 bytes)");
    vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
}

static bool make(const char *file, int width, int height, int seed, int orientation)
{
    g_autoptr(GObject) scope = G_OBJECT(vips_image_new());
    VipsImage **t = (VipsImage **) vips_object_local_array(VIPS_OBJECT(scope), 6);

    for (int band = 0; band < 3; band++)
        if (!(t[band] = make_band(VIPS_OBJECT(scope), width, height, seed * 10 + band)))
            return complain(file);
    if (vips_bandjoin(t, &t[3], 3, NULL) || vips_cast_uchar(t[3], &t[4], NULL) ||
        vips_copy(t[4], &t[5], "interpretation", VIPS_INTERPRETATION_sRGB, NULL))
        return complain(file);
    describe(t[5], orientation);

    bool jpeg = g_str_has_suffix(file, ".jpg") || g_str_has_suffix(file, ".jpeg");
    int failed = jpeg ? vips_jpegsave(t[5], file, "Q", 92, NULL)
                      : vips_image_write_to_file(t[5], file, NULL);

    return !failed || complain(file);
}

/* The profile of the press that CMYK without one is taken to be of. */
static bool make_press(const char *file)
{
    VipsBlob *profile = NULL;
    size_t size = 0;

    if (vips_profile_load("cmyk", &profile, NULL))
        return complain(file);
    const void *bytes = vips_blob_get(profile, &size);
    bool written = g_file_set_contents(file, bytes, (gssize) size, NULL);
    vips_area_unref(VIPS_AREA(profile));
    return written || complain(file);
}

/* Decodes every pixel; a picture that ends early is a mistake, not a grey half. */
static bool check(const char *file)
{
    VipsImage *image = vips_image_new_from_file(file, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                                                VIPS_FAIL_ON_TRUNCATED, NULL);
    double mean;

    if (!image)
        return complain(file);
    bool whole = !vips_avg(image, &mean, NULL);
    if (whole)
        printf("%dx%d %s\n", vips_image_get_width(image), vips_image_get_height(image), file);
    g_object_unref(image);

    return whole || complain(file);
}

static bool number(const char *text, int *value)
{
    char *end;

    errno = 0;
    *value = (int) strtol(text, &end, 10);
    return !errno && end != text && !*end && *value >= 0;
}

static bool size_of(const char *text, int *width, int *height)
{
    g_auto(GStrv) sides = g_strsplit(text, "x", 3);

    return g_strv_length(sides) == 2 && number(sides[0], width) && number(sides[1], height) &&
           *width > 0 && *height > 0;
}

int main(int argc, char **argv)
{
    int width, height, seed = 1, orientation = 1;
    bool good = true;

    if (VIPS_INIT(argv[0]))
        return 2;
    vips_cache_set_max(0);
    /* With more, the end of a cut JPEG is taken for black in 1 of 20 tries, and in 1 of 4 for a
     * small one: a thread that reads ahead keeps the error to itself (libvips 8.14). */
    vips_concurrency_set(1);

    if (argc >= 4 && argc <= 6 && !strcmp(argv[1], "make") && size_of(argv[3], &width, &height) &&
        (argc < 5 || number(argv[4], &seed)) && (argc < 6 || number(argv[5], &orientation))) {
        good = make(argv[2], width, height, seed, orientation);
    } else if (argc == 3 && !strcmp(argv[1], "press")) {
        good = make_press(argv[2]);
    } else if (argc >= 3 && !strcmp(argv[1], "check")) {
        for (int i = 2; i < argc; i++)
            good = check(argv[i]) && good;
    } else {
        fprintf(stderr, "usage: picture make FILE WIDTHxHEIGHT [SEED [ORIENTATION]]\n"
                        "       picture press FILE\n"
                        "       picture check FILE...\n");
        vips_shutdown();
        return 2;
    }
    vips_shutdown();
    return good ? 0 : 1;
}
