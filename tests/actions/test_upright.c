/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every step sees a picture upright, and each output is seen upright. */
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static void every_orientation_comes_out_upright(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(61, 40);

    (void) state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        g_autofree char *what = g_strdup_printf("orientation %d", orientation);
        g_autoptr(VipsImage) stored = picture_turned(photo, orientation);
        g_autoptr(VipsImage) made = desk_apply(picture_file(stored, ".tif"), "upright {}");
        desk_near_by(made, photo, 0, 0, what);
        assert_int_equal(vips_image_get_orientation(made), 1);
    }
}

static void every_orientation_is_scaled_upright_by_the_decoder(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(960, 640);
    g_autoptr(VipsImage) small = desk_apply(picture_file(photo, ".png"), "scale { width = 90 }");

    (void) state;
    assert_int_equal(small->Xsize, 90);
    assert_int_equal(small->Ysize, 60);
    for (int orientation = 1; orientation <= 8; orientation++) {
        g_autofree char *what = g_strdup_printf("orientation %d", orientation);
        g_autoptr(VipsImage) stored = picture_turned(photo, orientation);
        g_autoptr(VipsImage) made =
            desk_apply(picture_file(stored, ".jpg[Q=98]"), "upright {} scale { width = 90 }");
        desk_near_by(made, small, 2, 40, what);
        assert_true(vips_image_get_orientation(made) == 1);
    }
}

static void every_step_sees_the_picture_upright(void **state)
{
    static const char watermark[] = "watermark { file = \"" MARK "\" place = top-left width = 20 }";
    static const char *const steps[] = {
        "crop { left = 7 top = 3 bottom = 10% }",
        "crop { left = 7 top = 3 } scale { width = 30 }",
        "crop { tolerance = 0 mode = trim }",
        "fit { width = 20 height = 20 where = right }",
        "fit { width = 61 height = 20 where = top }",
        "fit { width = 20 height = 30 where = attention }",
        "sharpen {}",
        "round { bottom_left = cut }",
        watermark,
        "scale { width = 30 height = 40 keep = no }",
    };
    g_autoptr(VipsImage) photo = picture_photo(61, 40);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(VipsImage) wanted = desk_apply(picture_file(photo, ".tif"), steps[i]);
        for (int orientation = 2; orientation <= 8; orientation++) {
            g_autofree char *what = g_strdup_printf("%s, orientation %d", steps[i], orientation);
            g_autoptr(VipsImage) stored = picture_turned(photo, orientation);
            g_autoptr(VipsImage) made = desk_apply(picture_file(stored, ".tif"), steps[i]);
            desk_near_by(made, wanted, 1, 24, what); /* resampled from the other side */
            assert_int_equal(vips_image_get_orientation(made), 1);
        }
    }
}

/* Makes two outputs of a photo that is stored with orientation 6. */
static Desk *saved(const char *suffix, const char *steps)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(VipsImage) stored = picture_turned(photo, 6);
    g_autoptr(Error) error = NULL;
    Desk *desk = desk_new();

    if (!desk_run(desk, picture_file(stored, suffix), steps, &error))
        fail_msg("%s", error->what);
    return desk;
}

static void has_size_and_tag(Desk *desk, guint index, int width, int orientation)
{
    g_autoptr(VipsImage) output = desk_output(desk, index);

    assert_int_equal(output->Xsize, width);
    assert_int_equal(vips_image_get_orientation(output), orientation);
}

static void an_untouched_picture_keeps_its_tag_whatever_else_is_saved(void **state)
{
    static const char steps[] =
        "save { name = \"a-{width}.png\" } save { name = \"b-{width}.jpg\" }"
        "save { name = \"c.jpg\" metadata = no } save { name = \"d.jpg\" }";
    g_autoptr(Desk) desk = saved(".jpg", steps);

    (void) state;
    assert_string_equal(desk->names->pdata[0], "a-60.png");
    assert_string_equal(desk->names->pdata[1], "b-60.jpg"); /* as it is seen */
    has_size_and_tag(desk, 0, 60, 1);
    has_size_and_tag(desk, 1, 40, 6);
    has_size_and_tag(desk, 2, 60, 1);
    has_size_and_tag(desk, 3, 40, 6);
}

static void a_step_that_changes_no_pixel_makes_it_upright_too(void **state)
{
    static const char *const steps[] = { "upright {}", "scale { width = 600 }" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *both =
            g_strdup_printf("save { name = \"a.jpg\" } %s save { name = \"b.jpg\" }", steps[i]);
        g_autoptr(Desk) desk = saved(".jpg", both);
        has_size_and_tag(desk, 0, 40, 6);
        has_size_and_tag(desk, 1, 60, 1);
    }
}

static void the_tag_of_a_tiff_stays_in_a_tiff_only(void **state)
{
    g_autoptr(Desk) desk = saved(".tif", "save { name = \"a.tif\" } save { name = \"b.jpg\" }");

    (void) state;
    has_size_and_tag(desk, 0, 40, 6);
    has_size_and_tag(desk, 1, 60, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_orientation_comes_out_upright),
        cmocka_unit_test(every_orientation_is_scaled_upright_by_the_decoder),
        cmocka_unit_test(every_step_sees_the_picture_upright),
        cmocka_unit_test(an_untouched_picture_keeps_its_tag_whatever_else_is_saved),
        cmocka_unit_test(a_step_that_changes_no_pixel_makes_it_upright_too),
        cmocka_unit_test(the_tag_of_a_tiff_stays_in_a_tiff_only),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_upright", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("upright", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
