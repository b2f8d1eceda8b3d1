/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of picture that comes in: read as what it is, refused where it is damaged, and kept
 * with what it says of itself. */
#include <string.h>
#include <unistd.h>

#include "actions/pixels.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static const char *const keep = "crop { right = 0.001px }"; /* nothing, but through an action */

/* ---- what pixels are ---- */

static void is_rgb(VipsImage *image, int bands)
{
    assert_int_equal(image->Bands, bands);
    assert_int_equal(image->BandFmt, VIPS_FORMAT_UCHAR);
    assert_int_equal(image->Type, VIPS_INTERPRETATION_sRGB);
}

static void is_deep(VipsImage *image, int bands, VipsInterpretation type)
{
    assert_int_equal(image->Bands, bands);
    assert_int_equal(image->BandFmt, VIPS_FORMAT_USHORT);
    assert_int_equal(image->Type, type);
}

static void in_eight_bits_near_by(VipsImage *deep, VipsImage *eight)
{
    g_autoptr(VipsImage) bytes = pixels_in_format(deep, VIPS_FORMAT_UCHAR);

    assert_non_null(bytes);
    desk_near_by(bytes, eight, 1, 1, "16 bits");
}

/* `in` in another interpretation, encoded; taken over. */
static VipsImage *through(VipsImage *in, VipsInterpretation as, const char *suffix,
                          const char *steps)
{
    g_autoptr(VipsImage) photo = in;
    g_autoptr(VipsImage) other = NULL;

    assert_int_equal(vips_colourspace(photo, &other, as, NULL), 0);
    return desk_apply(picture_file(other, suffix), steps);
}

static void grey_stays_grey(void **state)
{
    static const char *const suffixes[] = { ".jpg", ".png", ".tif" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autoptr(VipsImage) made =
            through(picture_photo(60, 40), VIPS_INTERPRETATION_B_W, suffixes[i], keep);
        assert_int_equal(made->Bands, 1);
        assert_int_equal(made->Type, VIPS_INTERPRETATION_B_W);
    }
}

static void sixteen_bits_stay(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(VipsImage) rgb =
        through(picture_photo(60, 40), VIPS_INTERPRETATION_RGB16, ".png", keep);
    g_autoptr(VipsImage) grey =
        through(picture_photo(60, 40), VIPS_INTERPRETATION_GREY16, ".png", keep);
    g_autoptr(VipsImage) alpha =
        through(picture_drawing(60, 40), VIPS_INTERPRETATION_RGB16, ".png", keep);
    g_autoptr(VipsImage) drawing = picture_drawing(60, 40);

    (void) state;
    is_deep(rgb, 3, VIPS_INTERPRETATION_RGB16);
    in_eight_bits_near_by(rgb, photo);
    is_deep(grey, 1, VIPS_INTERPRETATION_GREY16);
    is_deep(alpha, 4, VIPS_INTERPRETATION_RGB16);
    in_eight_bits_near_by(alpha, drawing);
}

static void cmyk_becomes_srgb(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(160, 120);
    g_autoptr(VipsImage) whole =
        through(picture_photo(160, 120), VIPS_INTERPRETATION_CMYK, ".jpg[Q=98]", keep);
    g_autoptr(VipsImage) small =
        through(picture_photo(640, 480), VIPS_INTERPRETATION_CMYK, ".jpg", "scale { width = 160 }");

    (void) state;
    is_rgb(whole, 3);
    desk_near_by(whole, photo, 20, 255, "CMYK"); /* ink can't do all of our colours */
    is_rgb(small, 3);
    assert_int_equal(small->Xsize, 160);
    assert_false(vips_image_get_typeof(whole, VIPS_META_ICC_NAME));
}

/* The right values are lcms', as Pillow calls it with black point compensation; without it they are
 * 37 36 45. */
