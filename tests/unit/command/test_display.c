/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The progress of hotfolder run, from given counts. */
#include "command/display.h"
#include "tests/unit/check.h"

static void nothing_is_shown_while_no_picture_was_found(void **state)
{
    (void) state;
    assert_null(display_progress(&(BatchCounts){ 0 }, 5));
    assert_null(display_progress(&(BatchCounts){ .all_found = true }, 5));
}

static void no_time_is_promised_while_the_search_goes_on(void **state)
{
    BatchCounts counts = { .found = 64, .done = 2, .failed = 1 };
    g_autofree char *text = display_progress(&counts, 1);

    (void) state;
    assert_string_equal(text, "3 of 64 pictures found so far");
}

static void the_time_that_is_left_follows_from_the_pictures_that_ended(void **state)
{
    BatchCounts counts = { .found = 100, .all_found = true };
    g_autofree char *first = display_progress(&counts, 2);

    (void) state;
    assert_string_equal(first, "[                              ] 0 of 100");
    counts.done = 48;
    counts.failed = 2;
    g_autofree char *half = display_progress(&counts, 100);
    assert_string_equal(half, "[###############               ] 50 of 100, 0.5 pictures/s, "
                              "1:40 left");
    counts.done = 98;
    g_autofree char *end = display_progress(&counts, 0);
    assert_true(g_str_has_prefix(end, "[##############################] 100 of 100, "));
    assert_true(g_str_has_suffix(end, ", 0:00 left"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_shown_while_no_picture_was_found),
        cmocka_unit_test(no_time_is_promised_while_the_search_goes_on),
        cmocka_unit_test(the_time_that_is_left_follows_from_the_pictures_that_ended),
    };

    return cmocka_run_group_tests_name("display", tests, NULL, NULL);
}
