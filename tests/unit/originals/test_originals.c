/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where originals go: moved whole, over nothing, with the reason beside them when they failed. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#include "daemon/files/dirs.h"
#include "daemon/files/filename.h"
#include "daemon/files/move.h"
#include "tests/unit/originals/bench.h"

static FileId hashed_id_of(Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->dir, name, NULL);
    FileId id = id_of(bench, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0 && fileid_hash(fd, &id));
    close(fd);
    return id;
}

static void a_finished_original_moves_to_done_with_its_sub_folders(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "a/b/beach.jpg", "picture");
    assert_true(finish(bench, "a/b/beach.jpg"));
    assert_false(bench->missing);
    assert_text(bench, "done/a/b/beach.jpg", "picture");
    assert_false(check_exists(bench->dir, "a/b/beach.jpg"));
}

static void a_name_that_is_taken_in_done_gets_a_number(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "done/beach.jpg", "earlier");
    check_write(bench->dir, "beach.jpg", "later");
    finish(bench, "beach.jpg");
    assert_text(bench, "done/beach.jpg", "earlier");
    assert_text(bench, "done/beach-1.jpg", "later");
}

static void a_kept_original_is_not_touched(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    check_write(bench->dir, "beach.jpg", "picture");
    assert_false(finish(bench, "beach.jpg"));
    assert_text(bench, "beach.jpg", "picture");
}

static void a_move_to_done_that_the_power_cut_off_is_ended(void **state)
{
    Bench *bench = *state;

    assert_true(ends_as_one(bench, "done/beach.jpg", "done/beach-1.jpg"));
    assert_text(bench, "done/beach.jpg", "picture");
}

static void an_original_that_was_replaced_meanwhile_is_left_alone(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    bool gone = false;

    check_write(bench->dir, "beach.jpg", "old");
    FileId old = id_of(bench, "beach.jpg");
    check_write(bench->dir, "beach.jpg", "new one");
    Original original = original_of(bench, "beach.jpg", &old);
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    assert_true(gone);
    assert_true(bench->missing);
    assert_text(bench, "beach.jpg", "new one");
}

static void an_original_gets_its_new_name_in_done_only(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, NULL, "the JPEG is incomplete");
    check_write(bench->dir, "done/x/new.jpg", "other");
    check_write(bench->dir, "x/beach.jpg", "picture");
    FileId id = id_of(bench, "x/beach.jpg");
    Original original = original_of(bench, "x/beach.jpg", &id);
    original.new_name = "new.jpg";
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    assert_text(bench, "done/x/new.jpg", "other");
    assert_text(bench, "done/x/new-1.jpg", "picture");
    int fd = originals_open_finished(&bench->folder, "x/beach.jpg", "new.jpg", &id);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(originals_open_finished(&bench->folder, "x/beach.jpg", NULL, &id), -1);
    original.again = true; /* as after a crash: it is there */
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    assert_true(gone && !bench->missing);

    check_write(bench->dir, "bad.jpg", "picture");
    FileId bad = id_of(bench, "bad.jpg");
    Original failing = original_of(bench, "bad.jpg", &bad);
    failing.new_name = "new.jpg";
    assert_ok(originals_move_failed(&failing, 1, why, &gone, &error), error);
    assert_text(bench, "failed/bad.jpg", "picture");
}

static void an_original_that_is_gone_already_is_no_error(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    FileId id = { .size = 1 };
    bool gone = false;

    Original original = original_of(bench, "x/y.jpg", &id);
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    assert_true(gone);
    assert_true(bench->missing);
}

static void a_failed_original_has_its_reason_beside_it(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, "send it again", "the JPEG is incomplete");
    error_set_where(&why, "web.conf:5 (scale)");
    check_write(bench->dir, "sub/be\nach.jpg", "picture");
    FileId id = id_of(bench, "sub/be\nach.jpg");
    Original original = original_of(bench, "sub/be\nach.jpg", &id);
    assert_ok(originals_move_failed(&original, 3, why, &gone, &error), error);
    assert_true(gone);
    assert_text(bench, "failed/sub/be\nach.jpg", "picture");
    g_autofree char *report = check_read(bench->dir, "failed/sub/be\nach.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "error:    the JPEG is incomplete\n"));
    assert_non_null(strstr(report, "where:    web.conf:5 (scale)\n"));
    assert_non_null(strstr(report, "fix:      send it again\n"));
    assert_non_null(strstr(report, "attempts: 3\n"));
    assert_null(strstr(report, "be\nach")); /* shown escaped */
}