static void black_ink_is_as_dark_as_the_screen_can_be(void **state)
{
    static const char *const suffixes[] = { ".tif", ".jpg[Q=98]" };
    static const int right[] = { 5, 3, 22 };
    g_autoptr(VipsImage) ink = picture_plain(32, 32, 4, (double[]){ 191, 173, 166, 230 });
    g_autoptr(VipsImage) cmyk = NULL;

    (void) state;
    assert_int_equal(vips_copy(ink, &cmyk, "interpretation", VIPS_INTERPRETATION_CMYK, NULL), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autoptr(VipsImage) made = desk_apply(picture_file(cmyk, suffixes[i]), keep);
        for (int band = 0; band < 3; band++)
            assert_in_range(picture_at(made, 9, 9, band) + 2 - right[band], 0, 4);
    }
}

static void a_gif_of_a_palette_becomes_rgb(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(VipsImage) made = desk_apply(picture_file(photo, ".gif"), keep);

    (void) state;
    assert_true(made->Bands >= 3);
    is_rgb(made, made->Bands);
    assert_in_range(picture_at(made, 42, 12, 0), 225, 255); /* the sun */
}

static void a_palette_png_becomes_rgb(void **state)
{
    g_autoptr(VipsImage) drawing = picture_drawing(60, 40);
    g_autoptr(VipsImage) made = desk_apply(picture_file(drawing, ".png[palette]"), keep);

    (void) state;
    is_rgb(made, 4);
    assert_int_equal(picture_at(made, 1, 1, 3), 0);
    assert_int_equal(picture_at(made, 30, 20, 3), 255);
}

static void every_format_is_read(void **state)
{
    static const char *const suffixes[] = {
        ".jpg[Q=95]",  ".jpg[Q=95,interlace]", ".png",        ".png[interlace]",
        ".webp[Q=95]", ".webp[lossless]",      ".tif",        ".tif[compression=lzw]",
        ".tif[tile]",  ".tif[bigtiff]",        ".avif[Q=90]", ".heic[Q=90]"
    };
    g_autoptr(VipsImage) photo = picture_photo(160, 120);
    g_autoptr(VipsImage) small = desk_apply(picture_file(photo, ".png"), "scale { width = 40 }");

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autoptr(VipsImage) whole = desk_apply(picture_file(photo, suffixes[i]), keep);
        g_autoptr(VipsImage) scaled =
            desk_apply(picture_file(photo, suffixes[i]), "scale { width = 40 }");
        is_rgb(whole, 3);
        desk_near_by(whole, photo, 6, 200, suffixes[i]);
        desk_near_by(scaled, small, 4, 60, suffixes[i]);
    }
}

static void pictures_of_one_pixel_go_through_everything(void **state)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 400 }, { 400, 1 }, { 2, 3 } };
    static const char *const steps[] = {
        "scale { width = 20 height = 20 }",
        "scale { width = 20 height = 20 enlarge = yes }",
        "scale { width = 10% }",
        "fit { width = 20 height = 20 }",
        "fit { width = 20 height = 20 where = attention }",
        "crop { mode = trim }",
        "round {}",
        "sharpen {}",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (size_t n = 0; n < G_N_ELEMENTS(steps); n++) {
            g_autoptr(VipsImage) photo = picture_photo(sizes[i][0], sizes[i][1]);
            g_autoptr(VipsImage) made = desk_apply(picture_file(photo, ".jpg"), steps[n]);
            assert_true(made->Xsize >= 1 && made->Ysize >= 1);
        }
}

/* ---- what is refused ---- */

static void is_refused(int fd, const char *because)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    if (desk_run(desk, fd, "scale { width = 2000 } save { name = \"x.png\" }", &error))
        fail_msg("it was taken, though it should be refused: %s", because);
    assert_int_equal(error->kind, ERROR_PICTURE);
    if (!strstr(error->what, because))
        fail_msg("'%s' does not say '%s'", error->what, because);
    assert_null(strchr(error->what, '\n'));
}

