/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trash of a mount: whole, with its information, and in no trash of another user. */
#include <sys/mount.h>

#include "daemon/files/filename.h"
#include "tests/unit/originals/bench.h"

/* The folder is a mount of its own, and what is finished goes to its trash. */
static void need_trash(Bench *bench)
{
    bench->folder.originals = ORIGINALS_TRASH;
    if (geteuid() != 0 || mount("tmpfs", bench->dir, "tmpfs", 0, NULL) < 0)
        skip(); /* the trash of a mount of our own needs root */
}

static void a_trashed_original_is_in_a_trash_with_its_old_place(void **state)
{
    Bench *bench = *state;

    need_trash(bench);
    check_write(bench->dir, "sub/be ach.jpg", "picture");
    assert_true(finish(bench, "sub/be ach.jpg"));
    g_autofree char *files = g_strdup_printf(".Trash-%u/files/be ach.jpg", getuid());
    g_autofree char *info = g_strdup_printf(".Trash-%u/info/be ach.jpg.trashinfo", getuid());
    g_autofree char *text = check_read(bench->dir, info);
    bool there = check_exists(bench->dir, files);
    umount2(bench->dir, MNT_DETACH);
    assert_true(there);
    assert_non_null(text);
    assert_non_null(strstr(text, "Path=sub/be%20ach.jpg\n"));
}

static void the_longest_name_is_shortened_for_its_information(void **state)
{
    Bench *bench = *state;
    g_autofree char *stem = g_strnfill(251, 'x'), *name = g_strconcat(stem, ".jpg", NULL);
    g_autofree char *files =
        g_strdup_printf(".Trash-%u/files/%.241s.jpg", getuid(), stem); /* 245 bytes */
    g_autofree char *info = g_strdup_printf(".Trash-%u/info/%.241s.jpg.trashinfo", getuid(), stem);

    g_autofree char *short_path = g_build_filename(bench->dir, "short.jpg", NULL);
    g_autofree char *path = g_build_filename(bench->dir, name, NULL);

    need_trash(bench);
    check_write(bench->dir, "short.jpg", "picture");
    assert_int_equal(rename(short_path, path), 0);
    assert_true(finish(bench, name));
    g_autofree char *text = check_read(bench->dir, info);
    bool there = check_exists(bench->dir, files);
    umount2(bench->dir, MNT_DETACH);
    assert_true(there);
    assert_non_null(text);
    assert_non_null(strstr(text, name)); /* its old place, whole */
}

static void a_move_to_the_trash_that_the_power_cut_off_is_ended(void **state)
{
    Bench *bench = *state;
    g_autofree char *to = g_strdup_printf(".Trash-%u/files/beach.jpg", getuid());
    g_autofree char *never = g_strdup_printf(".Trash-%u/files/beach-1.jpg", getuid());

    need_trash(bench);
    bool one = ends_as_one(bench, to, never);
    umount2(bench->dir, MNT_DETACH);
    assert_true(one);
}

/* It was moved, and its information was lost with the power, or is another one's. */
static void what_is_in_the_trash_has_its_information(void **state)
{
    Bench *bench = *state;
    g_autofree char *trash = g_strdup_printf(".Trash-%u", getuid());
    g_autofree char *placed = g_build_filename(trash, "files/beach.jpg", NULL);
    g_autofree char *info = g_build_filename(trash, "info/beach.jpg.trashinfo", NULL);
    g_autofree char *never = g_build_filename(trash, "info/beach-1.jpg.trashinfo", NULL);
    g_autofree char *later = g_build_filename(trash, "files/tree-1.jpg", NULL);
    g_autofree char *its = g_build_filename(trash, "info/tree-1.jpg.trashinfo", NULL);
    g_autofree char *orphan = g_build_filename(trash, "files/tree.jpg", NULL);
    g_autoptr(Error) error = NULL;
    bool gone = false;

    need_trash(bench);
    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    bool ok = finish(bench, "beach.jpg");
    g_autofree char *lost = g_build_filename(bench->dir, info, NULL);
    unlink(lost);
    Original original = original_of(bench, "beach.jpg", &id);
    original.again = true;
    ok = ok && originals_move_finished(&original, &gone, &error) &&
         check_exists(bench->dir, info) &&
         originals_move_finished(&original, &gone, &error); /* and cut off once more */
    bool once = check_exists(bench->dir, placed) && check_exists(bench->dir, info) &&
                !check_exists(bench->dir, never);
    check_write(bench->dir, orphan, "somebody else's, who left no information");
    check_write(bench->dir, "tree.jpg", "picture");
    ok = ok && finish(bench, "tree.jpg");
    bool own = check_exists(bench->dir, later) && check_exists(bench->dir, its);
    umount2(bench->dir, MNT_DETACH);
    assert_ok(ok, error);
    assert_true(once);
    assert_true(own);
}

static void a_trash_that_others_made_is_not_used(void **state)
{
    Bench *bench = *state;
    g_autofree char *own = g_strdup_printf("%s/.Trash-%u", bench->dir, getuid());
    g_autofree char *files = g_build_filename(own, "files", NULL);
    g_autoptr(Error) error = NULL;
    bool gone = false;

    need_trash(bench);
    char *away = check_mkdir();
    for (int way = 0; way < 3; way++) {
        if (way == 0)
            assert_int_equal(symlink(away, own), 0);
        else if (way == 1)
            assert_int_equal(unlink(own) | mkdir(own, 0700) | symlink(away, files), 0);
        else
            assert_int_equal(unlink(files) | chown(own, 1, 1), 0);
        check_write(bench->dir, "beach.jpg", "picture");
        FileId id = id_of(bench, "beach.jpg");
        Original original = original_of(bench, "beach.jpg", &id);
        assert_ok(originals_move_finished(&original, &gone, &error), error);
        assert_int_equal(check_entries(away), 0);
        g_autofree char *placed = filename_numbered("trash/beach.jpg", (unsigned) way);
        assert_text(bench, placed, "picture");
    }
    umount2(bench->dir, MNT_DETACH);
    check_rmdir(away);
}

static void a_shared_trash_that_a_stranger_made_is_not_used(void **state)
{
    Bench *bench = *state;
    g_autofree char *shared = g_build_filename(bench->dir, ".Trash", NULL);
    g_autofree char *own = g_strdup_printf(".Trash-%u/files/beach.jpg", getuid());

    need_trash(bench);
    bool made = mkdir(shared, 0777) == 0 && chmod(shared, 01777) == 0 && chown(shared, 1, 1) == 0;
    check_write(bench->dir, "beach.jpg", "picture");
    bool gone = finish(bench, "beach.jpg"), there = check_exists(bench->dir, own);
    umount2(bench->dir, MNT_DETACH);
    assert_true(made && gone && there);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_trashed_original_is_in_a_trash_with_its_old_place),
        TEST(the_longest_name_is_shortened_for_its_information),
        TEST(a_move_to_the_trash_that_the_power_cut_off_is_ended),
        TEST(what_is_in_the_trash_has_its_information),
        TEST(a_trash_that_others_made_is_not_used),
        TEST(a_shared_trash_that_a_stranger_made_is_not_used),
    };

    return cmocka_run_group_tests_name("trash", tests, NULL, NULL);
}
