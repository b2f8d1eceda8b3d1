/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/settings/bench.h"

#include "daemon/settings/load.h"

static char *replace(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);

    return g_strjoinv(to, parts);
}

void put(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *whole = replace(text, "@", bench->dir);

    check_write(bench->dir, name, whole);
}

char *error_lines(const Bench *bench, const GPtrArray *errors)
{
    g_autofree char *all = check_error_lines(errors);

    return replace(all, bench->dir, "@");
}

void load_with(Bench *bench, const char *worker)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *file = g_build_filename(bench->dir, "main.conf", NULL);

    g_clear_pointer(&bench->messages, g_free);
    g_clear_pointer(&bench->settings, settings_unref);
    bench->settings = settings_load(file, worker, errors);
    bench->messages = error_lines(bench, errors);
    assert_true(!bench->settings == (errors->len > 0));
}

void assert_reported(Bench *bench, const char *text, const char *expected)
{
    put(bench, "main.conf", text);
    load_with(bench, NULL);
    assert_string_equal(bench->messages, expected);
}

int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    *state = bench;
    return 0;
}

int tear_down(void **state)
{
    Bench *bench = *state;

    settings_unref(bench->settings);
    g_free(bench->messages);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}
