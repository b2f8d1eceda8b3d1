/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fails, in the card or in a destination, is named; all else is copied, whole. */
#include <sys/mount.h>

#include "tests/unit/import/failing.h"

/* ---- the card ---- */

static void a_reading_error_that_goes_away_is_no_error(void **state)
{
    World *world = new_world(2);

    (void) state;
    world_add(world, "a.jpg", 3000000);
    fault.read = "/card/a.jpg";
    fault.read_at = 1500000;
    fault.read_fails = 2;
    world_start(world, &(CopierOptions){ .tries = 3 });
    world_queue_all(world);
    world_check_made(world, 1);
    assert_int_equal(copier_bytes(world->copier), 3000000);
    world_check_whole(world, 1);
    world_free(world);
}

static void a_file_that_cannot_be_read_is_named_and_the_others_are_copied(void **state)
{
    World *world = new_world(2);

    (void) state;
    world_add(world, "DCIM/a.jpg", 100);
    world_add(world, "DCIM/b.jpg", 3000000);
    world_add(world, "DCIM/c.jpg", 100);
    fault.read = "/card/DCIM/b.jpg";
    fault.read_at = 1500000;
    fault.read_fails = 3;
    world_start(world, &(CopierOptions){ .tries = 3 });
    world_queue_all(world);
    for (unsigned i = 0; i < 3; i++) {
        CopyResult *result = world_next(world);
        if (strstr(result->job.file->path, "b.jpg")) {
            assert_false(result->was_read || result->card_is_gone);
            assert_non_null(strstr(result->error->what, "'DCIM/b.jpg' at byte 1500000: Input"));
            assert_int_equal(result->ends[0], COPY_NOT_ASKED);
        } else {
            assert_int_equal(result->ends[1], COPY_MADE);
        }
        copy_result_free(result);
    }
    world_check_whole(world, 2);
    world_free(world);
}

static World *changing;

static void change_it(void)
{
    g_autofree char *path = g_build_filename(changing->card, "a.jpg", NULL);
    FILE *file = fopen(path, "a");

    fputs("more", file);
    fclose(file);
    fault.before_read = NULL;
}

static void a_file_that_changes_while_it_is_read_is_not_copied(void **state)
{
    World *world = changing = new_world(1);

    (void) state;
    world_add(world, "a.jpg", 3000000);
    fault.before_read = change_it;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    CopyResult *result = world_next(world);
    assert_false(result->was_read);
    assert_non_null(strstr(result->error->what, "'a.jpg' changed while it was read"));
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

static atomic_int reads_left;
static World *pulled;

static void pull_it(void)
{
    if (atomic_fetch_sub(&reads_left, 1) == 1) {
        atomic_store(&pulled->is_gone, true);
        fault.read = "/card/";
    }
}

static void a_card_that_is_pulled_leaves_whole_files(void **state)
{
    World *world = pulled = new_world(2);
    unsigned gone = 0, made = 0;

    (void) state;
    for (unsigned i = 0; i < 40; i++) {
        g_autofree char *path = g_strdup_printf("DCIM/%u.jpg", i);
        world_add(world, path, 300000);
    }
    reads_left = 25;
    fault.read_fails = 1000;
    fault.before_read = pull_it;
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    for (unsigned i = 0; i < 40; i++) {
        CopyResult *result = world_next(world);
        gone += result->card_is_gone;
        made += result->ends[0] == COPY_MADE && result->ends[1] == COPY_MADE;
        assert_true(result->card_is_gone != result->was_read);
        copy_result_free(result);
    }
    assert_true(gone > 0 && made > 0);
    assert_int_equal(gone + made, 40);
    world_check_whole(world, (int) made);
    world_free(world);
}

/* ---- destinations ---- */

static void a_destination_that_fails_is_named_and_the_others_go_on(void **state)
{
    static const int codes[] = { ENOSPC, EDQUOT, EROFS, EIO };

    (void) state;
    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        World *world = new_world(2);
        add_files(world, 3, 100000);
        fault.write = "/to1/";
        fault.write_code = codes[i];
        world_start(world, &(CopierOptions){ 0 });
        world_queue_all(world);
        for (unsigned n = 0; n < 3; n++) {
            CopyResult *result = world_next(world);
            assert_int_equal(result->ends[0], COPY_MADE);
            assert_int_equal(result->ends[1], COPY_FAILED);
            assert_int_equal(result->errors[1]->kind, ERROR_ENVIRONMENT);
            assert_non_null(strstr(result->errors[1]->what, g_strerror(codes[i])));
            assert_non_null(strstr(result->errors[1]->what, result->job.file->path));
            assert_true(world_has(world, result->job.file->path, 0));
            copy_result_free(result);
        }
        fault.write_code = 0;
        world_free(world);
    }
}

static void what_a_file_system_can_never_have_is_no_fault_of_it(void **state)
{
    World *world = new_world(1);

    (void) state;
    add_files(world, 1, 1000);
    fault.write = "/to0/";
    fault.write_code = EFBIG; /* as of FAT */
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    CopyResult *result = world_next(world);
    assert_int_equal(result->errors[0]->kind, ERROR_CONFIG);
    assert_non_null(strstr(result->errors[0]->fix, "files of this size"));
    copy_result_free(result);
    world_free(world);
}