static void half_a_picture_is_an_error(void **state)
{
    static const char *const suffixes[] = {
        ".jpg", ".jpg[interlace]", ".png", ".webp[lossless]", ".tif[compression=lzw]", ".gif"
    };
    g_autoptr(VipsImage) photo = picture_photo(400, 300);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        for (int part = 1; part <= 9; part += 4) {
            int whole = picture_file(photo, suffixes[i]);
            g_autoptr(GBytes) bytes = picture_read(whole);
            gsize size = 0;
            const void *data = g_bytes_get_data(bytes, &size);
            close(whole);
            is_refused(picture_bytes(data, size * part / 10), "");
        }
}

static void what_is_no_picture_is_refused(void **state)
{
    static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
    static const char pnm[] = "P6 1 1 255\n...";

    (void) state;
    is_refused(picture_bytes("", 0), "the file is empty");
    is_refused(picture_bytes("hello", 5), "not a picture");
    is_refused(picture_bytes(svg, strlen(svg)), "SVG, which is not accepted");
    is_refused(picture_bytes(pnm, strlen(pnm)), "not a picture");
    is_refused(picture_bytes("\xff\xd8\xff", 3), "it ends before its pixels begin");
}

static void put(unsigned char *bytes, bool big_endian, unsigned value, int width)
{
    for (int i = 0; i < width; i++)
        bytes[i] = (unsigned char) (value >> 8 * (big_endian ? width - 1 - i : i));
}

/* A TIFF of one directory with these tags (each a SHORT), and `mark` where Canon has one. */
static int tiff_with(bool big_endian, const unsigned (*tags)[2], unsigned count, const char *mark)
{
    enum { DIRECTORY = 16, ENTRY = 12, SHORT = 3 };
    unsigned char bytes[256] = { 0 };
    unsigned char *entry = bytes + DIRECTORY + 2;

    bytes[0] = bytes[1] = big_endian ? 'M' : 'I';
    put(bytes + 2, big_endian, 42, 2);
    put(bytes + 4, big_endian, DIRECTORY, 4);
    for (size_t i = 0; mark[i]; i++)
        bytes[8 + i] = (unsigned char) mark[i];
    put(bytes + DIRECTORY, big_endian, count, 2);
    for (unsigned n = 0; n < count; n++, entry += ENTRY) {
        put(entry, big_endian, tags[n][0], 2);
        put(entry + 2, big_endian, SHORT, 2);
        put(entry + 4, big_endian, 1, 4);
        put(entry + 8, big_endian, tags[n][1], 2);
    }
    return picture_bytes(bytes, (size_t) (entry - bytes) + 4);
}

static void camera_raw_is_not_taken_for_a_tiff(void **state)
{
    static const unsigned dng[][2] = { { 254, 0 }, { 50706, 1 } };
    static const unsigned nef[][2] = { { 254, 1 }, { 271, 1 }, { 330, 99 } };
    static const unsigned mosaic[][2] = { { 262, 32803 } };
    static const unsigned sony[][2] = { { 259, 32767 } };
    static const unsigned plain[][2] = { { 256, 10 } };

    (void) state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        is_refused(tiff_with(big_endian, dng, 2, ""), "RAW");
        is_refused(tiff_with(big_endian, nef, 3, ""), "RAW");
        is_refused(tiff_with(big_endian, mosaic, 1, ""), "RAW");
        is_refused(tiff_with(big_endian, sony, 1, ""), "RAW");
        is_refused(tiff_with(big_endian, plain, 1, "CR\2"), "RAW");
        is_refused(tiff_with(big_endian, plain, 1, ""), "cannot read");
    }
}

/* ---- what a picture says of itself ---- */

static VipsImage *resaved(VipsImage *photo, const char *name, const char *more)
{
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;
    g_autofree char *steps = g_strdup_printf(
        "upright {} scale { width = 60 height = 60 } save { name = \"%s\" %s }", name, more);

    if (!desk_run(desk, picture_file(photo, ".jpg[Q=95]"), steps, &error))
        fail_msg("%s: %s", name, error->what);
    return desk_output(desk, 0);
}

