/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is laid over pictures or taken off them, by their pixels: round and watermark;
 * and which fonts words have. */
#include <unistd.h>

#include "actions/letters.h"
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

/* ---- round ---- */

static void round_takes_off_only_the_corners(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(200, 100);
    g_autoptr(VipsImage) made = done(picture_photo(200, 100), "round { radius = 20 }");

    (void) state;
    assert_int_equal(made->Bands, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(picture_at(made, i % 2 ? 199 : 0, i / 2 ? 99 : 0, 3), 0);
    assert_int_equal(picture_at(made, 20, 0, 3), 255);
    assert_int_equal(picture_at(made, 0, 20, 3), 255);
    assert_int_equal(picture_at(made, 7, 7, 3), 255);
    assert_in_range(picture_at(made, 5, 6, 3), 1, 254); /* a soft edge */
    for (int x = 0; x < 200; x += 7)
        for (int band = 0; band < 3; band++)
            assert_int_equal(picture_at(made, x, 50, band), picture_at(photo, x, 50, band));
}

static void round_has_a_form_for_each_corner(void **state)
{
    g_autoptr(VipsImage) made =
        done(picture_photo(200, 100), "round { radius = 30 method = square top_right = cut "
                                      "bottom_left = round }");

    (void) state;
    assert_int_equal(picture_at(made, 0, 0, 3), 255);    /* square */
    assert_int_equal(picture_at(made, 199, 99, 3), 255); /* square */
    assert_int_equal(picture_at(made, 188, 11, 3), 0);   /* cut: a circle would reach here */
    assert_int_equal(picture_at(made, 11, 88, 3), 255);  /* round */
    assert_int_equal(picture_at(made, 2, 97, 3), 0);
}

static void round_with_half_the_side_makes_a_circle(void **state)
{
    g_autoptr(VipsImage) made = done(picture_plain(101, 101, 3, red), "round { radius = 50% }");
    double covered = 0;
    g_autoptr(VipsImage) alpha = NULL;

    (void) state;
    assert_int_equal(vips_extract_band(made, &alpha, 3, NULL) || vips_avg(alpha, &covered, NULL),
                     0);
    assert_true(ABS(covered / 255 - G_PI / 4) < 0.002);
}

/* An idle step between the two keeps them in their order. */
static void
round_is_done_to_what_a_scale_behind_it_has_made_smaller_and_looks_the_same(void **state)
{
    static const char scale[] = "scale { width = 150 height = 150 } background {}";
    static const char *const backgrounds[] = { "#ffffff", "#204060", "#ffffff00" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(backgrounds); i++) {
        g_autofree char *round =
            g_strdup_printf("round { radius = 12%% background = \"%s\" }", backgrounds[i]);
        g_autofree char *together = g_strconcat(round, " ", scale, NULL);
        g_autofree char *apart = g_strconcat(round, " turn {} ", scale, NULL);
        g_autoptr(VipsImage) moved = done(picture_photo(600, 400), together);
        g_autoptr(VipsImage) kept = done(picture_photo(600, 400), apart);
        desk_near_by(moved, kept, 0.2, 24, together);
    }
}

static guint number_of_first(const char *steps)
{
    g_autoptr(GPtrArray) profiles = desk_profiles(steps);

    return profile_step(profiles->pdata[0], 0)->number;
}

static void only_a_scale_that_does_nothing_else_is_done_before_round(void **state)
{
    (void) state;
    assert_int_equal(number_of_first("round {} scale { width = 50 } save {}"), 2);
    assert_int_equal(number_of_first("round { radius = 9px } scale { width = 50 } save {}"), 1);
    assert_int_equal(number_of_first("round {} scale { width = 5 keep = no } save {}"), 1);
    assert_int_equal(number_of_first("round {} scale { width = 50 sharpen = light } save {}"), 1);
    assert_int_equal(number_of_first("round {} scale { width = \"{width / 2}\" } save {}"), 1);
    assert_int_equal(number_of_first("round {} save { name = a } scale { width = 5 } save {}"), 1);
    assert_int_equal(number_of_first("grey {} scale { width = 50 } save {}"), 1);
}

static void round_fills_the_corners_and_leaves_the_rest(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(100, 100);
    g_autoptr(VipsImage) solid =
        done(picture_photo(100, 100), "round { radius = 20 background = \"#102030\" }");
    g_autoptr(VipsImage) half =
        done(picture_photo(100, 100), "round { radius = 20 background = \"#10203080\" }");
    g_autoptr(VipsImage) drawing = picture_drawing(100, 100);
    g_autoptr(VipsImage) through =
        done(picture_drawing(100, 100), "round { radius = 5 background = \"#102030\" }");

    (void) state;
    assert_int_equal(solid->Bands, 3);
    assert_int_equal(picture_at(solid, 0, 0, 0), 0x10);
    assert_int_equal(picture_at(solid, 99, 99, 2), 0x30);
    assert_in_range(picture_at(half, 0, 0, 3), 0x7f, 0x81);
    assert_in_range(picture_at(half, 0, 0, 2), 0x2f, 0x31);
    for (int i = 0; i < 100; i++) {
        assert_in_range(picture_at(solid, i, 50, 1), picture_at(photo, i, 50, 1) - 1,
                        picture_at(photo, i, 50, 1) + 1);
        assert_int_equal(picture_at(half, i, 50, 3), 255);
        assert_int_equal(picture_at(through, i, 50, 3), picture_at(drawing, i, 50, 3));
    }
}

/* ---- watermark ---- */

static char *mark; /* path: a red square, half of it clear */

static VipsImage *marked(VipsImage *in, const char *settings)
{
    g_autofree char *step = g_strdup_printf("watermark { file = \"%s\" %s }", mark, settings);

    return done(in, step);
}

static void a_watermark_sits_where_it_should(void **state)
{
    static const struct {
        const char *place;
        int x, y; /* a pixel inside the mark's opaque half; the mark is 20 x 20, the margin 10 */
    } rows[] = {
        { "top-left", 12, 12 },    { "top", 92, 12 },    { "top-right", 172, 12 },
        { "left", 12, 42 },        { "centre", 92, 42 }, { "right", 172, 42 },
        { "bottom-left", 12, 72 }, { "bottom", 92, 72 }, { "bottom-right", 172, 72 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *settings =
            g_strdup_printf("width = 20 margin = 10 opacity = 100 place = %s", rows[i].place);
        g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white), settings);
        assert_int_equal(made->Bands, 3);
        for (size_t n = 0; n < G_N_ELEMENTS(rows); n++)
            assert_int_equal(picture_at(made, rows[n].x, rows[n].y, 1), n == i ? 30 : 255);
        assert_int_equal(picture_at(made, rows[i].x - 3, rows[i].y, 1), 255);  /* outside */
        assert_int_equal(picture_at(made, rows[i].x + 14, rows[i].y, 1), 255); /* its clear half */
    }
}