/* What another user put into failed/ or into the trash before us. */

static void fail_it(Bench *bench, const char *name)
{
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, "send it again", "the JPEG is incomplete");
    check_write(bench->dir, name, "picture");
    FileId id = id_of(bench, name);
    Original original = original_of(bench, name, &id);
    assert_ok(originals_move_failed(&original, 1, why, &gone, &error), error);
    assert_true(gone);
}

static void a_reason_takes_the_place_of_a_reason_and_of_nothing_else(void **state)
{
    Bench *bench = *state;

    fail_it(bench, "x.txt"); /* a picture, for all its name says */
    fail_it(bench, "x");
    assert_text(bench, "failed/x.txt", "picture");
    g_autofree char *reason = check_read(bench->dir, "failed/x-1.txt");
    assert_non_null(reason);
    assert_non_null(strstr(reason, "picture:  x\n"));
    g_autofree char *failed = g_build_filename(bench->dir, "failed/x", NULL);
    assert_int_equal(unlink(failed), 0);
    fail_it(bench, "x");
    assert_false(check_exists(bench->dir, "failed/x-2.txt"));
}

static void a_pipe_under_the_hidden_name_blocks_nothing(void **state)
{
    Bench *bench = *state;
    const Original any = original_of(bench, "beach.jpg", NULL);
    g_autofree char *failed = g_build_filename(bench->dir, "failed", NULL);
    g_autofree char *pipe = g_build_filename(failed, any.temp, NULL);

    assert_int_equal(mkdir(failed, 0777) | mkfifo(pipe, 0666), 0);
    fail_it(bench, "beach.jpg");
    assert_true(check_exists(bench->dir, "failed/beach.jpg.txt"));
}

static void need_other_users(void)
{
    if (geteuid() != 0)
        skip(); /* only root can give away what it makes */
}

/* Tries to move beach.jpg to done/, which belongs to another user; what is wrong with that, or
 * NULL. */
static Error *tried_with_a_done_of(Bench *bench, mode_t mode, uid_t folder, uid_t done)
{
    g_autofree char *path = g_build_filename(bench->dir, "done", NULL);
    Error *error = NULL;
    bool gone = false;

    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    Original original = original_of(bench, "beach.jpg", &id);
    g_mkdir(path, 0777);
    assert_int_equal(chown(bench->dir, folder, 0) | chmod(bench->dir, mode), 0);
    assert_int_equal(chown(path, done, 0), 0);
    bool ok = originals_move_finished(&original, &gone, &error);
    assert_true(ok == !error);
    assert_int_equal(check_exists(bench->dir, "beach.jpg"), !ok);
    return error;
}

static void a_done_that_a_stranger_made_gets_no_original(void **state)
{
    Bench *bench = *state;

    need_other_users();
    g_autoptr(Error) sticky = tried_with_a_done_of(bench, 01777, 0, 2);
    g_autoptr(Error) member = tried_with_a_done_of(bench, 02770, 1, 2);
    assert_int_equal(sticky->kind, ERROR_CONFIG);
    assert_int_equal(member->kind, ERROR_CONFIG);
    assert_non_null(strstr(sticky->what, "/done' belongs to another user"));
    assert_null(tried_with_a_done_of(bench, 0755, 1, 2)); /* only the owner can have made it so */
    assert_null(tried_with_a_done_of(bench, 01777, 1, 1));
    assert_null(tried_with_a_done_of(bench, 01777, 1, 0));
}

static void a_failed_that_a_stranger_made_gets_no_original(void **state)
{
    Bench *bench = *state;
    g_autofree char *failed = g_build_filename(bench->dir, "failed", NULL);
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = true;

    need_other_users();
    error_set(&why, ERROR_PICTURE, "send it again", "the JPEG is incomplete");
    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    Original original = original_of(bench, "beach.jpg", &id);
    assert_int_equal(chmod(bench->dir, 01777) | mkdir(failed, 0777) | chown(failed, 1, 1), 0);
    assert_false(originals_move_failed(&original, 1, why, &gone, &error));
    assert_false(gone);
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_int_equal(check_entries(failed), 0);
    assert_text(bench, "beach.jpg", "picture");
}