static bool has(VipsImage *image, const char *field)
{
    return vips_image_get_typeof(image, field);
}

static const char *text_of(VipsImage *image, const char *field)
{
    const char *text = "";

    vips_image_get_string(image, field, &text);
    return text;
}

static void metadata_is_kept_wherever_the_format_can(void **state)
{
    static const char *const names[] = { "x.jpg", "x.png", "x.webp", "x.tif", "x.avif" };
    g_autoptr(VipsImage) plain = picture_photo(120, 80);
    g_autoptr(VipsImage) photo = picture_with_metadata(plain, 6);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(VipsImage) saved = resaved(photo, names[i], "");
        assert_int_equal(saved->Xsize, 40); /* it was turned */
        assert_int_equal(vips_image_get_orientation(saved), 1);
        assert_true(has(saved, VIPS_META_ICC_NAME));
        assert_true(has(saved, VIPS_META_XMP_NAME));
        if (!strcmp(names[i], "x.tif")) /* libvips writes no EXIF there */
            continue;
        assert_true(g_str_has_prefix(text_of(saved, "exif-ifd0-Make"), "Acme"));
        assert_true(g_str_has_prefix(text_of(saved, "exif-ifd2-DateTimeOriginal"), "2024:05:01"));
        assert_true(has(saved, "exif-ifd3-GPSLatitude"));
        assert_true(g_str_has_prefix(text_of(saved, "exif-ifd2-PixelXDimension"), "40 "));
        assert_true(g_str_has_prefix(text_of(saved, "exif-ifd2-PixelYDimension"), "60 "));
    }
}

static void metadata_goes_when_it_is_not_wanted_but_the_profile_stays(void **state)
{
    static const char *const names[] = { "x.jpg", "x.png", "x.webp", "x.tif", "x.avif" };
    g_autoptr(VipsImage) plain = picture_photo(120, 80);
    g_autoptr(VipsImage) photo = picture_with_metadata(plain, 1);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(VipsImage) saved = resaved(photo, names[i], "metadata = no");
        assert_true(has(saved, VIPS_META_ICC_NAME));
        assert_false(has(saved, VIPS_META_XMP_NAME));
        assert_false(has(saved, "exif-ifd0-Make"));
        assert_false(has(saved, "exif-ifd2-DateTimeOriginal"));
        assert_false(has(saved, "exif-ifd3-GPSLatitude"));
    }
}

static void a_picture_that_loses_its_tag_is_turned(void **state)
{
    static const char *const saves[] = { "save { name = \"x-{width}.tif\" metadata = no }",
                                         "save { name = \"x-{width}.png\" }",
                                         "save { name = \"x-{width}.avif\" lossless = yes }" };
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(VipsImage) stored = picture_turned(photo, 6);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(saves); i++) {
        g_autoptr(Desk) desk = desk_new();
        g_autoptr(Error) error = NULL;
        assert_true(desk_run(desk, picture_file(stored, ".tif"), saves[i], &error));
        g_autoptr(VipsImage) saved = desk_output(desk, 0);
        assert_true(g_str_has_prefix(desk->names->pdata[0], "x-90."));
        desk_near_by(saved, photo, 1, 5, saves[i]);
    }
}

static void a_picture_is_seen_as_before_in_every_format(void **state)
{
    static const char *const saves[] = {
        "name = \"x.jpg\" quality = 98",  "name = \"x.png\"",
        "name = \"x.webp\" quality = 98", "name = \"x.tif\"",
        "name = \"x.avif\" quality = 98", "name = \"x.heic\" quality = 98",
    };
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(VipsImage) stored = picture_turned(photo, 6);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(saves); i++) {
        g_autoptr(Desk) desk = desk_new();
        g_autoptr(Error) error = NULL;
        g_autoptr(VipsImage) seen = NULL;
        g_autofree char *steps = g_strdup_printf("save { %s }", saves[i]);
        if (!desk_run(desk, picture_file(stored, ".tif"), steps, &error))
            fail_msg("%s: %s", saves[i], error->what);
        g_autoptr(VipsImage) saved = desk_output(desk, 0);
        assert_int_equal(vips_autorot(saved, &seen, NULL), 0);
        desk_near_by(seen, photo, 5, 140, saves[i]);
    }
}