static void a_watermark_lies_at_its_lengths_also_across_an_edge(void **state)
{
    static const struct {
        const char *place;
        int x, y; /* the upper left corner of the mark, which is 20 x 20 */
    } rows[] = {
        { "10% 30px", 20, 30 }, { "0 0", 0, 0 }, { "-5 -10%", -5, -10 }, { "195 95", 195, 95 }
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *settings =
            g_strdup_printf("width = 20 margin = 7 opacity = 100 place = \"%s\"", rows[i].place);
        g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white), settings);
        int x = MAX(0, rows[i].x), y = MAX(0, rows[i].y);
        assert_int_equal(picture_at(made, x, y, 1), 30);
        if (x > 0)
            assert_int_equal(picture_at(made, x - 1, y, 1), 255);
        if (y > 0)
            assert_int_equal(picture_at(made, x, y - 1, 1), 255);
    }
    g_autoptr(VipsImage) away =
        marked(picture_plain(200, 100, 3, white), "width = 20 opacity = 100 place = \"300 -50%\"");
    assert_int_equal(picture_at(away, 199, 0, 1), 255);
}

static void opacity_lets_the_photo_through(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "width = 20 margin = 10 opacity = 50 place = left");
    g_autoptr(VipsImage) none = marked(picture_plain(200, 100, 3, white),
                                       "width = 20 margin = 10 opacity = 0 place = left");

    (void) state;
    assert_in_range(picture_at(made, 14, 45, 1), 140, 145);
    assert_int_equal(picture_at(none, 14, 45, 1), 255);
}

static void a_faint_mark_makes_no_holes_in_an_opaque_picture(void **state)
{
    g_autoptr(VipsImage) made =
        marked(picture_plain(200, 100, 4, white), "width = 90% opacity = 30 place = centre");

    (void) state;
    assert_int_equal(made->Bands, 4);
    for (int x = 0; x < 200; x++)
        assert_int_equal(picture_at(made, x, 50, 3), 255);
}

static void a_mark_is_tiled_over_everything(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "method = tile width = 20 margin = 0 opacity = 100");

    (void) state;
    is_of_size(made, 200, 100, "tiled");
    for (int x = 2; x < 200; x += 20)
        for (int y = 2; y < 100; y += 20) {
            assert_int_equal(picture_at(made, x, y, 1), 30);
            assert_int_equal(picture_at(made, x + 14, y, 1), 255);
        }
}

static void a_mark_is_scaled_to_fill(void **state)
{
    g_autoptr(VipsImage) made = marked(picture_plain(200, 100, 3, white),
                                       "method = scale margin = 10 opacity = 100 place = centre");
    g_autoptr(VipsImage) tiny =
        marked(picture_plain(3, 3, 3, white), "method = scale margin = 50% opacity = 100");
    g_autoptr(VipsImage) huge =
        marked(picture_plain(20, 10, 3, white), "width = 5000 margin = 0 opacity = 100");

    (void) state;
    assert_int_equal(picture_at(made, 65, 50, 1), 30); /* 80 x 80, in the middle */
    assert_int_equal(picture_at(made, 55, 50, 1), 255);
    assert_int_equal(picture_at(made, 65, 5, 1), 255);
    is_of_size(tiny, 3, 3, "smaller than the margin");
    is_of_size(huge, 20, 10, "smaller than the mark");
}

