/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Branches: what their steps work on, what they leave, and what is kept in memory for them. */
#include <string.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"

enum { WIDTH = 240, HEIGHT = 160 };

/* A photo that a camera held on its side has made. */
static int photo_file(void)
{
    g_autoptr(VipsImage) photo = picture_photo(WIDTH, HEIGHT);
    g_autoptr(VipsImage) turned = picture_turned(photo, 6);

    return picture_file(turned, ".jpg[Q=95]");
}

static int upright_file(void)
{
    g_autoptr(VipsImage) photo = picture_photo(WIDTH, HEIGHT);

    return picture_file(photo, ".jpg[Q=95]");
}

static int drawing_file(void)
{
    g_autoptr(VipsImage) drawing = picture_drawing(WIDTH, HEIGHT);

    return picture_file(drawing, ".png");
}

static Desk *after(int fd, const char *steps)
{
    Desk *desk = desk_new();
    g_autoptr(Error) error = NULL;

    if (!desk_run(desk, fd, steps, &error))
        fail_msg("%s: %s", steps, error->what);
    return desk;
}

/* Output `index` of these steps is what `alone` saves, within that. */
static void is_as_alone(int (*file)(void), const char *steps, guint index, const char *alone,
                        double mean, double most)
{
    g_autoptr(Desk) desk = after(file(), steps);
    g_autoptr(Desk) other = after(file(), alone);
    g_autoptr(VipsImage) made = desk_output(desk, index);
    g_autoptr(VipsImage) expected = desk_output(other, 0);

    desk_near_by(made, expected, mean, most, steps);
}

static void steps_of_a_branch_work_on_the_picture_so_far(void **state)
{
    static const char steps[] = "blur { sigma = 2 }"
                                "branch { grey {} scale { width = 60 } save { name = \"a.png\" } }"
                                "save { name = \"b.png\" }";
    static const char inside[] =
        "blur { sigma = 2 } grey {} scale { width = 60 } save { name = \"a.png\" }";
    static const char outside[] = "blur { sigma = 2 } save { name = \"b.png\" }";

    (void) state;
    is_as_alone(photo_file, steps, 0, inside, 0, 0);
    is_as_alone(photo_file, steps, 1, outside, 0, 0);
    is_as_alone(drawing_file, steps, 0, inside, 0, 0);
    is_as_alone(drawing_file, steps, 1, outside, 0, 0);
}

/* Tones in a row are one table, but what a branch begins with is rounded. */
static void tones_before_a_branch_count_and_those_in_it_do_not(void **state)
{
    static const char steps[] =
        "brightness { strength = 20% }"
        "branch { brightness { strength = -60% } save { name = \"a.png\" } }"
        "brightness { strength = 10% } save { name = \"b.png\" }";

    (void) state;
    is_as_alone(
        photo_file, steps, 0,
        "brightness { strength = 20% } brightness { strength = -60% } save { name = \"a.png\" }", 1,
        1);
    is_as_alone(
        photo_file, steps, 1,
        "brightness { strength = 20% } brightness { strength = 10% } save { name = \"b.png\" }", 1,
        1);
}

/* A JPEG whose planes are kept for the branch has no pixels yet, which these steps read in any
 * order. */
static void steps_that_need_all_pixels_find_them_after_a_branch(void **state)
{
    static const char *const needs_all[] = { "paint { radius = 2px }",
                                             "charcoal {}",
                                             "mirror {}",
                                             "common {}",
                                             "equalize {}",
                                             "sketch {}",
                                             "wave { height = 4px }" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(needs_all); i++) {
        g_autofree char *steps = g_strdup_printf(
            "branch { save { name = \"a.png\" } } %s save { name = \"b.png\" }", needs_all[i]);
        g_autofree char *alone = g_strdup_printf("%s save { name = \"b.png\" }", needs_all[i]);
        is_as_alone(photo_file, steps, 1, alone, 0, 0);
        is_as_alone(upright_file, steps, 1, alone, 0, 0);
    }
}

static void branches_are_nested_four_deep(void **state)
{
    static const char *const names[] = { "4.png", "3.png", "2.png", "1.png", "0.png" };
    static const int widths[] = { 40, 50, 60, 70, 80 };
    g_autoptr(Desk) desk = after(photo_file(), "scale { width = 80 }"
                                               "branch { scale { width = 70 }"
                                               " branch { scale { width = 60 }"
                                               "  branch { scale { width = 50 }"
                                               "   branch { scale { width = 40 }"
                                               "    save { name = \"4.png\" } }"
                                               "   save { name = \"3.png\" } }"
                                               "  save { name = \"2.png\" } }"
                                               " save { name = \"1.png\" } }"
                                               "save { name = \"0.png\" }");

    (void) state;
    assert_int_equal(desk->names->len, G_N_ELEMENTS(names));
    for (guint i = 0; i < desk->names->len; i++) {
        g_autoptr(VipsImage) made = desk_output(desk, i);
        assert_string_equal(desk->names->pdata[i], names[i]);
        assert_int_equal(made->Xsize, widths[i]);
    }
}

static void a_branch_that_is_not_enabled_is_left_out(void **state)
{
    g_autoptr(Desk) desk =
        after(photo_file(), "branch { enabled = no scale { width = 9 } save { name = \"a.png\" } }"
                            "save { name = \"b.png\" }");

    (void) state;
    assert_int_equal(desk->names->len, 1);
    assert_string_equal(desk->names->pdata[0], "b.png");
}

