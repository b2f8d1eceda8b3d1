/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of `why`: each reason has them, and a time is one of today. */
#include "base/clock.h"
#include "daemon/control/why_internal.h"
#include "daemon/settings/ignore.h"
#include "tests/unit/check.h"

/* A reason without words would be called a kind of content. */
static void every_name_that_is_ignored_has_words(void **state)
{
    const char *pattern = NULL, *reason = NULL, *note = NULL;
    bool directory = false;

    (void) state;
    for (unsigned i = 0; ignore_row(i, &pattern, &directory, &reason); i++) {
        why_words(reason, &note);
        if (note && strstr(note, "content, whatever"))
            fail_msg("'%s' has no words", reason);
    }
    why_words(ignore_not_recursive, &note);
    assert_non_null(strstr(note, "recursive = yes"));
    assert_string_equal(why_words("video", &note), "video");
    assert_non_null(strstr(note, "content, whatever"));
    why_words("PNG, which this folder does not accept: `accept += { png }` adds it", &note);
    assert_null(note);
}

static void a_near_time_is_in_seconds_and_one_of_another_day_has_its_day(void **state)
{
    g_autofree char *soon = why_when(clock_ms() + 4000), *due = why_when(clock_ms() - 4000);
    g_autofree char *later = why_when(clock_ms() + 3600000);
    g_autofree char *old = clock_text(INT64_C(1700000000000));
    g_autofree char *now = clock_text(clock_wall_ms());

    (void) state;
    assert_string_equal(soon, "in 4 s");
    assert_string_equal(due, "in 1 s");
    assert_true(g_str_has_prefix(later, "at "));
    assert_true(g_str_has_prefix(old, "2023-11-1") && strlen(old) == strlen("2023-11-14 22:13"));
    assert_int_equal(strlen(now), strlen("14:02"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_that_is_ignored_has_words),
        cmocka_unit_test(a_near_time_is_in_seconds_and_one_of_another_day_has_its_day),
    };

    return cmocka_run_group_tests_name("control why", tests, NULL, NULL);
}
