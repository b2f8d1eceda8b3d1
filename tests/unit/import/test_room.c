/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room in destinations, with an fstab of the test's own. */
#include <mntent.h>
#include <sys/statvfs.h>

#include "daemon/import/room.h"
#include "tests/unit/check.h"

static char *fstab;

/* Names of the linker's.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
FILE *__real_setmntent(const char *file, const char *type);
FILE *__wrap_setmntent(const char *file, const char *type);

FILE *__wrap_setmntent(const char *file, const char *type)
{
    return __real_setmntent(fstab && !strcmp(file, "/etc/fstab") ? fstab : file, type);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static int64_t free_bytes(const char *path)
{
    struct statvfs fs;

    assert_int_equal(statvfs(path, &fs), 0);
    return (int64_t) fs.f_bavail * (int64_t) fs.f_frsize;
}

/* What is wrong, newly allocated; NULL: nothing. */
static char *fault_of(const RoomNeed *needs, unsigned count, int64_t min_free)
{
    Error *error = NULL;

    if (room_check(needs, count, min_free, &error)) {
        assert_null(error);
        return NULL;
    }
    char *what = g_strdup(error->what);
    assert_int_equal(error->kind, ERROR_ENVIRONMENT);
    error_free(error);
    return what;
}

static void what_is_to_be_copied_has_to_fit_with_min_free(void **state)
{
    char *dir = check_mkdir();
    RoomNeed need = { .destination = dir, .bytes = 1000000, .files = 3 };

    (void) state;
    assert_null(fault_of(&need, 1, 0));
    g_autofree char *lacks = fault_of(&need, 1, free_bytes(dir) + (20LL << 30));
    assert_true(g_str_has_suffix(lacks, " needs 20 GB more"));
    need = (RoomNeed){ .destination = dir };
    assert_null(fault_of(&need, 1, INT64_MAX)); /* nothing is to be copied */
    check_rmdir(dir);
}

static void two_destinations_on_one_file_system_need_room_for_both(void **state)
{
    char *dir = check_mkdir();
    int64_t bytes = free_bytes(dir) / 100 * 60;
    g_autofree char *one = g_build_filename(dir, "one", NULL);
    g_autofree char *two = g_build_filename(dir, "two", NULL);
    const RoomNeed needs[] = { { one, bytes, 1 }, { two, bytes, 1 } };

    (void) state;
    assert_null(fault_of(needs, 1, 0));
    assert_null(fault_of(needs + 1, 1, 0));
    g_autofree char *lacks = fault_of(needs, 2, 0);
    assert_non_null(strstr(lacks, " needs "));
    check_rmdir(dir);
}

static void a_directory_is_made_only_in_one_that_is_there(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *lost = g_build_filename(dir, "lost", "cards", NULL);
    const RoomNeed need = { lost, 1, 1 };

    (void) state;
    g_autofree char *fault = fault_of(&need, 1, 0);
    assert_non_null(strstr(fault, "lost/cards is missing, and so is the one above it"));
    check_write(dir, "lost", "a file");
    g_autofree char *file = fault_of(&need, 1, 0);
    assert_non_null(strstr(file, "cannot use the directory"));
    check_rmdir(dir);
}

/* Without this the root disk would be filled while the disk for the copies is at home. */
static void a_disk_of_fstab_that_is_not_mounted_is_no_destination(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *real = realpath(dir, NULL);
    g_autofree char *text = g_strdup_printf("UUID=1 %s/disk ext4 nofail 0 2\n", real);
    g_autofree char *below = g_build_filename(dir, "disk", "cards", NULL);
    g_autofree char *beside = g_build_filename(dir, "disk2", NULL);
    RoomNeed need = { below, 1, 1 };

    (void) state;
    check_write(dir, "fstab", text);
    check_write(dir, "disk/cards/x", "");
    fstab = g_build_filename(dir, "fstab", NULL);
    g_autofree char *fault = fault_of(&need, 1, 0);
    g_autofree char *expected = g_strdup_printf("%s/disk is not mounted", real);
    assert_string_equal(fault, expected);
    need.destination = beside;
    assert_null(fault_of(&need, 1, 0));
    g_clear_pointer(&fstab, g_free);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_to_be_copied_has_to_fit_with_min_free),
        cmocka_unit_test(two_destinations_on_one_file_system_need_room_for_both),
        cmocka_unit_test(a_directory_is_made_only_in_one_that_is_there),
        cmocka_unit_test(a_disk_of_fstab_that_is_not_mounted_is_no_destination),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
