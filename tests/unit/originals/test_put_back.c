/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way back from done/, failed/ and the trash: that very file, to a free name, or nothing. */
#include <sys/mount.h>

#include "daemon/originals/put_back.h"
#include "tests/unit/originals/bench.h"

static Belonging belonging_of(const Bench *bench, const char *path, const FileId *id)
{
    return (Belonging){ .root = bench->dir, .path = path, .file = id };
}

/* Puts back what was finished or failed; the error, or NULL. */
static Error *put_back(const Bench *bench, const char *path, const FileId *id, unsigned kinds)
{
    Belonging it = belonging_of(bench, path, id);
    Error *error = NULL;
    FileId there = { 0 };
    g_auto(Spot) spot = { 0 };

    bool ok = put_back_find(&it, kinds, &spot, &error) && put_back_check(&it, &spot, &error) &&
              put_back_move(&it, &spot, &there, &error);
    assert_true(ok == !error);
    if (ok)
        put_back_clean(&it, &spot);
    assert_true(!ok || fileid_same(&there, id));
    return error;
}

static FileId finished(Bench *bench, const char *name)
{
    check_write(bench->dir, name, "picture");
    FileId id = id_of(bench, name);
    assert_true(finish(bench, name));
    return id;
}

static FileId failed(Bench *bench, const char *name)
{
    g_autoptr(Error) why = NULL, error = NULL;
    bool gone = false;

    error_set(&why, ERROR_PICTURE, NULL, "the JPEG is incomplete");
    check_write(bench->dir, name, "picture");
    FileId id = id_of(bench, name);
    Original original = original_of(bench, name, &id);
    assert_ok(originals_move_failed(&original, 1, why, &gone, &error), error);
    return id;
}

static void rename_in(const Bench *bench, const char *from, const char *to)
{
    g_autofree char *old = g_build_filename(bench->dir, from, NULL);
    g_autofree char *new = g_build_filename(bench->dir, to, NULL);

    assert_int_equal(rename(old, new), 0);
}

static void a_renamed_original_comes_back_to_its_own_name(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    g_auto(Spot) spot = { 0 };
    bool gone = false;

    check_write(bench->dir, "trip/beach.jpg", "picture");
    FileId id = id_of(bench, "trip/beach.jpg");
    Original original = original_of(bench, "trip/beach.jpg", &id);
    original.new_name = "new.jpg";
    assert_ok(originals_move_finished(&original, &gone, &error), error);
    const Belonging it = { bench->dir, "trip/beach.jpg", &id, "new.jpg" };
    assert_ok(put_back_find(&it, SPOTS_ENDED, &spot, &error), error);
    assert_string_equal(spot.path, "done/trip/new.jpg");
    assert_ok(put_back_check(&it, &spot, &error), error);
    assert_ok(put_back_move(&it, &spot, NULL, &error), error);
    assert_text(bench, "trip/beach.jpg", "picture");
    assert_ok(put_back_revert(&it, &spot, &error), error);
    assert_text(bench, "done/trip/new.jpg", "picture");
}

static void an_original_comes_back_from_done_into_its_sub_folder(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "a/b/beach.jpg");
    g_autofree char *a = g_build_filename(bench->dir, "a", NULL);

    check_rmdir(g_steal_pointer(&a));
    assert_null(put_back(bench, "a/b/beach.jpg", &id, SPOTS_ENDED));
    assert_text(bench, "a/b/beach.jpg", "picture");
    assert_false(check_exists(bench->dir, "done/a/b/beach.jpg"));
}

static void of_several_with_one_name_its_own_comes_back(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "done/beach.jpg", "of somebody else");
    FileId second = finished(bench, "beach.jpg"), third = finished(bench, "beach.jpg");
    assert_true(check_exists(bench->dir, "done/beach-2.jpg"));
    assert_null(put_back(bench, "beach.jpg", &second, SPOTS_ENDED));
    assert_false(check_exists(bench->dir, "done/beach-1.jpg"));
    rename_in(bench, "beach.jpg", "kept.jpg");
    assert_null(put_back(bench, "beach.jpg", &third, SPOTS_ENDED)); /* over the gap */
    assert_text(bench, "done/beach.jpg", "of somebody else");
}

