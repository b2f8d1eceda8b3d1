/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An original moves while others use its folder: what has just got its name is not taken for it. */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "daemon/files/dirs.h"
#include "daemon/files/move.h"
#include "tests/unit/check.h"

static const char hidden[] = ".hotfolder-t";

#define SECOND_NS INT64_C(1000000000)
#define STEP_NS   INT64_C(10000000) /* of the dates on exFAT */

typedef struct Bench {
    char *dir;   /* originals lie here */
    char *other; /* dir/other, they go to x/ in it */
    bool mounted;
} Bench;

/* ---- what happens meanwhile ---- */

/* Just before the original is taken from its name for the nth time. */
static struct {
    int nth;
    void (*happens)(const Bench *bench);
    const Bench *bench;
} meanwhile;

static void taken(const char *name)
{
    if (strcmp(name, "beach.jpg") == 0 && meanwhile.nth && --meanwhile.nth == 0)
        meanwhile.happens(meanwhile.bench);
}

/* The library's own give way to these. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    taken(from);
    return (int) syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int unlinkat(int fd, const char *name, int flags)
{
    taken(name);
    return (int) syscall(SYS_unlinkat, fd, name, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void expect(const Bench *bench, int nth, void (*happens)(const Bench *bench))
{
    meanwhile.nth = nth;
    meanwhile.happens = happens;
    meanwhile.bench = bench;
}

static void another_comes(const Bench *bench)
{
    check_write(bench->dir, "beach.jpg", "another picture");
}

static void it_is_removed(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);

    assert_int_equal(unlink(path), 0);
}

/* ---- the bench ---- */

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    bench->other = g_build_filename(bench->dir, "other", NULL);
    assert_int_equal(g_mkdir(bench->other, 0755), 0);
    check_write(bench->dir, "beach.jpg", "picture");
    expect(bench, 0, NULL);
    *state = bench;
    return 0;
}

static int set_up_across(void **state)
{
    Bench *bench = NULL;

    set_up(state);
    bench = *state;
    bench->mounted = geteuid() == 0 && mount("tmpfs", bench->other, "tmpfs", 0, NULL) == 0;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    if (bench->mounted)
        umount2(bench->other, MNT_DETACH);
    check_rmdir(bench->dir);
    g_free(bench->other);
    g_free(bench);
    return 0;
}

static FileId id_of(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    FileId id = fileid_of(&st);
    assert_true(fileid_hash(fd, &id));
    close(fd);
    return id;
}

/* Tries to move beach.jpg, which a program has open for writing. */
static void cannot_move_it(const Bench *bench, const FileId *id, bool again)
{
    g_autoptr(Error) error = NULL;
    int from = dirs_open_root(bench->dir, &error), to = dirs_open_root(bench->other, &error);
    Move move = { from, "beach.jpg", id, to, "x/beach.jpg", hidden, again, false, NULL };
    bool moved = false;

    assert_false(move_file(&move, &moved, NULL, &error));
    assert_int_equal(error->kind, ERROR_TRANSIENT);
    assert_false(moved);
    close(from);
    close(to);
    assert_false(check_exists(bench->dir, hidden));
}

/* Moves beach.jpg to other/x/beach.jpg; whether that one was moved. */
static bool move_it(const Bench *bench, const FileId *id, bool again)
{
    g_autoptr(Error) error = NULL;
    int from = dirs_open_root(bench->dir, &error), to = dirs_open_root(bench->other, &error);
    Move move = { from, "beach.jpg", id, to, "x/beach.jpg", hidden, again, false, NULL };
    bool moved = false;

    assert_ok(move_file(&move, &moved, NULL, &error), error);
    close(from);
    close(to);
    assert_int_equal(meanwhile.nth, 0);
    assert_false(check_exists(bench->dir, hidden));
    return moved;
}

static void assert_text(const char *dir, const char *name, const char *text)
{
    g_autofree char *there = check_read(dir, name);

    assert_non_null(there);
    assert_string_equal(there, text);
}

/* ---- within a file system ---- */

static void what_gets_its_name_in_that_moment_gets_it_back(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    expect(bench, 1, another_comes);
    assert_false(move_it(bench, &id, false));
    assert_text(bench->dir, "beach.jpg", "another picture");
    assert_false(check_exists(bench->other, "x/beach.jpg"));
}

/* ---- across file systems ---- */

static void need_another_file_system(const Bench *bench)
{
    if (!bench->mounted)
        skip(); /* that needs root */
}