static void a_name_that_is_too_long_is_no_fault_of_a_disk(void **state)
{
    World *world = new_world(1);
    g_autofree char *name = g_strnfill(300, 'a');

    (void) state;
    add_files(world, 1, 1000);
    world_start(world, &(CopierOptions){ 0 });
    copier_add(
        world->copier,
        &(CopyJob){ .file = world->files->pdata[0], .name = g_steal_pointer(&name), .to = 1 });
    CopyResult *result = world_next(world);
    assert_int_equal(result->ends[0], COPY_FAILED);
    assert_int_equal(result->errors[0]->kind, ERROR_CONFIG);
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

static void what_may_not_be_on_disk_gets_no_name(void **state)
{
    World *world = new_world(2);

    (void) state;
    add_files(world, 3, 1000);
    fault.sync = "/to1/DCIM/#"; /* a file without a name */
    world_start(world, &(CopierOptions){ 0 });
    world_queue_all(world);
    for (unsigned n = 0; n < 3; n++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_MADE);
        assert_int_equal(result->ends[1], COPY_FAILED);
        copy_result_free(result);
    }
    world->count = 1;
    world_check_whole(world, 3);
    assert_false(check_exists(world->to[1], "DCIM/000.jpg"));
    world->count = 2;
    world_free(world);
}

static void a_name_that_may_not_be_on_disk_is_taken_away(void **state)
{
    World *world = new_world(1);

    (void) state;
    add_files(world, 2, 1000);
    world_start(world, &(CopierOptions){ 0 });
    fault.sync = "/to0"; /* is made already */
    g_autofree char *dcim = g_build_filename(world->to[0], "DCIM", NULL);
    assert_int_equal(g_mkdir(dcim, 0755), 0);
    fault.sync = "/to0/DCIM";
    world_queue_all(world);
    for (unsigned n = 0; n < 2; n++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[0], COPY_FAILED);
        copy_result_free(result);
    }
    assert_int_equal(check_entries(dcim), 0);
    world_free(world);
}

static void a_file_system_without_unnamed_files_gets_hidden_ones(void **state)
{
    World *world = new_world(1), *other = new_world(1);

    (void) state;
    g_free(other->to[0]);
    other->to[0] = g_strdup(world->to[0]);
    check_write(world->to[0], ".hotfolder-import-1-ab", "of an import that died");
    add_files(world, 20, 10000);
    fault.unnamed_fails = true;
    fault.slow = "/to0/";
    world_start(world, &(CopierOptions){ 0 });
    assert_false(check_exists(world->to[0], ".hotfolder-import-1-ab"));
    world_queue_all(world);
    while (!check_exists(world->to[0], "DCIM") || check_entries(world->to[0]) < 2)
        g_usleep(1000);
    world_start(other, &(CopierOptions){ 0 }); /* leaves what one that is alive is writing */
    release();
    world_check_made(world, 20);
    world_check_whole(world, 20);
    world_free(other);
    world_free(world);
}

static void nothing_goes_to_a_disk_that_is_not_mounted_any_more(void **state)
{
    World *world = new_world(1);

    (void) state;
    assert_int_equal(g_mkdir(world->to[0], 0755), 0);
    if (geteuid() != 0 || mount("tmpfs", world->to[0], "tmpfs", 0, "size=2m") < 0) {
        world_free(world);
        skip();
    }
    add_files(world, 4, 900000);
    world_start(world, &(CopierOptions){ 0 });
    world_queue(world, world->files->pdata[0], 1);
    world_check_made(world, 1);
    world_queue(world, world->files->pdata[1], 1);
    world_queue(world, world->files->pdata[2], 1); /* it is full */
    for (unsigned i = 0; i < 2; i++) {
        CopyResult *result = world_next(world);
        bool fits = result->job.file == world->files->pdata[1];
        assert_int_equal(result->ends[0], fits ? COPY_MADE : COPY_FAILED);
        copy_result_free(result);
    }
    world_check_whole(world, 2);
    assert_int_equal(umount(world->to[0]), 0);
    world_queue(world, world->files->pdata[3], 1);
    CopyResult *result = world_next(world);
    assert_int_equal(result->ends[0], COPY_FAILED);
    assert_non_null(strstr(result->errors[0]->what, "is not mounted there any more"));
    copy_result_free(result);
    world_check_whole(world, 0);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_error_that_goes_away_is_no_error),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named_and_the_others_are_copied),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_not_copied),
        cmocka_unit_test(a_card_that_is_pulled_leaves_whole_files),
        cmocka_unit_test(a_destination_that_fails_is_named_and_the_others_go_on),
        cmocka_unit_test(what_a_file_system_can_never_have_is_no_fault_of_it),
        cmocka_unit_test(a_name_that_is_too_long_is_no_fault_of_a_disk),
        cmocka_unit_test(what_may_not_be_on_disk_gets_no_name),
        cmocka_unit_test(a_name_that_may_not_be_on_disk_is_taken_away),
        cmocka_unit_test(a_file_system_without_unnamed_files_gets_hidden_ones),
        cmocka_unit_test(nothing_goes_to_a_disk_that_is_not_mounted_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
