/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of one folder: where it goes, what it says, and which lines of it are the folder. */
#include "command/folder_file.h"
#include "daemon/settings/load.h"
#include "tests/unit/check.h"

/* A directory with the configuration `text`. */
static char *begin(const char *text)
{
    char *dir = check_mkdir();

    check_write(dir, "h.conf", text);
    return dir;
}

/* What folder_file_path() finds, below the directory; NULL: nothing. */
static void assert_place(const char *text, const char *name, const char *expected)
{
    char *dir = begin(text);
    g_autofree char *config = g_build_filename(dir, "h.conf", NULL);
    g_autofree char *found = folder_file_path(config, name);
    g_autofree char *whole = expected ? g_build_filename(dir, expected, NULL) : NULL;

    if (expected)
        assert_string_equal(found, whole);
    else
        assert_null(found);
    check_rmdir(dir);
}

static void the_first_include_that_would_read_the_file_says_where_it_goes(void **state)
{
    (void) state;
    assert_place("include(\"conf.d/*.conf\")\n", "inbox", "conf.d/inbox.conf");
    assert_place("include(\"sets/[a-c]*.conf\")\ninclude(\"conf.d/*.conf\")\n", "inbox",
                 "conf.d/inbox.conf");
    assert_place("include(\"sets/[a-c]*.conf\")\ninclude(\"conf.d/*.conf\")\n", "beach",
                 "sets/beach.conf");
    assert_place("include(\"*/*.conf\")\n", "inbox", NULL);
    assert_place("include(\"conf.d/*.conf\")\n", ".inbox", NULL);
    assert_place("workers = 2\n", "inbox", NULL);
    assert_place("# include(\"conf.d/*.conf\")\n", "inbox", NULL);
}

static void each_configuration_gets_files_of_its_own(void **state)
{
    g_autofree char *service = folder_file_pattern("/etc/hotfolder/hotfolder.conf");
    g_autofree char *instance = folder_file_pattern("/etc/hotfolder/weddings.conf");

    (void) state;
    assert_string_equal(service, "conf.d/*.conf");
    assert_string_equal(instance, "weddings.d/*.conf");
}

static void what_is_written_is_read_as_it_was_meant(void **state)
{
    static const char *const odd[] = { "plain",   "two words", "a\"b\\c",  "${HOME}",
                                       "it's #1", "{ x = 2 }", "\xc3\xbc", "trail\\" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        char *dir = check_mkdir();
        g_autofree char *path = g_build_filename(dir, odd[i], NULL);
        g_autofree char *output = g_build_filename(dir, "out", odd[i], NULL);
        g_autofree char *text = folder_file_text("a name", path, output, "web");
        g_autofree char *config = g_build_filename(dir, "h.conf", NULL);
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

        check_write(dir, "h.conf", text);
        g_autoptr(Settings) settings = settings_load(config, NULL, errors);
        g_autofree char *lines = check_error_lines(errors);
        assert_string_equal(lines, "");
        const Folder *folder = settings_find_folder(settings, "a name");
        assert_non_null(folder);
        assert_string_equal(folder->path, path);
        assert_string_equal(folder->output, output);
        assert_string_equal(folder->profile->name, "web");
        check_rmdir(dir);
    }
}

static void what_a_line_cannot_hold_is_known(void **state)
{
    (void) state;
    assert_true(folder_file_can_hold("/srv/photos/\xc3\xbc \"x\""));
    assert_false(folder_file_can_hold("/srv/a\nb"));
    assert_false(folder_file_can_hold("/srv/\xff"));
    assert_false(folder_file_can_hold("/srv/\x7f"));
}

static void an_include_of_a_file_has_no_pattern_in_it(void **state)
{
    g_autofree char *plain = folder_file_include("/etc/hotfolder/hotfolder.conf");
    g_autofree char *odd = folder_file_include("/srv/[x]*?/h.conf");

    (void) state;
    assert_string_equal(plain, "include(\"/etc/hotfolder/hotfolder.conf\")\n");
    assert_string_equal(odd, "include(\"/srv/\\\\[x\\\\]\\\\*\\\\?/h.conf\")\n");
}

/* The lines of the folder `name`, whose section begins at `line`. */
static FolderLines lines_of(const char *text, const char *name, int line)
{
    char *dir = begin(text);
    g_autofree char *file = g_build_filename(dir, "h.conf", NULL);
    g_autoptr(Error) error = NULL;
    FolderLines lines = { 0 };

    assert_ok(folder_file_find(file, name, line, &lines, &error), error);
    check_rmdir(dir);
    return lines;
}

static void a_folder_ends_where_its_own_brace_closes(void **state)
{
    static const char text[] =
        "# } a comment\nfolder a {\n  path = \"/a{\" # {\n  retry { first = 1s "
        "}\n  ignore = { \"}\", 'x' }\n}\n";
    FolderLines alone = lines_of(text, "a", 2);
    g_autofree char *more = g_strconcat(text, "profile p { save {} }\n", NULL);
    FolderLines beside = lines_of(more, "a", 2);
    FolderLines one = lines_of("workers = 1\nfolder \"a\" { path = \"/a\" }", "a", 2);

    (void) state;
    assert_int_equal(alone.first, 2);
    assert_int_equal(alone.last, 6);
    assert_true(alone.alone);
    assert_int_equal(beside.last, 6);
    assert_false(beside.alone);
    assert_int_equal(one.last, 2);
    assert_false(one.alone);
}

static void a_folder_that_moved_is_not_mistaken_for_another(void **state)
{
    char *dir = begin("\nfolder a {\n}\nfolder b {\n}\n");
    g_autofree char *file = g_build_filename(dir, "h.conf", NULL);
    g_autoptr(Error) error = NULL;
    FolderLines lines = { 0 };

    (void) state;
    assert_false(folder_file_find(file, "a", 4, &lines, &error));
    assert_non_null(strstr(error->what, "changed just now"));
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_include_that_would_read_the_file_says_where_it_goes),
        cmocka_unit_test(each_configuration_gets_files_of_its_own),
        cmocka_unit_test(what_is_written_is_read_as_it_was_meant),
        cmocka_unit_test(what_a_line_cannot_hold_is_known),
        cmocka_unit_test(an_include_of_a_file_has_no_pattern_in_it),
        cmocka_unit_test(a_folder_ends_where_its_own_brace_closes),
        cmocka_unit_test(a_folder_that_moved_is_not_mistaken_for_another),
    };

    return cmocka_run_group_tests_name("folder_file", tests, NULL, NULL);
}