/* A picture that no step has changed keeps the orientation that its file says. */
static void a_branch_does_not_count_as_a_change(void **state)
{
    g_autoptr(Desk) desk = after(photo_file(), "save { name = \"first.jpg\" }"
                                               "branch { turn { angle = 180 } "
                                               " save { name = \"turned.jpg\" } }"
                                               "save { name = \"last.jpg\" }");
    g_autoptr(VipsImage) first = desk_output(desk, 0);
    g_autoptr(VipsImage) turned = desk_output(desk, 1);
    g_autoptr(VipsImage) last = desk_output(desk, 2);

    (void) state;
    assert_int_equal(vips_image_get_orientation(turned), 1);
    assert_int_equal(vips_image_get_orientation(last), 6);
    desk_near_by(first, last, 0, 0, "the last save");
}

/* ---- memory ---- */

enum { SIDE = 3000 };

static double asked_for(const char *steps)
{
    static const double grey[] = { 100, 100, 100 };
    g_autoptr(VipsImage) plain = picture_plain(SIDE, SIDE, 3, grey);
    g_autoptr(Desk) desk = after(picture_file(plain, ".jpg"), steps);

    assert_int_equal(desk->asked, 1);
    return (double) desk->memory;
}

/* The copy is made of what flows, and is there while a branch settles one of its own. */
static void a_picture_that_is_used_again_after_a_branch_is_counted_while_it_works(void **state)
{
    static const double copy = (double) SIDE * SIDE * 3, steps = 12e6; /* and rows */
    double once =
        asked_for("sharpen {} branch { brightness { strength = 5 } save { name = \"a.jpg\" } }");
    double again = asked_for("sharpen {} branch { brightness { strength = 5 } "
                             "save { name = \"a.jpg\" } }"
                             "save { name = \"b.jpg\" }");
    double settled = asked_for("sharpen {} branch { brightness { strength = 5 } turn { angle = 90 }"
                               " save { name = \"a.jpg\" } } save { name = \"b.jpg\" }");

    (void) state;
    assert_in_range(again - once, copy - steps, copy + steps);
    assert_in_range(settled - again, copy - steps, copy + steps);
}

/* The largest of these is four times smaller. JPEG decodes half as much smaller, and resampling
 * does the rest. */
static void a_picture_that_branches_only_make_smaller_is_decoded_once_and_small(void **state)
{
    static const double small = (double) SIDE * SIDE * 3 / (2 * 2);
    static const char sizes[] = "upright {}"
                                "branch { scale { width = 500 } save { name = \"a.jpg\" } }"
                                "branch { enabled = no grey {} save { name = \"b.jpg\" } }"
                                "branch { branch { fit { width = 90 height = 90 }"
                                "                  save { name = \"c.jpg\" } }"
                                "         scale { width = 400 } save { name = \"d.jpg\" } }";
    g_autofree char *with_whole = g_strconcat(sizes, "save { name = \"e.jpg\" }", NULL);

    (void) state;
    double one = asked_for("upright {} scale { width = 500 } save { name = \"a.jpg\" }");
    assert_in_range(asked_for(sizes) - one, 0, 3 * small); /* rows are fewer, steps more */
    assert_true(asked_for(with_whole) > asked_for(sizes) + small / 2); /* planes are half as much */
}

static void sizes_made_in_branches_are_as_those_made_alone(void **state)
{
    static const char steps[] =
        "branch { scale { width = 60 } save { name = \"a.png\" } }"
        "branch { fit { width = 50 height = 50 place = left } save { name = \"b.png\" } }"
        "scale { width = 40 } save { name = \"c.png\" }";
    static const char *const alone[] = {
        "scale { width = 60 } save { name = \"a.png\" }",
        "fit { width = 50 height = 50 place = left } save { name = \"b.png\" }",
        "scale { width = 40 } save { name = \"c.png\" }",
    };

    (void) state;
    for (guint i = 0; i < G_N_ELEMENTS(alone); i++) {
        g_autofree char *upright = g_strconcat("upright {}", steps, NULL);
        is_as_alone(photo_file, steps, i, alone[i], 1, 16);
        is_as_alone(photo_file, upright, i, alone[i], 1, 16);
        is_as_alone(drawing_file, steps, i, alone[i], 0, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_a_branch_work_on_the_picture_so_far),
        cmocka_unit_test(tones_before_a_branch_count_and_those_in_it_do_not),
        cmocka_unit_test(steps_that_need_all_pixels_find_them_after_a_branch),
        cmocka_unit_test(branches_are_nested_four_deep),
        cmocka_unit_test(a_branch_that_is_not_enabled_is_left_out),
        cmocka_unit_test(a_branch_does_not_count_as_a_change),
        cmocka_unit_test(a_picture_that_is_used_again_after_a_branch_is_counted_while_it_works),
        cmocka_unit_test(a_picture_that_branches_only_make_smaller_is_decoded_once_and_small),
        cmocka_unit_test(sizes_made_in_branches_are_as_those_made_alone),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_branch", &error))
        return 1;
    int failed = cmocka_run_group_tests_name("branch", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