static void what_gets_its_name_before_it_is_copied_is_not_copied(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    expect(bench, 1, another_comes);
    assert_false(move_it(bench, &id, false));
    assert_text(bench->dir, "beach.jpg", "another picture");
    assert_false(check_exists(bench->other, "x/beach.jpg"));
}

static void what_gets_its_name_while_it_is_copied_is_not_removed(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    expect(bench, 2, another_comes);
    assert_true(move_it(bench, &id, false));
    assert_text(bench->dir, "beach.jpg", "another picture");
    assert_text(bench->other, "x/beach.jpg", "picture");
}

static void an_original_that_is_removed_while_it_is_copied_is_moved(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    expect(bench, 2, it_is_removed);
    assert_true(move_it(bench, &id, false));
    assert_text(bench->other, "x/beach.jpg", "picture");
}

/* other/x/beach.jpg of the same content, with the date of the original and this more. */
static void have_copy(const Bench *bench, const FileId *id, int64_t later_ns)
{
    g_autofree char *path = g_build_filename(bench->other, "x/beach.jpg", NULL);
    int64_t mtime_ns = id->mtime_ns + later_ns;
    struct timespec date = { mtime_ns / SECOND_NS, mtime_ns % SECOND_NS };

    check_write(bench->other, "x/beach.jpg", "picture");
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){ date, date }, 0), 0);
}

/* What a crash leaves between the two steps by which it is removed. */
static void set_aside(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autofree char *aside = g_build_filename(bench->dir, hidden, NULL);

    assert_int_equal(rename(path, aside), 0);
}

/* Each of the names has an inode of its own there. */
static void an_original_that_has_its_new_name_too_loses_the_old_one(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    have_copy(bench, &id, 0);
    assert_true(move_it(bench, &id, true));
    assert_false(check_exists(bench->dir, "beach.jpg"));
    assert_text(bench->other, "x/beach.jpg", "picture");
    assert_false(check_exists(bench->other, "x/beach-1.jpg"));
}

static void an_original_that_was_set_aside_is_removed_when_its_copy_is_there(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    have_copy(bench, &id, 0);
    set_aside(bench);
    assert_false(move_it(bench, &id, true));
    assert_false(check_exists(bench->dir, "beach.jpg"));
    assert_false(check_exists(bench->other, "x/beach-1.jpg"));
}

/* Of an original whose date no file system rounds, and which was removed: whether an earlier try is
 * found to have made a copy of this date. */
static bool is_copied(const Bench *bench, int64_t later_ns)
{
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    struct timespec date = { 1700000000, 123456789 };
    g_autoptr(Error) error = NULL;
    g_autofree char *found = NULL;
    bool moved = false;

    check_write(bench->dir, "beach.jpg", "picture");
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){ date, date }, 0), 0);
    FileId id = id_of(bench);
    have_copy(bench, &id, later_ns);
    it_is_removed(bench);
    int from = dirs_open_root(bench->dir, &error), to = dirs_open_root(bench->other, &error);
    Move move = { from, "beach.jpg", &id, to, "x/beach.jpg", hidden, true, false, NULL };
    assert_ok(move_file(&move, &moved, &found, &error), error);
    close(from);
    close(to);
    assert_false(moved);
    return found;
}

static void a_copy_has_the_date_of_its_original_or_one_that_its_disk_rounded(void **state)
{
    const Bench *bench = *state;
    const int64_t below_ns = 123456789 % STEP_NS; /* to the step below the date */

    assert_true(is_copied(bench, 0));
    assert_true(is_copied(bench, -below_ns));
    assert_true(is_copied(bench, STEP_NS - below_ns));
    assert_true(is_copied(bench, SECOND_NS - 123456789)); /* FAT, to two seconds */
}

static void an_older_original_of_the_same_content_is_no_copy(void **state)
{
    const Bench *bench = *state;
    const int64_t below_ns = 123456789 % STEP_NS;

    assert_false(is_copied(bench, -1));
    assert_false(is_copied(bench, 1));
    assert_false(is_copied(bench, STEP_NS));
    assert_false(is_copied(bench, -below_ns - 2 * SECOND_NS));
    assert_false(is_copied(bench, STEP_NS - below_ns + 2 * SECOND_NS));
}

static void an_original_that_was_set_aside_is_moved_when_its_copy_is_lost(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    set_aside(bench);
    assert_true(move_it(bench, &id, true));
    assert_false(check_exists(bench->dir, "beach.jpg"));
    assert_text(bench->other, "x/beach.jpg", "picture");
}