static void the_thumbnail_inside_exif_does_not_outlive_a_crop(void **state)
{
    g_autoptr(VipsImage) plain = picture_photo(120, 80);
    g_autoptr(VipsImage) photo = picture_with_metadata(plain, 1);
    g_autoptr(VipsImage) copy = NULL;
    g_autoptr(GBytes) thumbnail = NULL;
    int small = picture_file(plain, ".jpg[strip]");
    gsize size = 0;

    (void) state;
    thumbnail = picture_read(small);
    close(small);
    assert_int_equal(vips_copy(photo, &copy, NULL), 0);
    const void *bytes = g_bytes_get_data(thumbnail, &size);
    vips_image_set_blob_copy(copy, "jpeg-thumbnail-data", bytes, size);

    int with = picture_file(copy, ".jpg");
    g_autoptr(VipsImage) before = picture_load(with);
    close(with);
    g_autoptr(VipsImage) after = resaved(copy, "x.jpg", "");
    assert_true(has(before, "jpeg-thumbnail-data"));
    assert_false(has(after, "jpeg-thumbnail-data"));
}

static void a_profile_for_other_numbers_is_dropped(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(VipsImage) copy = NULL;
    VipsBlob *profile = NULL;
    size_t size = 0;

    (void) state;
    assert_int_equal(vips_copy(photo, &copy, NULL) || vips_profile_load("cmyk", &profile, NULL), 0);
    const void *bytes = vips_blob_get(profile, &size);
    vips_image_set_blob_copy(copy, VIPS_META_ICC_NAME, bytes, size);
    vips_area_unref(VIPS_AREA(profile));
    g_autoptr(VipsImage) made = desk_apply(picture_file(copy, ".jpg"), keep);
    assert_false(has(made, VIPS_META_ICC_NAME));
}

static void a_picture_keeps_each_of_its_notes_once(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(6, 4);
    g_autoptr(Error) error = NULL;
    g_autoptr(Image) image = image_open(picture_file(photo, ".png"), NULL, NULL, NULL, &error);

    (void) state;
    assert_null(image_notes(image));
    image_note(image, "%d of %d frames", 1, 24);
    image_note(image, "dropped: %s", "gain map");
    image_note(image, "1 of 24 frames");
    g_autofree char *notes = image_notes(image);
    assert_string_equal(notes, "1 of 24 frames; dropped: gain map");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_keeps_each_of_its_notes_once),
        cmocka_unit_test(grey_stays_grey),
        cmocka_unit_test(sixteen_bits_stay),
        cmocka_unit_test(cmyk_becomes_srgb),
        cmocka_unit_test(black_ink_is_as_dark_as_the_screen_can_be),
        cmocka_unit_test(a_gif_of_a_palette_becomes_rgb),
        cmocka_unit_test(a_palette_png_becomes_rgb),
        cmocka_unit_test(every_format_is_read),
        cmocka_unit_test(pictures_of_one_pixel_go_through_everything),
        cmocka_unit_test(half_a_picture_is_an_error),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(camera_raw_is_not_taken_for_a_tiff),
        cmocka_unit_test(metadata_is_kept_wherever_the_format_can),
        cmocka_unit_test(metadata_goes_when_it_is_not_wanted_but_the_profile_stays),
        cmocka_unit_test(a_picture_that_loses_its_tag_is_turned),
        cmocka_unit_test(a_picture_is_seen_as_before_in_every_format),
        cmocka_unit_test(the_thumbnail_inside_exif_does_not_outlive_a_crop),
        cmocka_unit_test(a_profile_for_other_numbers_is_dropped),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_image", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("image", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