static void one_that_a_person_renamed_in_done_is_found(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg");

    rename_in(bench, "done/beach.jpg", "done/best of all.jpg");
    assert_null(put_back(bench, "beach.jpg", &id, SPOTS_ENDED));
    assert_text(bench, "beach.jpg", "picture");
}

static void one_that_lies_in_its_place_is_left_there(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    assert_null(put_back(bench, "beach.jpg", &id, SPOTS_ENDED));
    assert_text(bench, "beach.jpg", "picture");
}

static void a_second_call_finds_it_in_its_place(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg"), there = { 0 };
    Belonging it = belonging_of(bench, "beach.jpg", &id);
    g_auto(Spot) spot = { 0 };
    g_autoptr(Error) error = NULL;

    assert_ok(put_back_find(&it, SPOTS_ENDED, &spot, &error), error);
    assert_string_equal(spot.path, "done/beach.jpg");
    assert_ok(put_back_move(&it, &spot, NULL, &error), error);
    assert_ok(put_back_move(&it, &spot, &there, &error), error);
    assert_true(fileid_same(&there, &id));
    assert_ok(put_back_revert(&it, &spot, &error), error);
    assert_ok(put_back_revert(&it, &spot, &error), error);
    assert_text(bench, "done/beach.jpg", "picture");
    assert_false(check_exists(bench->dir, "beach.jpg"));
}

/* Both names of one file, as a rename may leave them that the power cut off. */
static void a_rename_that_was_cut_off_is_finished(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg");
    Belonging it = belonging_of(bench, "beach.jpg", &id);
    Spot spot = { SPOT_DONE, (char *) (uintptr_t) "done/beach.jpg" };
    g_autofree char *from = g_build_filename(bench->dir, "done/beach.jpg", NULL);
    g_autofree char *to = g_build_filename(bench->dir, "beach.jpg", NULL);
    g_autoptr(Error) error = NULL;

    assert_int_equal(link(from, to), 0);
    assert_ok(put_back_move(&it, &spot, NULL, &error), error);
    assert_text(bench, "beach.jpg", "picture");
    assert_false(check_exists(bench->dir, "done/beach.jpg"));
}

static void a_failed_one_comes_back_without_its_report(void **state)
{
    Bench *bench = *state;
    FileId id = failed(bench, "sub/be\nach.jpg"), other = failed(bench, "sub/tree.jpg");

    assert_null(put_back(bench, "sub/be\nach.jpg", &id, SPOT_BIT(SPOT_FAILED)));
    assert_text(bench, "sub/be\nach.jpg", "picture");
    assert_false(check_exists(bench->dir, "failed/sub/be\nach.jpg.txt"));
    assert_true(check_exists(bench->dir, "failed/sub/tree.jpg.txt"));
    check_write(bench->dir, "failed/sub/tree.jpg.txt", "notes of a person");
    assert_null(put_back(bench, "sub/tree.jpg", &other, SPOT_BIT(SPOT_FAILED)));
    assert_text(bench, "failed/sub/tree.jpg.txt", "notes of a person");
}

static void one_comes_back_from_trash_in_the_folder(void **state)
{
    Bench *bench = *state;
    FileId id = { 0 };

    check_write(bench->dir, "beach.jpg", "picture");
    id = id_of(bench, "beach.jpg");
    g_autofree char *trash = g_build_filename(bench->dir, "trash", NULL);
    assert_int_equal(mkdir(trash, 0755), 0);
    rename_in(bench, "beach.jpg", "trash/beach.jpg");
    assert_null(put_back(bench, "beach.jpg", &id, SPOTS_ENDED));
    assert_text(bench, "beach.jpg", "picture");
}