/* A file system without a rename that replaces nothing, as sshfs, gets a hard link instead. */
static void an_original_that_was_set_aside_and_kept_its_name_is_moved_and_leaves_none(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autofree char *aside = g_build_filename(bench->dir, hidden, NULL);
    FileId id = id_of(bench);

    need_another_file_system(bench);
    have_copy(bench, &id, 0);
    assert_int_equal(link(path, aside), 0);
    assert_true(move_it(bench, &id, true));
    assert_false(check_exists(bench->dir, "beach.jpg"));
    assert_false(check_exists(bench->other, "x/beach-1.jpg"));
}

static void what_was_set_aside_in_its_place_is_put_beside_what_came_later(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);

    need_another_file_system(bench);
    have_copy(bench, &id, 0);
    check_write(bench->dir, "beach.jpg", "another picture");
    set_aside(bench);
    check_write(bench->dir, "beach.jpg", "a third one");
    assert_false(move_it(bench, &id, true));
    assert_text(bench->dir, "beach.jpg", "a third one");
    assert_text(bench->dir, "beach-1.jpg", "another picture");
}

static void what_is_a_hole_takes_no_room_in_the_copy(void **state)
{
    enum { SIZE = 64 << 20 };
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autofree char *there = g_build_filename(bench->other, "x/beach.jpg", NULL);
    struct stat st;

    need_another_file_system(bench);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    assert_int_equal(pwrite(fd, "middle", 6, SIZE / 2), 6);
    off_t hole = lseek(fd, 1 << 20, SEEK_HOLE);
    close(fd);
    if (hole != 1 << 20)
        skip(); /* this file system reports no holes */
    FileId id = id_of(bench);
    assert_true(move_it(bench, &id, false));
    assert_int_equal(stat(there, &st), 0);
    assert_int_equal(st.st_size, SIZE);
    assert_true(st.st_blocks < 4096);
}

static int open_writer(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    int writer = open(path, O_WRONLY | O_CLOEXEC);

    assert_true(writer >= 0);
    return writer;
}

static void an_original_that_is_open_for_writing_gets_its_name_back(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);
    int writer = open_writer(bench);

    cannot_move_it(bench, &id, false);
    assert_text(bench->dir, "beach.jpg", "picture");
    close(writer);
    assert_true(move_it(bench, &id, true)); /* nothing was written */
    assert_text(bench->other, "x/beach.jpg", "picture");
    assert_false(check_exists(bench->dir, "beach.jpg"));
}

static void what_was_written_into_an_original_during_its_move_stays_as_a_new_file(void **state)
{
    const Bench *bench = *state;
    FileId id = id_of(bench);
    int writer = open_writer(bench);

    cannot_move_it(bench, &id, false);
    assert_int_equal(write(writer, "another picture", 15), 15);
    close(writer);
    assert_false(move_it(bench, &id, true));
    assert_text(bench->dir, "beach.jpg", "another picture");
}

int main(void)
{
#define TEST(name)   cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define ACROSS(name) cmocka_unit_test_setup_teardown(name, set_up_across, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_gets_its_name_in_that_moment_gets_it_back),
        TEST(an_original_that_is_open_for_writing_gets_its_name_back),
        ACROSS(an_original_that_is_open_for_writing_gets_its_name_back),
        TEST(what_was_written_into_an_original_during_its_move_stays_as_a_new_file),
        TEST(a_copy_has_the_date_of_its_original_or_one_that_its_disk_rounded),
        TEST(an_older_original_of_the_same_content_is_no_copy),
        ACROSS(what_was_written_into_an_original_during_its_move_stays_as_a_new_file),
        ACROSS(what_gets_its_name_before_it_is_copied_is_not_copied),
        ACROSS(what_gets_its_name_while_it_is_copied_is_not_removed),
        ACROSS(an_original_that_is_removed_while_it_is_copied_is_moved),
        TEST(an_original_that_has_its_new_name_too_loses_the_old_one),
        ACROSS(an_original_that_was_set_aside_and_kept_its_name_is_moved_and_leaves_none),
        ACROSS(an_original_that_was_set_aside_is_removed_when_its_copy_is_there),
        ACROSS(an_original_that_was_set_aside_is_moved_when_its_copy_is_lost),
        ACROSS(what_was_set_aside_in_its_place_is_put_beside_what_came_later),
        ACROSS(what_is_a_hole_takes_no_room_in_the_copy),
    };

    return cmocka_run_group_tests_name("move", tests, NULL, NULL);
}
