/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a folder says of the files of one shot. */
#include "tests/unit/settings/bench.h"

static void the_files_of_a_shot_are_together_where_nothing_else_is_said(void **state)
{
    Bench *bench = *state;

    assert_reported(bench,
                    FOLDER("a", "") FOLDER("b", "shots = apart")
                        FOLDER("c", "prefer = both gather = 1min companions = copy"),
                    "");
    const Folder *a = settings_find_folder(bench->settings, "a");
    const Folder *b = settings_find_folder(bench->settings, "b");
    const Folder *c = settings_find_folder(bench->settings, "c");

    assert_int_equal(a->shots, SHOTS_TOGETHER);
    assert_int_equal(a->prefer, PREFER_JPEG);
    assert_int_equal(a->gather_ms, 20000);
    assert_false(a->gather_set);
    assert_int_equal(a->companions, COMPANIONS_MOVE);
    assert_int_equal(b->shots, SHOTS_APART);
    assert_int_equal(c->prefer, PREFER_BOTH);
    assert_int_equal(c->gather_ms, 60000);
    assert_true(c->gather_set);
    assert_int_equal(c->companions, COMPANIONS_COPY);
    assert_reported(bench, FOLDER("a", "prefer = raw") "defaults { gather = 20s }\n", "");
    assert_true(settings_find_folder(bench->settings, "a")->gather_set);
    assert_reported(bench, FOLDER("a", "prefer = heif"),
                    "@/main.conf:1: prefer = heif: no such choice; give jpeg, raw, both; default "
                    "jpeg\n");
}

static void what_says_nothing_of_shots_is_advised_on(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, FOLDER("a", "shots = apart gather = 5s") FOLDER("b", "prefer = raw"),
                    "");
    GPtrArray *advice = bench->settings->advice;

    assert_int_equal(advice->len, 2);
    assert_string_equal(((const Error *) advice->pdata[0])->what,
                        "gather = 5s: it says nothing with shots = apart");
    assert_true(g_str_has_suffix(((const Error *) advice->pdata[0])->where, "main.conf:1"));
    assert_string_equal(((const Error *) advice->pdata[1])->what,
                        "prefer = raw: this folder does not accept camera RAW, so that the JPEG is "
                        "taken");
    assert_string_equal(((const Error *) advice->pdata[1])->fix, "write accept += { raw }");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_files_of_a_shot_are_together_where_nothing_else_is_said),
        TEST(what_says_nothing_of_shots_is_advised_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
