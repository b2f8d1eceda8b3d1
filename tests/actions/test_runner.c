/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the runner does for all actions: tones in one table, alpha put back, results mixed, settings
 * that every step has, lengths. */
#include <stdio.h>
#include <unistd.h>

#include "actions/bands.h"
#include "actions/every_step.h"
#include "actions/pixels.h"
#include "actions/tones.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static const double grey[] = { 100, 100, 100, 255 };

static VipsImage *image_of(const void *values, size_t size, int width, int bands,
                           VipsBandFormat format)
{
    VipsImage *out = NULL;
    g_autoptr(VipsImage) raw =
        vips_image_new_from_memory_copy(values, size, width, 1, bands, format);

    assert_false(!raw || vips_copy(raw, &out, "interpretation", pixels_type(format, bands), NULL));
    return out;
}

static double value_in(VipsImage *image, int x, int band)
{
    g_autofree double *values = NULL;
    int count = 0;

    assert_int_equal(vips_getpoint(image, &values, &count, x, 0, NULL), 0);
    assert_true(band < count);
    return values[band];
}

/* ---- tones ---- */

static double half(const void *settings G_GNUC_UNUSED, double value)
{
    return value / 2;
}

static double twice(const void *settings G_GNUC_UNUSED, double value)
{
    return value * 2;
}

/* Half of 101 is no whole number, which only what comes out is. */
static void tones_in_a_row_round_once_and_leave_alpha(void **state)
{
    static const guint8 values[] = { 101, 0, 255, 77 };
    g_autoptr(VipsImage) in = image_of(values, sizeof(values), 1, 4, VIPS_FORMAT_UCHAR);
    g_autoptr(Tones) tones = tones_new(VIPS_FORMAT_UCHAR);

    (void) state;
    tones_add(tones, half, NULL, 1);
    tones_add(tones, twice, NULL, 1);
    g_autoptr(VipsImage) out = tones_apply(tones, in);
    for (int band = 0; band < 4; band++)
        assert_int_equal(value_in(out, 0, band), values[band]);
}

static void a_tone_is_limited_to_black_and_white(void **state)
{
    static const guint8 values[] = { 200 };
    g_autoptr(VipsImage) in = image_of(values, sizeof(values), 1, 1, VIPS_FORMAT_UCHAR);
    g_autoptr(Tones) tones = tones_new(VIPS_FORMAT_UCHAR);

    (void) state;
    tones_add(tones, twice, NULL, 1);
    tones_add(tones, half, NULL, 1);
    g_autoptr(VipsImage) out = tones_apply(tones, in);
    assert_int_equal(value_in(out, 0, 0), 128); /* half of white */
}

static void the_amount_of_a_tone_counts(void **state)
{
    static const guint8 values[] = { 200 };
    g_autoptr(VipsImage) in = image_of(values, sizeof(values), 1, 1, VIPS_FORMAT_UCHAR);
    g_autoptr(Tones) tones = tones_new(VIPS_FORMAT_UCHAR);

    (void) state;
    tones_add(tones, half, NULL, 0.5);
    g_autoptr(VipsImage) out = tones_apply(tones, in);
    assert_int_equal(value_in(out, 0, 0), 150);
}

static void a_tone_of_16_bits_has_a_value_for_each(void **state)
{
    static const guint16 values[] = { 1000, 1002, 65535, 40000 }; /* the last one is alpha */
    g_autoptr(VipsImage) in = image_of(values, sizeof(values), 1, 4, VIPS_FORMAT_USHORT);
    g_autoptr(Tones) tones = tones_new(VIPS_FORMAT_USHORT);

    (void) state;
    tones_add(tones, half, NULL, 1);
    g_autoptr(VipsImage) out = tones_apply(tones, in);
    assert_int_equal(value_in(out, 0, 0), 500);
    assert_int_equal(value_in(out, 0, 1), 501);
    assert_int_equal(value_in(out, 0, 3), 40000);
}

/* Between two entries of the table, and outside of it. */
static void a_tone_of_floats_is_not_rounded(void **state)
{
    static const float values[] = { 1000.5F, -20, 70000 };
    g_autoptr(VipsImage) in = image_of(values, sizeof(values), 3, 1, VIPS_FORMAT_FLOAT);
    g_autoptr(Tones) tones = tones_new(VIPS_FORMAT_FLOAT);

    (void) state;
    tones_add(tones, half, NULL, 1);
    g_autoptr(VipsImage) out = tones_apply(tones, in);
    assert_float_equal(value_in(out, 0, 0), 500.25, 0.01);
    assert_float_equal(value_in(out, 1, 0), 0, 0.01);
    assert_float_equal(value_in(out, 2, 0), 32767.5, 0.01);
}

/* ---- two pictures ---- */