static void a_directory_below_them_that_a_stranger_made_gets_no_original(void **state)
{
    Bench *bench = *state;
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);
    g_autofree char *trip = g_build_filename(done, "trip", NULL);
    g_autofree char *failed = g_build_filename(bench->dir, "failed", NULL);
    g_autofree char *deep = g_build_filename(failed, "trip", NULL);
    g_autoptr(Error) why = NULL, error = NULL, too = NULL;
    bool gone = true;

    need_other_users();
    error_set(&why, ERROR_PICTURE, "send it again", "the JPEG is incomplete");
    check_write(bench->dir, "trip/day/beach.jpg", "picture");
    assert_int_equal(chmod(bench->dir, 01777) | mkdir(done, 0777) | chmod(done, 01777), 0);
    assert_int_equal(mkdir(trip, 0777) | chown(trip, 2, 2), 0);
    assert_int_equal(mkdir(failed, 0777) | chmod(failed, 01777), 0);
    assert_int_equal(mkdir(deep, 0777) | chown(deep, 2, 2), 0);
    FileId id = id_of(bench, "trip/day/beach.jpg");
    Original original = original_of(bench, "trip/day/beach.jpg", &id);
    assert_false(originals_move_finished(&original, &gone, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_true(strstr(error->what, trip) && strstr(error->what, "' belongs to another user"));
    assert_non_null(strstr(error->fix, trip));
    assert_false(originals_move_failed(&original, 1, why, &gone, &too));
    assert_true(strstr(too->what, deep) && strstr(too->what, "' belongs to another user"));
    assert_int_equal(check_entries(trip) | check_entries(deep), 0);
    assert_text(bench, "trip/day/beach.jpg", "picture");
    assert_int_equal(chown(trip, 0, 0), 0);
    assert_true(finish(bench, "trip/day/beach.jpg"));
    assert_text(bench, "done/trip/day/beach.jpg", "picture");
}

/* A user who may remove entries of done/ may do so whatever owner a directory in it has. */
static void a_directory_below_a_shared_done_may_have_any_owner(void **state)
{
    Bench *bench = *state;
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);
    g_autofree char *trip = g_build_filename(done, "trip", NULL);

    need_other_users();
    assert_int_equal(chmod(bench->dir, 02770) | mkdir(done, 0777) | chmod(done, 02770), 0);
    assert_int_equal(mkdir(trip, 0777) | chown(trip, 2, 2), 0);
    check_write(bench->dir, "trip/beach.jpg", "picture");
    assert_true(finish(bench, "trip/beach.jpg"));
    assert_text(bench, "done/trip/beach.jpg", "picture");
}

/* Who may not remove a file of others from the folder may not do so from done/ either. */
static void what_is_made_in_a_sticky_folder_is_sticky(void **state)
{
    Bench *bench = *state;
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);
    g_autofree char *below = g_build_filename(done, "trip", NULL);
    struct stat st;

    assert_int_equal(chmod(bench->dir, 01777), 0);
    check_write(bench->dir, "trip/beach.jpg", "picture");
    assert_true(finish(bench, "trip/beach.jpg"));
    assert_int_equal(stat(done, &st), 0);
    assert_true(st.st_mode & S_ISVTX);
    assert_int_equal(stat(below, &st), 0);
    assert_true(st.st_mode & S_ISVTX);
}

static void
a_directory_that_cannot_be_made_is_the_environments_fault_and_moves_nothing(void **state)
{
    Bench *bench = *state;
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);
    g_autofree char *remedy = g_strdup_printf("remove or rename '%s'; ", done);
    g_autoptr(Error) error = NULL;
    bool gone = false;

    check_write(bench->dir, "done", "a file where the directory should be");
    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    Original original = original_of(bench, "beach.jpg", &id);
    assert_false(originals_move_finished(&original, &gone, &error));
    assert_non_null(strstr(error->what, done));
    assert_true(g_str_has_prefix(error->fix, remedy));
    assert_text(bench, "beach.jpg", "picture");
    assert_text(bench, "done", "a file where the directory should be");
}

/* Moves beach.jpg to other/x/beach.jpg. */
static bool move_over(Bench *bench, const char *other, const FileId *id, bool again, bool *moved,
                      char **placed, Error **err)
{
    int from = dirs_open_root(bench->dir, err), to = dirs_open_root(other, err);
    Move move = { from, "beach.jpg", id, to, "x/beach.jpg", ".hotfolder-t", again, false, NULL };
    bool ok = move_file(&move, moved, placed, err);

    close(from);
    close(to);
    return ok;
}

