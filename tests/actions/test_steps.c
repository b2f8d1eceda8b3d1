/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each action does to a picture, by its pixels. */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "actions/runner.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static const double white[] = { 255, 255, 255, 255 };
static const double red[] = { 200, 30, 30, 255 };
static const double clear[] = { 0, 0, 0, 0 };

/* `step` on `in` (taken over) as a PNG. */
static VipsImage *done(VipsImage *in, const char *step)
{
    g_autoptr(VipsImage) picture = in;

    return desk_apply(picture_file(picture, ".png"), step);
}

static void is_of_size(VipsImage *image, int width, int height, const char *what)
{
    if (image->Xsize != width || image->Ysize != height)
        fail_msg("%s: %d x %d, not %d x %d", what, image->Xsize, image->Ysize, width, height);
}

/* ---- scale and fit ---- */

/* A decoder cannot go back to the rows that a step before it would read again. */
static void a_sharpened_picture_with_alpha_is_made_much_smaller(void **state)
{
    g_autoptr(VipsImage) made =
        done(picture_drawing(2000, 900), "sharpen {} scale { width = 320 }");

    (void) state;
    is_of_size(made, 320, 144, "sharpened and scaled");
}

static void scale_makes_the_size_that_was_asked_for(void **state)
{
    static const struct {
        const char *step;
        int width, height;
    } rows[] = {
        { "scale { width = 100 height = 100 }", 100, 67 },
        { "scale { width = 150 }", 150, 100 },
        { "scale { height = 100 }", 150, 100 },
        { "scale { width = 50% }", 150, 100 },
        { "scale { width = 50% height = 10% }", 30, 20 },
        { "scale { width = 1000 height = 1000 }", 300, 200 },
        { "scale { width = 600 height = 600 enlarge = yes }", 600, 400 },
        { "scale { width = 200% enlarge = yes }", 600, 400 },
        { "scale { width = 100 height = 100 keep = no }", 100, 100 },
        { "scale { width = 100 keep = no }", 100, 200 },
        { "scale { width = 900 height = 50 keep = no }", 300, 50 },
        { "scale { width = 900 height = 50 keep = no enlarge = yes }", 900, 50 },
        { "scale { width = 1 }", 1, 1 },
        { "scale { width = 300 } scale { width = 299 }", 299, 199 },
        { "scale { width = 37 height = 999 } scale { width = 36 }", 36, 24 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VipsImage) photo = picture_photo(300, 200);
        g_autoptr(VipsImage) by_png = desk_apply(picture_file(photo, ".png"), rows[i].step);
        g_autoptr(VipsImage) by_jpeg = desk_apply(picture_file(photo, ".jpg"), rows[i].step);
        is_of_size(by_png, rows[i].width, rows[i].height, rows[i].step);
        is_of_size(by_jpeg, rows[i].width, rows[i].height, rows[i].step);
    }
}

static void shrinking_in_the_decoder_gives_the_same_size(void **state)
{
    static const int widths[] = { 1601, 1600, 1599, 1023 };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
        for (int side = 40; side <= 800; side += 95) {
            g_autoptr(VipsImage) photo = picture_photo(widths[i], 777);
            g_autofree char *step = g_strdup_printf("scale { width = %d }", side);
            g_autoptr(VipsImage) made = desk_apply(picture_file(photo, ".jpg[Q=60]"), step);
            is_of_size(made, side, (int) (777.0 * side / widths[i] + 0.5), step);
        }
}