static void what_is_mixed_counts_as_much_as_it_shows(void **state)
{
    static const guint8 clear_red[] = { 255, 0, 0, 0 }, blue[] = { 0, 0, 255, 255 };
    g_autoptr(VipsImage) before = image_of(clear_red, 4, 1, 4, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) after = image_of(blue, 4, 1, 4, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) mixed = bands_mixed(before, after, 0.5, NULL);
    static const int expected[] = { 0, 0, 255, 128 }; /* no red, which did not show */

    (void) state;
    for (int band = 0; band < 4; band++)
        assert_int_equal(value_in(mixed, 0, band), expected[band]);
}

static void grey_and_colour_mix_to_colour_with_the_alpha_of_either(void **state)
{
    static const guint8 red[] = { 200, 0, 0 }, black[] = { 0, 255 };
    g_autoptr(VipsImage) before = image_of(red, 3, 1, 3, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) after = image_of(black, 2, 1, 2, VIPS_FORMAT_UCHAR);
    g_autoptr(VipsImage) mixed = bands_mixed(before, after, 0.25, NULL);

    (void) state;
    assert_int_equal(mixed->Bands, 4);
    assert_int_equal(value_in(mixed, 0, 0), 150);
    assert_int_equal(value_in(mixed, 0, 3), 255);
}

/* Colours that were converted do not get the profile of the original with their alpha. */
static void alpha_brings_no_profile_with_it(void **state)
{
    g_autoptr(VipsImage) drawing = picture_drawing(20, 10);
    g_autoptr(VipsImage) wide = picture_with_metadata(drawing, 1);
    g_autoptr(VipsImage) made = desk_apply(picture_file(wide, ".png"), "grey {}");

    (void) state;
    assert_int_equal(made->Bands, 2);
    assert_false(vips_image_get_typeof(made, VIPS_META_ICC_NAME));
}

static void a_drawing_that_is_saved_in_srgb_does_not_say_another_space(void **state)
{
    g_autoptr(VipsImage) drawing = picture_drawing(20, 10);
    g_autoptr(VipsImage) wide = picture_with_metadata(drawing, 1);
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_true(desk_run(desk, picture_file(wide, ".png"), "save { name = \"a.png\" space = srgb }",
                         &error));
    g_autoptr(VipsImage) made = desk_output(desk, 0);
    assert_int_equal(made->Bands, 4);
    assert_false(vips_image_get_typeof(made, VIPS_META_ICC_NAME));
}

/* ---- a step ---- */

static int after(const char *steps)
{
    g_autoptr(VipsImage) plain = picture_plain(8, 8, 3, grey);
    g_autoptr(VipsImage) made = desk_apply(picture_file(plain, ".png"), steps);

    return picture_at(made, 4, 4, 0);
}

static void a_step_is_left_out_or_counts_by_its_amount(void **state)
{
    (void) state;
    assert_int_equal(after("brightness { strength = -50% }"), 50);
    assert_int_equal(after("brightness { strength = -50% enabled = no }"), 100);
    assert_int_equal(after("brightness { strength = -50% amount = 50% }"), 75);
    assert_int_equal(after("brightness { strength = -50% amount = 0 }"), 100);
    assert_int_equal(after("brightness { strength = -50% } brightness { strength = 50% }"), 153);
}

/* The mark is red; its colour in the photo's own space is another number. */
static void ink_is_laid_in_the_space_of_the_photo(void **state)
{
    static const double red[] = { 200, 30, 30, 255 };
    g_autofree char *path = g_strdup_printf("%s/hotfolder-ink-%d.png", g_get_tmp_dir(), getpid());
    g_autofree char *step =
        g_strdup_printf("watermark { file = \"%s\" width = 100%% margin = 0 opacity = 100 }", path);
    g_autoptr(VipsImage) mark = picture_plain(8, 8, 3, red);
    g_autoptr(VipsImage) rgb = picture_plain(8, 8, 3, grey);
    g_autoptr(VipsImage) wide = picture_with_metadata(rgb, 1);
    static const guint8 one[] = { 100, 100, 100, 100 };
    g_autoptr(VipsImage) single = image_of(one, sizeof(one), 4, 1, VIPS_FORMAT_UCHAR);

    (void) state;
    assert_int_equal(vips_pngsave(mark, path, NULL), 0);
    g_autoptr(VipsImage) on_rgb = desk_apply(picture_file(rgb, ".png"), step);
    g_autoptr(VipsImage) on_wide = desk_apply(picture_file(wide, ".png"), step);
    g_autoptr(VipsImage) on_grey = desk_apply(picture_file(single, ".png"), step);
    remove(path);
    assert_int_equal(picture_at(on_rgb, 4, 4, 0), 200);
    assert_int_equal(on_grey->Bands, 3);
    assert_int_equal(picture_at(on_grey, 2, 0, 1), 100); /* a mark of one pixel is on its right */
    assert_int_equal(picture_at(on_grey, 3, 0, 0), 200);
    assert_in_range(picture_at(on_wide, 4, 4, 0), 175, 190); /* P3: less red is as red */
    assert_true(vips_image_get_typeof(on_wide, VIPS_META_ICC_NAME));
}