/* What is left when power went after the copy was named, and before the original was removed. */
static void a_copy_that_an_earlier_try_placed_is_not_made_twice(void **state)
{
    Bench *bench = *state;
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);
    g_autofree char *copy = g_build_filename(other, "x/beach.jpg", NULL);
    g_autofree char *placed = NULL, *found = NULL, *numbered = NULL;
    g_autoptr(Error) error = NULL;
    bool moved = false, moved_later = true, moved_again = false;

    assert_int_equal(g_mkdir(other, 0755), 0);
    if (geteuid() != 0 || mount("tmpfs", other, "tmpfs", 0, NULL) < 0)
        skip(); /* a second file system needs root */
    check_write(bench->dir, "beach.jpg", "picture");
    check_write(other, "x/beach.jpg", "picture");
    FileId id = hashed_id_of(bench, "beach.jpg");
    struct timespec date = { id.mtime_ns / 1000000000, id.mtime_ns % 1000000000 };
    struct timespec dates[] = { date, date };
    utimensat(AT_FDCWD, copy, dates, 0);
    bool ok = move_over(bench, other, &id, true, &moved, &placed, &error) &&
              move_over(bench, other, &id, true, &moved_later, &found, &error);
    check_write(bench->dir, "beach.jpg", "picture");
    id = hashed_id_of(bench, "beach.jpg");
    ok = ok && move_over(bench, other, &id, false, &moved_again, &numbered, &error);
    int entries = check_entries(other);
    umount2(other, MNT_DETACH);
    assert_ok(ok, error);
    assert_true(moved);
    assert_string_equal(placed, "x/beach.jpg");
    assert_false(moved_later);
    assert_string_equal(found, "x/beach.jpg"); /* where the earlier try had put it */
    assert_true(moved_again);
    assert_string_equal(numbered, "x/beach-1.jpg"); /* another original of the same content */
    assert_int_equal(entries, 1);
}

/* The original was moved, and then the power went: the text is still owed. */
static void the_reason_of_a_failure_that_was_cut_off_is_still_written(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, NULL, "the JPEG is incomplete");
    check_write(bench->dir, "failed/beach.jpg", "picture");
    FileId id = id_of(bench, "failed/beach.jpg");
    Original original = original_of(bench, "beach.jpg", &id);
    original.again = true;
    assert_ok(originals_move_failed(&original, 1, why, &gone, &error), error);
    assert_true(gone);
    g_autofree char *report = check_read(bench->dir, "failed/beach.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "error:    the JPEG is incomplete\n"));
    assert_false(check_exists(bench->dir, "failed/.hotfolder-t"));
}

static void a_failed_original_of_the_longest_name_has_its_reason_too(void **state)
{
    Bench *bench = *state;
    g_autofree char *many = g_strnfill(251, 'x'), *name = g_strconcat(many, ".jpg", NULL);
    g_autofree char *report = g_strconcat("failed/", many, ".txt", NULL);
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, NULL, "the JPEG is incomplete");
    g_autofree char *path = g_build_filename(bench->dir, name, NULL);
    g_autofree char *short_path = g_build_filename(bench->dir, "short", NULL);
    check_write(bench->dir, "short", "picture");
    assert_int_equal(rename(short_path, path), 0);
    FileId id = id_of(bench, name);
    Original original = original_of(bench, name, &id);
    assert_ok(originals_move_failed(&original, 1, why, &gone, &error), error);
    assert_true(check_exists(bench->dir, report));
}

