/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directories of a folder: made, given to an owner, taken back. */
#include "command/directories.h"
#include "tests/unit/check.h"

enum { OWNER = 65534 };

static const DirectoryOwner owner = { OWNER, OWNER };

static struct stat stat_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st;
}

static void what_is_made_is_taken_back_with_its_parents(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "a/b/c", NULL);
    g_autofree char *top = g_build_filename(dir, "a", NULL);
    g_autoptr(Directories) directories = directories_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(directories_make(directories, path, NULL, false, &error), error);
    assert_true(S_ISDIR(stat_of(path).st_mode));
    directories_take_back(directories);
    assert_int_not_equal(access(top, F_OK), 0);
    assert_int_equal(access(dir, F_OK), 0);
    check_rmdir(dir);
}

static void what_has_files_by_then_stays(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "a/b", NULL);
    g_autoptr(Directories) directories = directories_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_ok(directories_make(directories, path, NULL, false, &error), error);
    check_write(dir, "a/b/photo.jpg", "x");
    directories_take_back(directories);
    assert_true(S_ISDIR(stat_of(path).st_mode));
    check_rmdir(dir);
}

static void an_owner_gets_a_new_directory_for_the_group(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "a/b", NULL);
    g_autofree char *parent = g_build_filename(dir, "a", NULL);
    g_autoptr(Directories) directories = directories_new();
    g_autoptr(Error) error = NULL;

    (void) state;
    if (geteuid() != 0)
        skip();
    mode_t before = umask(077);
    assert_ok(directories_make(directories, path, &owner, true, &error), error);
    umask(before);
    struct stat st = stat_of(path);
    assert_int_equal(st.st_uid, OWNER);
    assert_int_equal(st.st_gid, OWNER);
    assert_int_equal(st.st_mode & 07777, 02770);
    assert_int_equal(stat_of(parent).st_uid, 0);
    assert_int_equal(stat_of(parent).st_mode & 07777, 0755);
    check_rmdir(dir);
}

static void an_empty_directory_of_root_is_given_and_given_back(void **state)
{
    char *dir = check_mkdir();
    g_autoptr(Directories) directories = directories_new();
    g_autoptr(Error) error = NULL;
    DirectoryNeed need = DIRECTORY_STAYS;

    (void) state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(dir, 0751), 0);
    assert_ok(directories_examine(dir, &owner, &need, &error), error);
    assert_int_equal(need, DIRECTORY_GIVEN);
    assert_ok(directories_make(directories, dir, &owner, true, &error), error);
    assert_int_equal(stat_of(dir).st_uid, OWNER);
    directories_take_back(directories);
    assert_int_equal(stat_of(dir).st_uid, 0);
    assert_int_equal(stat_of(dir).st_gid, 0);
    assert_int_equal(stat_of(dir).st_mode & 07777, 0751);
    check_rmdir(dir);
}

static void what_belongs_to_a_person_or_has_files_keeps_its_rights(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *link = g_build_filename(dir, "link", NULL);
    g_autofree char *empty = g_build_filename(dir, "empty", NULL);
    g_autoptr(Error) error = NULL;
    DirectoryNeed need = DIRECTORY_MISSES;

    (void) state;
    assert_int_equal(mkdir(empty, 0700), 0);
    assert_int_equal(symlink("empty", link), 0);
    assert_ok(directories_examine(dir, &owner, &need, &error), error);
    assert_int_equal(need, DIRECTORY_STAYS);
    assert_ok(directories_examine(link, &owner, &need, &error), error);
    assert_int_equal(need, DIRECTORY_STAYS);
    assert_ok(directories_examine(empty, NULL, &need, &error), error);
    assert_int_equal(need, DIRECTORY_STAYS);
    if (geteuid() == 0) {
        assert_int_equal(chown(empty, 1, 1), 0);
        assert_ok(directories_examine(empty, &owner, &need, &error), error);
        assert_int_equal(need, DIRECTORY_STAYS);
    }
    check_rmdir(dir);
}

static void a_file_is_no_directory(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *file = g_build_filename(dir, "file", NULL);
    g_autofree char *below = g_build_filename(dir, "file/below", NULL);
    g_autoptr(Error) first = NULL, second = NULL;
    DirectoryNeed need = DIRECTORY_STAYS;

    (void) state;
    check_write(dir, "file", "x");
    assert_false(directories_examine(file, NULL, &need, &first));
    assert_non_null(strstr(first->what, "is not a directory"));
    assert_false(directories_examine(below, NULL, &need, &second));
    assert_non_null(strstr(second->what, "Not a directory"));
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_is_taken_back_with_its_parents),
        cmocka_unit_test(what_has_files_by_then_stays),
        cmocka_unit_test(an_owner_gets_a_new_directory_for_the_group),
        cmocka_unit_test(an_empty_directory_of_root_is_given_and_given_back),
        cmocka_unit_test(what_belongs_to_a_person_or_has_files_keeps_its_rights),
        cmocka_unit_test(a_file_is_no_directory),
    };

    return cmocka_run_group_tests_name("directories", tests, NULL, NULL);
}
