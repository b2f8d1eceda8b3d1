/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status file replaces only what hotfolder wrote. */
#include "daemon/folders/status_file.h"
#include "tests/unit/check.h"

static char *top, *file;

static int set_up(void **state)
{
    (void) state;
    top = check_mkdir();
    file = g_build_filename(top, "HOTFOLDER.txt", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    check_rmdir(top);
    g_free(file);
    return 0;
}

static char *content(void)
{
    char *text = NULL;

    return g_file_get_contents(file, &text, NULL, NULL) ? text : g_strdup("none");
}

static unsigned files_in_top(void)
{
    g_autoptr(GDir) dir = g_dir_open(top, 0, NULL);
    unsigned files = 0;

    while (g_dir_read_name(dir))
        files++;
    return files;
}

static void a_text_replaces_the_one_before(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(status_file_write(top, "1 queued\n", &error), error);
    assert_ok(status_file_write(top, "2 queued\n", &error), error);
    g_autofree char *text = content();
    assert_true(g_str_has_prefix(text, "hotfolder writes this file: "));
    assert_true(g_str_has_suffix(text, "\n\n2 queued\n"));
    assert_int_equal(files_in_top(), 1);
    assert_ok(status_file_remove(top, &error), error);
    assert_ok(status_file_remove(top, &error), error);
    assert_int_equal(files_in_top(), 0);
}

/* Under any umask. */
static void who_may_read_the_folder_may_read_it(void **state)
{
    static const struct {
        mode_t folder, file;
    } modes[] = { { 0700, 0600 }, { 02770, 0640 }, { 0775, 0644 }, { 0733, 0600 } };
    mode_t old = umask(077);

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autoptr(Error) error = NULL;
        struct stat st;
        assert_int_equal(chmod(top, modes[i].folder), 0);
        assert_ok(status_file_write(top, "x\n", &error), error);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i].file);
    }
    umask(old);
}

static void assert_left_alone(unsigned files)
{
    g_autoptr(Error) error = NULL;

    assert_false(status_file_write(top, "x\n", &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "hotfolder did not write it"));
    g_clear_pointer(&error, error_free);
    assert_ok(status_file_remove(top, &error), error);
    assert_int_equal(files_in_top(), files);
}

static void what_is_not_ours_stays(void **state)
{
    (void) state;
    check_write(top, "HOTFOLDER.txt", "hotfolder writes this file");
    assert_left_alone(1);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(mkdir(file, 0755), 0);
    assert_left_alone(1);
    assert_int_equal(rmdir(file), 0);
    check_write(top, "elsewhere", "");
    assert_int_equal(symlink("elsewhere", file), 0);
    assert_left_alone(2);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("nowhere", file), 0);
    assert_left_alone(2);
}

static void what_a_crash_left_is_replaced(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    check_write(top, ".hotfolder-status-file", "half a te");
    assert_ok(status_file_write(top, "whole\n", &error), error);
    assert_int_equal(files_in_top(), 1);
}

static void a_folder_that_is_not_there_has_none(void **state)
{
    g_autofree char *gone = g_build_filename(top, "gone", NULL);
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(status_file_write(gone, "x\n", &error));
    assert_int_equal(error->kind, ERROR_ENVIRONMENT);
    g_clear_pointer(&error, error_free);
    assert_ok(status_file_remove(gone, &error), error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_text_replaces_the_one_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_may_read_the_folder_may_read_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_ours_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_crash_left_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_has_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