static void a_mark_with_a_large_margin_stays_on_a_small_photo(void **state)
{
    g_autofree char *step =
        g_strdup_printf("watermark { file = \"%s\" place = left margin = 300%% }", MARK);
    g_autoptr(VipsImage) plain = picture_plain(24, 17, 3, grey);
    g_autoptr(VipsImage) made = desk_apply(picture_file(plain, ".png"), step);

    (void) state;
    assert_int_equal(made->Xsize, 24);
}

/* ---- lengths ---- */

/* The width that scale makes with `setting`; 0 where the step is refused, with *what. */
static int width_with(const char *profile, const char *step, char **what)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text =
        g_strdup_printf("profile \"p\" { %s scale { %s } save {} }", profile, step);
    g_autoptr(GPtrArray) profiles = profiles_read(text, errors);
    Shape shape = { .width = 1000, .height = 1000, .colours = 3 };

    if (errors->len) {
        const Error *error = errors->pdata[0];
        *what = g_strdup(error->what);
        return 0;
    }
    const Profile *read = profiles->pdata[0];
    const Step *first = &g_array_index(read->steps, Step, 0);
    g_autoptr(Error) error = NULL;
    g_autofree void *finished =
        action_finished(first->action, first->settings, NULL, &shape, &error);
    assert_true(finished && first->action->plan(finished, &shape, &error));
    return shape.width;
}

static void an_inch_has_the_dpi_of_the_step_or_of_the_profile(void **state)
{
    g_autofree char *what = NULL;

    (void) state;
    assert_int_equal(width_with("dpi = 300", "width = 25.4mm", &what), 300);
    assert_int_equal(width_with("dpi = 300", "width = 2.54cm", &what), 300);
    assert_int_equal(width_with("dpi = 300", "width = 1.5in", &what), 450);
    assert_int_equal(width_with("dpi = 300", "width = 1in dpi = 72", &what), 72);
    assert_int_equal(width_with("", "width = 1in dpi = 72", &what), 72);
    assert_int_equal(width_with("", "width = 50%", &what), 500);
    assert_null(what);
}

static void without_a_dpi_an_inch_is_a_mistake(void **state)
{
    g_autofree char *what = NULL;

    (void) state;
    assert_int_equal(width_with("", "width = 1in", &what), 0);
    assert_string_equal(what, "width: how many pixels an inch has is not known");
}

/* Both read it from the decoder, which makes each row once. */
static void a_large_picture_with_alpha_is_made_smaller_and_sharpened(void **state)
{
    g_autoptr(VipsImage) photo = picture_photo(1500, 3000);
    g_autoptr(VipsImage) clear = NULL;
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_int_equal(vips_addalpha(photo, &clear, NULL), 0);
    if (!desk_run(desk, picture_file(clear, ".png[compression=1]"),
                  "scale { width = 150 } sharpen {} save { name = \"a.png\" }", &error))
        fail_msg("%s", error->what);
    g_autoptr(VipsImage) made = desk_output(desk, 0);
    assert_int_equal(made->Xsize, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_in_a_row_round_once_and_leave_alpha),
        cmocka_unit_test(a_tone_is_limited_to_black_and_white),
        cmocka_unit_test(the_amount_of_a_tone_counts),
        cmocka_unit_test(a_tone_of_16_bits_has_a_value_for_each),
        cmocka_unit_test(a_tone_of_floats_is_not_rounded),
        cmocka_unit_test(what_is_mixed_counts_as_much_as_it_shows),
        cmocka_unit_test(grey_and_colour_mix_to_colour_with_the_alpha_of_either),
        cmocka_unit_test(alpha_brings_no_profile_with_it),
        cmocka_unit_test(a_drawing_that_is_saved_in_srgb_does_not_say_another_space),
        cmocka_unit_test(a_step_is_left_out_or_counts_by_its_amount),
        cmocka_unit_test(ink_is_laid_in_the_space_of_the_photo),
        cmocka_unit_test(a_mark_with_a_large_margin_stays_on_a_small_photo),
        cmocka_unit_test(an_inch_has_the_dpi_of_the_step_or_of_the_profile),
        cmocka_unit_test(without_a_dpi_an_inch_is_a_mistake),
        cmocka_unit_test(a_large_picture_with_alpha_is_made_smaller_and_sharpened),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_runner", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("runner", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