static void need_mount(const char *dir)
{
    if (geteuid() != 0 || mount("tmpfs", dir, "tmpfs", 0, NULL) < 0)
        skip(); /* a disk of our own needs root */
}

static void one_comes_back_from_the_trash_of_the_mount_without_its_information(void **state)
{
    Bench *bench = *state;
    g_autofree char *trash = g_strdup_printf(".Trash-%u", getuid());
    g_autofree char *info = g_build_filename(bench->dir, trash, "info", NULL);
    g_autofree char *stem = g_strnfill(251, 'x'), *name = g_strconcat(stem, ".jpg", NULL);

    need_mount(bench->dir);
    bench->folder.originals = ORIGINALS_TRASH;
    FileId first = finished(bench, "beach.jpg"), second = finished(bench, "beach.jpg");
    check_write(bench->dir, "short", "picture");
    rename_in(bench, "short", name);
    FileId longest = id_of(bench, name); /* shortened in the trash */
    bool moved = finish(bench, name);
    int before = check_entries(info);
    g_autoptr(Error) one = put_back(bench, "beach.jpg", &second, SPOTS_ENDED);
    g_autoptr(Error) two = put_back(bench, name, &longest, SPOTS_ENDED);
    g_autoptr(Error) taken = put_back(bench, "beach.jpg", &first, SPOTS_ENDED);
    int after = check_entries(info);
    umount2(bench->dir, MNT_DETACH);
    assert_true(moved);
    assert_ok(!one, one);
    assert_ok(!two, two);
    assert_non_null(taken);
    assert_int_equal(before, 3);
    assert_int_equal(after, 1);
}

/* What can't come back stays where it is, and the error says why. */

static void no_file_is_moved_over_another_one(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg");

    check_write(bench->dir, "beach.jpg", "a new one");
    g_autoptr(Error) error = put_back(bench, "beach.jpg", &id, SPOTS_ENDED);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "another file has the name '/"));
    assert_non_null(strstr(error->what, "/beach.jpg' now"));
    assert_text(bench, "beach.jpg", "a new one");
    assert_text(bench, "done/beach.jpg", "picture");
}

static void one_that_was_changed_or_removed_is_named(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg");
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);

    check_write(bench->dir, "done/beach.jpg", "edited");
    g_autoptr(Error) changed = put_back(bench, "beach.jpg", &id, SPOTS_ENDED);
    assert_non_null(strstr(changed->what, "/beach.jpg' as it was processed is no longer in done/"));
    assert_text(bench, "done/beach.jpg", "edited");
    check_rmdir(g_steal_pointer(&done));
    g_autoptr(Error) gone = put_back(bench, "beach.jpg", &id, SPOTS_ENDED);
    assert_int_equal(gone->kind, ERROR_CONFIG);
    assert_false(check_exists(bench->dir, "beach.jpg"));
}

static void one_that_a_program_writes_stays(void **state)
{
    Bench *bench = *state;
    FileId id = finished(bench, "beach.jpg");
    g_autofree char *path = g_build_filename(bench->dir, "done/beach.jpg", NULL);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    g_autoptr(Error) error = put_back(bench, "beach.jpg", &id, SPOTS_ENDED);
    close(fd);
    assert_int_equal(error->kind, ERROR_TRANSIENT);
    assert_text(bench, "done/beach.jpg", "picture");
}

