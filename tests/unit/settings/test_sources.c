/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "daemon/settings/load.h"
#include "tests/unit/check.h"

static char *dir;

static void put(const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(dir, name, NULL);

    assert_true(g_file_set_contents(file, text, -1, NULL)); /* a new file in its place */
}

static void drop(const char *name)
{
    g_autofree char *file = g_build_filename(dir, name, NULL);

    assert_int_equal(g_remove(file), 0);
}

static void make(const char *name)
{
    g_autofree char *made = g_build_filename(dir, name, NULL);

    assert_int_equal(g_mkdir(made, 0700), 0);
}

static Sources *read_all(void)
{
    g_autofree char *file = g_build_filename(dir, "top.conf", NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Sources *sources = sources_new();
    Http *http = settings_load_http(file, sources, errors);

    assert_non_null(http);
    http_free(http);
    assert_false(sources_have_changed(sources));
    return sources;
}

static int begin(void **state)
{
    (void) state;
    dir = check_mkdir();
    put("top.conf", "include(\"one.conf\")\ninclude(\"conf.d/*.conf\")\n"
                    "include(\"sets/*/http.conf\")\nhttp { }\n");
    put("one.conf", "");
    make("sets");
    make("sets/a");
    return 0;
}

static int end(void **state)
{
    (void) state;
    check_rmdir(dir);
    return 0;
}

static void a_file_that_is_written_replaced_or_removed_has_changed(void **state)
{
    (void) state;
    for (int how = 0; how < 3; how++) {
        g_autoptr(Sources) sources = read_all();

        if (how == 0)
            put("top.conf", "include(\"one.conf\")\nhttp { steer = no }\n");
        else if (how == 1)
            put("one.conf", "# other\n");
        else
            drop("one.conf");
        assert_true(sources_have_changed(sources));
    }
}

static void a_file_that_a_pattern_would_find_has_changed_it(void **state)
{
    g_autoptr(Sources) without = read_all();

    (void) state;
    make("conf.d");
    assert_true(sources_have_changed(without));
    g_autoptr(Sources) empty = read_all();
    put("conf.d/new.conf", "");
    assert_true(sources_have_changed(empty));
    g_autoptr(Sources) deep = read_all();
    put("sets/a/http.conf", "");
    assert_true(sources_have_changed(deep));
    g_autoptr(Sources) set = read_all();
    make("sets/b");
    assert_true(sources_have_changed(set));
}

static void what_lies_beside_the_files_changes_nothing(void **state)
{
    g_autoptr(Sources) sources = read_all();

    (void) state;
    put("page.token", "");
    assert_false(sources_have_changed(sources));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_is_written_replaced_or_removed_has_changed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_a_pattern_would_find_has_changed_it, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_lies_beside_the_files_changes_nothing, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