/* 50 MP and a little: nothing of it is decoded. */
static void a_mark_of_more_pixels_than_a_mark_may_have_is_an_error(void **state)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *path = g_strdup_printf("%s/hotfolder-huge-%d.png", g_get_tmp_dir(), getpid());
    g_autofree char *text =
        g_strdup_printf("profile \"p\" { watermark { file = \"%s\" } save {} }", path);
    g_autoptr(VipsImage) huge = NULL;

    (void) state;
    assert_int_equal(vips_black(&huge, 10000, 5001, NULL), 0);
    assert_int_equal(vips_pngsave(huge, path, "compression", 1, NULL), 0);
    g_autoptr(GPtrArray) profiles = profiles_read(text, errors);
    profiles_prepare(profiles, errors);
    unlink(path);
    assert_int_equal(errors->len, 1);
    const Error *error = errors->pdata[0];
    assert_non_null(strstr(error->what, "10000 x 5001 pixels are more than the 50 MP"));
    assert_int_equal(error->kind, ERROR_CONFIG);
}

static void a_mark_brings_none_of_its_metadata(void **state)
{
    g_autoptr(VipsImage) plain = picture_plain(40, 40, 3, red);
    g_autoptr(VipsImage) photo = picture_with_metadata(plain, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("photo-XXXXXX.jpg", &path, &error);

    (void) state;
    close(fd);
    assert_int_equal(vips_jpegsave(photo, path, NULL), 0);
    g_autofree char *step = g_strdup_printf("watermark { file = \"%s\" }", path);
    g_autoptr(VipsImage) made = done(picture_plain(200, 100, 3, white), step);
    unlink(path);
    assert_false(vips_image_get_typeof(made, VIPS_META_ICC_NAME));
    assert_false(vips_image_get_typeof(made, "exif-ifd0-Make"));
    assert_false(vips_image_get_typeof(made, VIPS_META_XMP_NAME));
}

/* ---- letters ---- */

/* Words of style belong to no family; of several families one is enough. */
static void a_font_is_missing_where_none_of_its_families_is_installed(void **state)
{
    static const struct {
        const char *font, *missing;
    } rows[] = {
        { "Sans", NULL },
        { "sans bold italic", NULL },
        { "Monospace", NULL },
        { "cursive", NULL },
        { "Bold", NULL },
        { "DejaVu Sans", NULL },
        { "dejavusans Condensed Oblique", NULL },
        { "No Such Font, DejaVu Sans Bold", NULL },
        { "No Such Font", "No Such Font" },
        { "No Such Font Bold Italic", "No Such Font" },
        { "No Such Font, Nor This Light", "No Such Font,Nor This" },
        { "Deja", "Deja" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autofree char *begin = g_strdup_printf("the font \"%s\" is not installed: DejaVu Sans",
                                                 rows[i].missing ? rows[i].missing : "");
        bool there = letters_have_font(rows[i].font, &error);
        if (there != !rows[i].missing || (!there && !g_str_has_prefix(error->what, begin)))
            fail_msg("%s: %s", rows[i].font, there ? "installed" : error->what);
    }
}

static int set_up(void **state)
{
    g_autoptr(VipsImage) left = picture_plain(20, 40, 4, red);
    g_autoptr(VipsImage) right = picture_plain(20, 40, 4, clear);
    g_autoptr(VipsImage) whole = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("mark-XXXXXX.png", &mark, &error);

    (void) state;
    if (fd < 0)
        return -1;
    close(fd);
    return vips_join(left, right, &whole, VIPS_DIRECTION_HORIZONTAL, NULL) ||
           vips_pngsave(whole, mark, NULL);
}

static int tear_down(void **state)
{
    (void) state;
    unlink(mark);
    g_free(mark);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_takes_off_only_the_corners),
        cmocka_unit_test(round_has_a_form_for_each_corner),
        cmocka_unit_test(round_with_half_the_side_makes_a_circle),
        cmocka_unit_test(
            round_is_done_to_what_a_scale_behind_it_has_made_smaller_and_looks_the_same),
        cmocka_unit_test(only_a_scale_that_does_nothing_else_is_done_before_round),
        cmocka_unit_test(round_fills_the_corners_and_leaves_the_rest),
        cmocka_unit_test(a_watermark_sits_where_it_should),
        cmocka_unit_test(a_watermark_lies_at_its_lengths_also_across_an_edge),
        cmocka_unit_test(opacity_lets_the_photo_through),
        cmocka_unit_test(a_faint_mark_makes_no_holes_in_an_opaque_picture),
        cmocka_unit_test(a_mark_is_tiled_over_everything),
        cmocka_unit_test(a_mark_is_scaled_to_fill),
        cmocka_unit_test(a_mark_of_more_pixels_than_a_mark_may_have_is_an_error),
        cmocka_unit_test(a_mark_brings_none_of_its_metadata),
        cmocka_unit_test(a_font_is_missing_where_none_of_its_families_is_installed),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_decoration", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("decoration", tests, set_up, tear_down);
    libvips_stop();
    return failed;
}