static void transparent_colours_do_not_bleed(void **state)
{
    enum { BYTES = 64 * 64 * 4 };
    g_autofree unsigned char *values = g_malloc0(BYTES);

    (void) state;
    for (int i = 0; i < 64 * 64; i++) { /* red left, and right a green that is transparent */
        bool left = i % 64 < 32;
        values[i * 4 + (left ? 0 : 1)] = 255;
        values[i * 4 + 3] = left ? 255 : 0;
    }
    g_autoptr(VipsImage) raw =
        vips_image_new_from_memory_copy(values, BYTES, 64, 64, 4, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) rgba = NULL;
    assert_int_equal(vips_copy(raw, &rgba, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    g_autoptr(VipsImage) made = desk_apply(picture_file(rgba, ".png"), "scale { width = 7 }");
    assert_in_range(picture_at(made, 3, 3, 3), 60, 200); /* the edge is half there */
    assert_in_range(picture_at(made, 3, 3, 1), 0, 8);
    assert_in_range(picture_at(made, 3, 3, 0), 240, 255);
}

static void fit_fills_the_size_exactly(void **state)
{
    static const char *const places[] = { "centre",       "top",       "bottom",
                                          "left",         "right",     "top-left",
                                          "bottom-right", "attention", "entropy" };
    static const int sizes[][2] = { { 100, 100 }, { 33, 100 }, { 100, 33 }, { 700, 500 } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
        for (size_t n = 0; n < G_N_ELEMENTS(sizes); n++) {
            g_autofree char *step = g_strdup_printf("fit { width = %d height = %d place = %s }",
                                                    sizes[n][0], sizes[n][1], places[i]);
            g_autoptr(VipsImage) made = done(picture_photo(300, 200), step);
            is_of_size(made, sizes[n][0], sizes[n][1], step);
        }
}

/* A row of three squares, red, white and red again, or a column of them. */
static VipsImage *three(bool column)
{
    g_autoptr(VipsImage) a = picture_plain(30, 30, 3, red);
    g_autoptr(VipsImage) b = picture_plain(30, 30, 3, white);
    g_autoptr(VipsImage) c = picture_plain(30, 30, 3, clear);
    VipsImage *parts[] = { a, b, c };
    VipsImage *out = NULL;

    assert_int_equal(vips_arrayjoin(parts, &out, 3, "across", column ? 1 : 3, NULL), 0);
    return out;
}

static void fit_keeps_the_part_that_was_asked_for(void **state)
{
    static const struct {
        const char *place;
        int across, down; /* the red value of what stays, in a row and in a column */
    } rows[] = {
        { "centre", 255, 255 },  { "top", 255, 200 },       { "bottom", 255, 0 },
        { "left", 200, 255 },    { "right", 0, 255 },       { "top-left", 200, 200 },
        { "top-right", 0, 200 }, { "bottom-left", 200, 0 }, { "bottom-right", 0, 0 },
        { "'0 0'", 200, 200 },   { "'60 60'", 0, 0 },       { "'33.4% 33.4%'", 255, 255 },
        { "'100% 0'", 0, 200 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *step =
            g_strdup_printf("fit { width = 30 height = 30 place = %s }", rows[i].place);
        g_autoptr(VipsImage) row = done(three(false), step);
        g_autoptr(VipsImage) column = done(three(true), step);
        assert_int_equal(picture_at(row, 15, 15, 0), rows[i].across);
        assert_int_equal(picture_at(column, 15, 15, 0), rows[i].down);
    }
}

/* A place is one in the picture that comes in. */
static void fit_begins_at_lengths_before_it_scales(void **state)
{
    g_autoptr(VipsImage) made =
        done(three(false), "fit { width = 15 height = 15 place = '30px 0' }");
    g_autoptr(VipsImage) large =
        done(three(true), "fit { width = 60 height = 60 place = '0 30px' }");
    g_autoptr(VipsImage) understood =
        done(three(true), "fit { width = 9 height = 9 where = center }");

    (void) state;
    assert_int_equal(picture_at(made, 7, 7, 0), 255);
    assert_int_equal(picture_at(large, 30, 30, 0), 255);
    assert_int_equal(picture_at(understood, 4, 4, 0), 255);
}

/* ---- crop ---- */

static void crop_takes_off_what_was_asked_for(void **state)
{
    static const struct {
        const char *step;
        int width, height;
    } rows[] = {
        { "crop { all = 10 }", 280, 180 },
        { "crop { all = 10% }", 240, 160 },
        { "crop { left = 50 }", 250, 200 },
        { "crop { top = 25% bottom = 25% }", 300, 100 },
        { "crop { all = 10 right = 5 }", 275, 180 },
    };
    g_autoptr(VipsImage) photo = picture_photo(300, 200);
    g_autoptr(VipsImage) shifted = done(picture_photo(300, 200), "crop { left = 50 top = 20 }");

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VipsImage) made = done(picture_photo(300, 200), rows[i].step);
        is_of_size(made, rows[i].width, rows[i].height, rows[i].step);
    }
    assert_int_equal(picture_at(shifted, 3, 4, 1), picture_at(photo, 53, 24, 1));
}

static void a_crop_that_leaves_nothing_is_an_error(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(20, 20);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(
        desk_run(desk, picture_file(photo, ".png"), "crop { all = 10px } save {}", &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_string_equal(error->where, "step 1 (crop), desk.conf:2");
}

/* A dot of one pixel on a plain ground. */
static VipsImage *with_dot(const double *ground, const double *dot, int bands, int x, int y)
{
    g_autoptr(VipsImage) plain = picture_plain(80, 60, bands, ground);
    g_autoptr(VipsImage) spot = picture_plain(1, 1, bands, dot);
    VipsImage *out = NULL;

    assert_int_equal(vips_insert(plain, spot, &out, x, y, NULL), 0);
    return out;
}

static void trim_finds_a_single_pixel(void **state)
{
    static const int places[][2] = { { 40, 30 }, { 1, 1 }, { 78, 1 }, { 40, 58 } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        int x = places[i][0];
        int y = places[i][1];
        g_autoptr(VipsImage) plain =
            done(with_dot(white, red, 3, x, y), "crop { mode = trim tolerance = 0 }");
        g_autoptr(VipsImage) transparent =
            done(with_dot(clear, red, 4, x, y), "crop { mode = trim }");
        is_of_size(plain, 1, 1, "a dot on white");
        is_of_size(transparent, 1, 1, "a dot on nothing");
        assert_int_equal(picture_at(plain, 0, 0, 0), 200);
    }
}

static void trim_keeps_what_differs_more_than_the_tolerance(void **state)
{
    const double nearly[] = { 250, 255, 255 };
    g_autoptr(VipsImage) within =
        done(with_dot(white, nearly, 3, 40, 30), "crop { mode = trim tolerance = 5 }");
    g_autoptr(VipsImage) beyond =
        done(with_dot(white, nearly, 3, 40, 30), "crop { mode = trim tolerance = 4 }");

    (void) state;
    is_of_size(within, 80, 60, "nothing but border stays as it is");
    is_of_size(beyond, 1, 1, "a faint dot");
}

static void trim_leaves_a_photo_alone(void **state)
{
    g_autoptr(VipsImage) photo = done(picture_photo(80, 60), "crop { mode = trim }");
    g_autoptr(VipsImage) drawing = done(picture_drawing(80, 60), "crop { mode = trim }");

    (void) state;
    is_of_size(photo, 80, 60, "a photo");
    assert_true(drawing->Xsize < 60); /* the circle */
}

static void trim_finds_a_scan_in_the_corner(void **state)
{
    g_autoptr(VipsImage) ground = picture_plain(80, 60, 3, white);
    g_autoptr(VipsImage) scan = picture_plain(50, 40, 3, red);
    VipsImage *bed = NULL;

    (void) state;
    assert_int_equal(vips_insert(ground, scan, &bed, 0, 0, NULL), 0);
    g_autoptr(VipsImage) made = done(bed, "crop { mode = trim }");
    is_of_size(made, 50, 40, "a scan that lies in the first corner");
}

/* ---- sharpen ---- */

static void sharpen_lifts_edges_only(void **state)
{
    g_autoptr(VipsImage) plain = done(picture_plain(40, 40, 3, red), "sharpen { edges = 9 }");
    g_autoptr(VipsImage) soft = done(three(false), "scale { width = 89 }");
    g_autoptr(VipsImage) sharp = done(three(false), "scale { width = 89 } sharpen { edges = 9 }");
    g_autoptr(VipsImage) drawing = picture_drawing(60, 40);
    g_autoptr(VipsImage) alpha = done(picture_drawing(60, 40), "sharpen {}");

    (void) state;
    assert_in_range(picture_at(plain, 20, 20, 0), 199, 201);
    assert_true(picture_distance(soft, sharp).most > 0);
    assert_int_equal(alpha->Bands, 4);
    for (int x = 0; x < 60; x++)
        assert_int_equal(picture_at(alpha, x, 20, 3), picture_at(drawing, x, 20, 3));
}

/* ---- save ---- */

static void jpeg_gets_a_ground_under_what_is_transparent(void **state)
{
    g_autoptr(VipsImage) drawing = picture_drawing(80, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(drawing, ".png"),
                         "save { name = \"a.jpg\" } save { name = \"b.jpg\" background = "
                         "\"#ff0000\" quality = 95 } save { name = \"c.webp\" lossless = yes }",
                         &error));
    g_autoptr(VipsImage) on_white = desk_output(desk, 0);
    g_autoptr(VipsImage) on_red = desk_output(desk, 1);
    g_autoptr(VipsImage) kept = desk_output(desk, 2);
    assert_int_equal(on_white->Bands, 3);
    assert_in_range(picture_at(on_white, 1, 1, 1), 250, 255);
    assert_in_range(picture_at(on_red, 1, 1, 0), 245, 255);
    assert_in_range(picture_at(on_red, 1, 1, 1), 0, 8);
    assert_int_equal(kept->Bands, 4);
    assert_int_equal(picture_at(kept, 1, 1, 3), 0);
}

static void a_picture_is_saved_more_than_once(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(900, 600);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(
        desk_run(desk, picture_file(photo, ".jpg"),
                 "upright {} scale { width = 300 } save { name = \"a.jpg\" }"
                 "fit { width = 50 height = 50 } save { name = \"{stem}.png\" exists = skip }"
                 "save { name = \"c.tif\" exists = replace compression = jpeg }",
                 &error));
    assert_int_equal(desk->files->len, 3);
    assert_int_equal(desk->exists, OUTPUT_REPLACE);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(VipsImage) saved = desk_output(desk, i);
        is_of_size(saved, i ? 50 : 300, i ? 50 : 200, desk->names->pdata[i]);
    }
}

static void a_save_asks_for_the_time_of_its_output(void **state)
{
    static const struct {
        const char *save, *notes;
        int64_t mtime;
    } cases[] = {
        { "save { name = \"a.png\" }", "", OUTPUT_NOW },
        { "save { name = \"a.png\" mtime = source }", "", OUTPUT_OF_SOURCE },
        { "save { name = \"a.png\" mtime = taken }",
          "it says no date that a file can have: mtime = taken takes the time of its file",
          OUTPUT_OF_SOURCE },
    };
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Error) error = NULL;
        assert_true(desk_run(desk, picture_file(photo, ".jpg"), cases[i].save, &error));
        assert_true(desk->mtime == cases[i].mtime);
        assert_string_equal(desk->notes ? desk->notes : "", cases[i].notes);
    }
}