static void across_file_systems_it_is_copied_whole_with_what_belongs_to_it(void **state)
{
    Bench *bench = *state;
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autofree char *there = g_build_filename(other, "x/beach.jpg", NULL);
    g_autofree char *placed = NULL;
    g_autoptr(Error) error = NULL;
    struct timespec times[] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000001, .tv_nsec = 5 } };
    bool moved = false;
    struct stat st;

    assert_int_equal(g_mkdir(other, 0755), 0);
    if (geteuid() != 0 || mount("tmpfs", other, "tmpfs", 0, NULL) < 0)
        skip(); /* a second file system needs root */
    check_write(bench->dir, "beach.jpg", "picture");
    assert_int_equal(chmod(path, 06640), 0); /* it must not become a program that runs as us */
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    bool attributes = setxattr(path, "user.rating", "5", 1, 0) == 0;
    FileId id = id_of(bench, "beach.jpg");
    bool ok = move_over(bench, other, &id, false, &moved, &placed, &error);
    g_autofree char *text = check_read(other, "x/beach.jpg");
    int known = stat(there, &st);
    char rating[8] = "";
    ssize_t rated = getxattr(there, "user.rating", rating, sizeof(rating));
    int entries = check_entries(other);
    umount2(other, MNT_DETACH);
    assert_ok(ok, error);
    assert_true(moved);
    assert_string_equal(placed, "x/beach.jpg");
    assert_string_equal(text, "picture");
    assert_int_equal(known, 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(st.st_mtim.tv_sec, 1000000001);
    assert_false(check_exists(bench->dir, "beach.jpg"));
    assert_int_equal(entries, 1);
    assert_true(!attributes || rated < 0 || rating[0] == '5');
}

static void numbers_go_before_the_extension_and_long_names_stay_in_bounds(void **state)
{
    g_autofree char *zero = filename_numbered("beach.jpg", 0),
                    *two = filename_numbered("beach.jpg", 2);
    g_autofree char *bare = filename_numbered("beach", 3), *dot = filename_numbered(".jpg", 1);
    g_autofree char *many = g_strnfill(251, 'x');
    g_autofree char *name = g_strconcat(many, ".jpg", NULL);
    g_autofree char *longest = filename_numbered(name, 12);

    (void) state;
    assert_string_equal(zero, "beach.jpg");
    assert_string_equal(two, "beach-2.jpg");
    assert_string_equal(bare, "beach-3");
    assert_string_equal(dot, ".jpg-1");
    assert_int_equal(strlen(longest), 255);
    assert_true(g_str_has_suffix(longest, "x-12.jpg"));
}

static void a_name_is_never_cut_inside_of_a_character(void **state)
{
    (void) state;
    for (size_t before = 240; before < 256; before++) {
        g_autofree char *filled = g_strnfill(before, 'x');
        g_autofree char *name = g_strconcat(filled, "\xc3\xa4\xe5\x86\x99\xf0\x9f\x93\xb7", NULL);
        g_autofree char *tailed = filename_with_tail(name, strlen(name), ".txt");

        assert_true(strlen(tailed) <= 255 && strlen(tailed) >= MIN(strlen(name) + 4, 252));
        assert_true(g_str_has_suffix(tailed, ".txt"));
        assert_true(g_utf8_validate(tailed, -1, NULL));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_finished_original_moves_to_done_with_its_sub_folders),
        TEST(a_name_that_is_taken_in_done_gets_a_number),
        TEST(a_kept_original_is_not_touched),
        TEST(a_reason_takes_the_place_of_a_reason_and_of_nothing_else),
        TEST(a_pipe_under_the_hidden_name_blocks_nothing),
        TEST(a_done_that_a_stranger_made_gets_no_original),
        TEST(a_failed_that_a_stranger_made_gets_no_original),
        TEST(a_directory_below_them_that_a_stranger_made_gets_no_original),
        TEST(a_directory_below_a_shared_done_may_have_any_owner),
        TEST(what_is_made_in_a_sticky_folder_is_sticky),
        TEST(a_move_to_done_that_the_power_cut_off_is_ended),
        TEST(an_original_that_was_replaced_meanwhile_is_left_alone),
        TEST(an_original_gets_its_new_name_in_done_only),
        TEST(an_original_that_is_gone_already_is_no_error),
        TEST(a_failed_original_has_its_reason_beside_it),
        TEST(a_directory_that_cannot_be_made_is_the_environments_fault_and_moves_nothing),
        TEST(the_reason_of_a_failure_that_was_cut_off_is_still_written),
        TEST(a_failed_original_of_the_longest_name_has_its_reason_too),
        TEST(a_copy_that_an_earlier_try_placed_is_not_made_twice),
        TEST(across_file_systems_it_is_copied_whole_with_what_belongs_to_it),
        TEST(numbers_go_before_the_extension_and_long_names_stay_in_bounds),
        TEST(a_name_is_never_cut_inside_of_a_character),
    };

    return cmocka_run_group_tests_name("originals", tests, NULL, NULL);
}