static void one_on_another_disk_stays(void **state)
{
    Bench *bench = *state;
    g_autofree char *done = g_build_filename(bench->dir, "done", NULL);

    assert_int_equal(mkdir(done, 0755), 0);
    need_mount(done);
    check_write(bench->dir, "beach.jpg", "picture");
    FileId id = id_of(bench, "beach.jpg");
    g_autofree char *path = g_build_filename(bench->dir, "beach.jpg", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool hashed = fileid_hash(fd, &id);
    close(fd);
    bool moved = finish(bench, "beach.jpg");
    g_autoptr(Error) error = put_back(bench, "beach.jpg", &id, SPOTS_ENDED);
    bool there = check_exists(done, "beach.jpg");
    umount2(done, MNT_DETACH);
    assert_true(hashed && moved && there);
    assert_non_null(strstr(error->what, "/done/beach.jpg' lies on another disk"));
}

/* An output that is taken away. */

static void an_output_goes_to_the_trash_and_comes_back(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    bool gone = false;

    check_write(bench->dir, "trash/web/beach.jpg", "an earlier one");
    need_mount(bench->dir); /* so that no trash of the machine is used */
    check_write(bench->dir, "web/beach.jpg", "output");
    FileId id = id_of(bench, "web/beach.jpg");
    Original output = original_of(bench, "web/beach.jpg", &id);
    output.again = output.rename_only = true;
    bool ok = originals_move_to_trash(&output, &gone, &error);
    bool away = !check_exists(bench->dir, "web/beach.jpg");
    bool again = originals_move_to_trash(&output, &gone, &error);
    g_autoptr(Error) back = put_back(bench, "web/beach.jpg", &id, SPOTS_TRASH);
    g_autofree char *text = check_read(bench->dir, "web/beach.jpg");
    umount2(bench->dir, MNT_DETACH);
    assert_ok(ok && again, error);
    assert_true(gone && away);
    assert_ok(!back, back);
    assert_string_equal(text, "output");
}

/* In a mount that has no trash of ours, on the disk of another mount. */
static void an_output_never_leaves_its_disk(void **state)
{
    Bench *bench = *state;
    g_autofree char *trash = g_build_filename(bench->dir, "trash", NULL);
    g_autofree char *foreign = g_strdup_printf("%s/.Trash-%u", bench->dir, getuid());
    g_autoptr(Error) error = NULL;
    bool gone = false;

    need_mount(bench->dir);
    check_write(bench->dir, "beach.jpg", "output");
    check_write(bench->dir, strrchr(foreign, '/') + 1, "no directory");
    assert_int_equal(mkdir(trash, 0755), 0);
    bool mounted = mount("tmpfs", trash, "tmpfs", 0, NULL) == 0;
    FileId id = id_of(bench, "beach.jpg");
    Original output = original_of(bench, "beach.jpg", &id);
    output.again = output.rename_only = true;
    bool ok = originals_move_to_trash(&output, &gone, &error);
    bool stays = check_exists(bench->dir, "beach.jpg");
    int entries = check_entries(trash);
    umount2(trash, MNT_DETACH);
    umount2(bench->dir, MNT_DETACH);
    assert_true(mounted && !ok && stays && error);
    assert_int_equal(entries, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_renamed_original_comes_back_to_its_own_name),
        TEST(an_original_comes_back_from_done_into_its_sub_folder),
        TEST(of_several_with_one_name_its_own_comes_back),
        TEST(one_that_a_person_renamed_in_done_is_found),
        TEST(one_that_lies_in_its_place_is_left_there),
        TEST(a_second_call_finds_it_in_its_place),
        TEST(a_rename_that_was_cut_off_is_finished),
        TEST(a_failed_one_comes_back_without_its_report),
        TEST(one_comes_back_from_trash_in_the_folder),
        TEST(one_comes_back_from_the_trash_of_the_mount_without_its_information),
        TEST(no_file_is_moved_over_another_one),
        TEST(one_that_was_changed_or_removed_is_named),
        TEST(one_that_a_program_writes_stays),
        TEST(one_on_another_disk_stays),
        TEST(an_output_goes_to_the_trash_and_comes_back),
        TEST(an_output_never_leaves_its_disk),
    };

    return cmocka_run_group_tests_name("put_back", tests, NULL, NULL);
}