static void what_is_there_already_is_skipped(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(90, 60);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    desk->skips = true;
    assert_true(desk_run(desk, picture_file(photo, ".jpg"),
                         "save { name = \"{stem}.jpg\" exists = skip } scale { width = 9 } save {}",
                         &error));
    assert_int_equal(desk->names->len, 2);
    assert_int_equal(desk->files->len, 0);
}

static void a_picture_too_large_for_its_format_is_an_error(void **state)
{
    g_autoptr(VipsImage) wide = picture_plain(17000, 2, 3, red);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(desk_run(desk, picture_file(wide, ".png"), "save { name = \"a.webp\" }", &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_non_null(strstr(error->what, "at most 16383"));
}

static bool full_disk(void *user, const char *name G_GNUC_UNUSED, unsigned exists G_GNUC_UNUSED,
                      int64_t mtime G_GNUC_UNUSED, int *fd, Error **err G_GNUC_UNUSED)
{
    *fd = dup(*(int *) user);
    return true;
}

static void a_full_disk_is_the_worlds_fault(void **state)
{
    static const char *const names[] = { "a.jpg", "a.png", "a.webp", "a.tif", "a.avif" };
    g_autoptr(VipsImage) photo = picture_photo(400, 300);
    int full = open("/dev/full", O_RDWR | O_CLOEXEC);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const SourceNames origin = { "web", "inbox", "", "x.jpg", 0, { 0 } };
        const Outputs outputs = { .user = &full, .open = full_disk };
        g_autofree char *steps = g_strdup_printf("save { name = \"%s\" }", names[i]);
        g_autoptr(GPtrArray) profiles = desk_profiles(steps);
        g_autoptr(Error) error = NULL;
        const Profile *profile = profiles->pdata[0];
        g_autoptr(Image) image =
            image_open(picture_file(photo, ".jpg"), NULL, &origin, &outputs, &error);
        const Step *step = &g_array_index(profile->steps, Step, 0);
        g_autoptr(Runner) runner = runner_new(image);
        if (runner_step(runner, step->action, step->settings, false, &error))
            fail_msg("%s: no reader noticed it", names[i]);
        if (error->kind != ERROR_ENVIRONMENT)
            fail_msg("%s: %s: %s", names[i], error_kind_word(error->kind), error->what);
    }
    close(full);
}

/* ---- rotate ---- */

static void edges_of_a_rotated_picture_have_its_colour(void **state)
{
    static const double brown[] = { 120, 60, 30 };
    g_autoptr(VipsImage) out = done(picture_plain(60, 40, 3, brown), "rotate { expand = yes }");

    (void) state;
    assert_int_equal(out->Bands, 4);
    for (int y = 0; y < out->Ysize; y++)
        for (int x = 0; x < out->Xsize; x++)
            for (int band = 0; band < 3 && picture_at(out, x, y, 3) > 8; band++)
                assert_true(fabs(picture_at(out, x, y, band) - brown[band]) <= 255.0 / 16);
}

static void the_background_of_a_rotated_picture_is_what_was_asked_for(void **state)
{
    static const double brown[] = { 120, 60, 30 };
    static const int expected[] = { 64, 64, 64, 128 };
    g_autoptr(VipsImage) out =
        done(picture_plain(60, 40, 3, brown), "rotate { background = \"#40404080\" }");

    (void) state;
    for (int band = 0; band < 4; band++)
        assert_int_equal(picture_at(out, 0, 0, band), expected[band]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_makes_the_size_that_was_asked_for),
        cmocka_unit_test(a_sharpened_picture_with_alpha_is_made_much_smaller),
        cmocka_unit_test(shrinking_in_the_decoder_gives_the_same_size),
        cmocka_unit_test(transparent_colours_do_not_bleed),
        cmocka_unit_test(edges_of_a_rotated_picture_have_its_colour),
        cmocka_unit_test(the_background_of_a_rotated_picture_is_what_was_asked_for),
        cmocka_unit_test(fit_fills_the_size_exactly),
        cmocka_unit_test(fit_keeps_the_part_that_was_asked_for),
        cmocka_unit_test(fit_begins_at_lengths_before_it_scales),
        cmocka_unit_test(crop_takes_off_what_was_asked_for),
        cmocka_unit_test(a_crop_that_leaves_nothing_is_an_error),
        cmocka_unit_test(trim_finds_a_single_pixel),
        cmocka_unit_test(trim_keeps_what_differs_more_than_the_tolerance),
        cmocka_unit_test(trim_leaves_a_photo_alone),
        cmocka_unit_test(trim_finds_a_scan_in_the_corner),
        cmocka_unit_test(sharpen_lifts_edges_only),
        cmocka_unit_test(jpeg_gets_a_ground_under_what_is_transparent),
        cmocka_unit_test(a_picture_is_saved_more_than_once),
        cmocka_unit_test(a_save_asks_for_the_time_of_its_output),
        cmocka_unit_test(what_is_there_already_is_skipped),
        cmocka_unit_test(a_picture_too_large_for_its_format_is_an_error),
        cmocka_unit_test(a_full_disk_is_the_worlds_fault),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_steps", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("steps", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
