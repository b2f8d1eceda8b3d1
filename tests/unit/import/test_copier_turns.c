/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A destination that is slow, hangs, or waits for its turn holds up no other one. */
#include "tests/unit/import/failing.h"

/* ---- slow ones ---- */

static int64_t bytes_of(const World *world)
{
    int64_t bytes = 0;

    for (guint i = 0; i < world->files->len; i++)
        bytes += ((CardFile *) world->files->pdata[i])->size;
    return bytes;
}

static CopyResult *next_whole(World *world)
{
    CopyResult *result = world_next(world);

    while (result->is_early) {
        copy_result_free(result);
        result = world_next(world);
    }
    return result;
}

static void a_slow_destination_holds_up_no_other(void **state)
{
    World *world = new_world(3);

    (void) state;
    add_files(world, 12, 700000);
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue_all(world);
    for (unsigned i = 0; i < world->files->len; i++) {
        CopyResult *result = world_next(world);
        assert_true(result->is_early && result->was_read);
        assert_int_equal(result->ends[1], COPY_NOT_ASKED);
        copy_result_free(result);
    }
    assert_int_equal(copier_bytes(world->copier), bytes_of(world));
    assert_int_equal(fault.written, 0);
    release();
    world_check_made(world, world->files->len);
    assert_int_equal(copier_bytes(world->copier), bytes_of(world)); /* the card was read once */
    world_check_whole(world, (int) world->files->len);
    world_free(world);
}

static void the_card_is_read_again_where_no_copy_stands(void **state)
{
    World *world = new_world(2);

    (void) state;
    add_files(world, 8, 700000);
    fault.slow = "/to1/";
    fault.write = "/to0/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER / 2 });
    world_queue(world, world->files->pdata[0], 3);
    while (copier_bytes(world->copier) < 600000) /* the slow one has dropped out */
        g_usleep(1000);
    atomic_store(&fault.write_code, ENOSPC);
    for (unsigned i = 1; i < 8; i++)
        world_queue(world, world->files->pdata[i], 3);
    release();
    for (unsigned i = 0; i < 8; i++) {
        CopyResult *result = world_next(world);
        assert_ok(result->ends[1] == COPY_MADE, result->errors[1]);
        assert_true(world_has(world, result->job.file->path, 1));
        copy_result_free(result);
    }
    world_check_whole(world, -1);
    world_free(world);
}

/* The slow one drops out of a file while the other one is as far as it can be: and that one hangs
 * then. */
static void a_destination_that_hangs_holds_up_no_slow_one(void **state)
{
    World *world = new_world(2);
    CardFile *first = world_add(world, "first.jpg", 700000);
    CardFile *second = world_add(world, "second.jpg", 2000000);

    (void) state;
    fault.hanging = "/to0/";
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue(world, first, 2);
    world_queue(world, second, 3);
    while (copier_bytes(world->copier) < first->size + BUFFER / 2)
        g_usleep(1000);
    release();
    copy_result_free(world_next(world)); /* of the first file */
    CopyResult *early = NULL;
    while (!early) {
        atomic_fetch_add(&fault.passed_ms, 20000);
        early = copier_next(world->copier, 19000);
    }
    assert_true(early->is_early);
    assert_int_equal(early->ends[1], COPY_MADE);
    assert_true(world_has(world, "second.jpg", 1));
    copy_result_free(early);
    resume();
    CopyResult *result = next_whole(world);
    assert_int_equal(result->ends[0], COPY_MADE);
    assert_true(world_has(world, "second.jpg", 0));
    copy_result_free(result);
    world_free(world);
}

/* The copy in the first destination is not what was written there, near its end. */
static void a_wrong_copy_is_given_to_no_other(void **state)
{
    World *world = new_world(2);
    g_autofree char *copy = g_build_filename(world->to[0], "DCIM/000.jpg", NULL);

    (void) state;
    add_files(world, 1, 3000000);
    fault.slow = "/to1/";
    world_start(world, &(CopierOptions){ .buffer = BUFFER, .early = true });
    world_queue_all(world);
    copy_result_free(world_next(world));
    int fd = open(copy, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "damaged", 7, 2999900), 7);
    close(fd);
    release();
    world_check_made(world, 1);
    assert_true(world_has(world, "DCIM/000.jpg", 1));
    assert_int_equal(copier_bytes(world->copier), 2 * bytes_of(world));
    world_free(world);
}

/* ---- turns ---- */

static void imports_to_one_disk_take_turns(void **state)
{
    World *world = new_world(3);
    g_auto(GStrv) disks = g_strsplit("disk:wwn/1", " ", -1);
    g_auto(GStrv) both = g_strsplit("disk:wwn/1 disk:wwn/2", " ", -1);
    Medium one = { .disks = disks }, two = { .disks = both };
    g_autofree char *locks = g_build_filename(world->dir, "locks", NULL);
    g_autofree char *lock = g_build_filename(locks, "disk-disk:wwn_1", NULL);

    (void) state;
    world->media[0] = world->media[1] = &one;
    world->media[2] = &two;
    add_files(world, 12, 900000);
    world_start(world, &(CopierOptions){ .locks = locks });
    fault.locked = lock;
    world_queue_all(world);
    world_check_made(world, 12);
    assert_int_equal(fault.unlocked, 0);
    world_check_whole(world, 12);
    world_free(world);
}

static void an_import_that_waits_for_its_turn_holds_up_no_other_disk(void **state)
{
    World *world = new_world(2);
    g_auto(GStrv) disks = g_strsplit("disk:a", " ", -1);
    g_auto(GStrv) others = g_strsplit("disk:b", " ", -1);
    Medium one = { .disks = disks }, two = { .disks = others };
    g_autofree char *lock = g_build_filename(world->dir, "disk-disk:a", NULL);
    int fd = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

    (void) state;
    assert_int_equal(flock(fd, LOCK_EX), 0);
    world->media[0] = &one;
    world->media[1] = &two;
    add_files(world, 12, 300000);
    fault.slow = "/to0/";
    release();
    world_start(world, &(CopierOptions){ .locks = world->dir, .buffer = BUFFER, .early = true });
    world_queue_all(world);
    for (unsigned i = 0; i < 12; i++) {
        CopyResult *result = world_next(world);
        assert_int_equal(result->ends[1], COPY_MADE);
        copy_result_free(result);
    }
    assert_int_equal(fault.written, 0);
    close(fd);
    world_check_made(world, 12);
    world_check_whole(world, 12);
    world_free(world);
}

static void a_cancelled_import_waits_for_no_turn(void **state)
{
    World *world = new_world(1);
    g_auto(GStrv) disks = g_strsplit("disk:a", " ", -1);
    Medium one = { .disks = disks };
    g_autofree char *lock = g_build_filename(world->dir, "disk-disk:a", NULL);
    int fd = open(lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

    (void) state;
    assert_int_equal(flock(fd, LOCK_EX), 0);
    world->media[0] = &one;
    add_files(world, 3, 300000);
    world_start(world, &(CopierOptions){ .locks = world->dir });
    world_queue_all(world);
    copier_cancel(world->copier);
    for (unsigned i = 0; i < 3; i++) {
        CopyResult *result = world_next(world);
        assert_true(result->error || result->ends[0] == COPY_FAILED);
        copy_result_free(result);
    }
    world_check_whole(world, 0);
    close(fd);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_destination_holds_up_no_other),
        cmocka_unit_test(the_card_is_read_again_where_no_copy_stands),
        cmocka_unit_test(a_destination_that_hangs_holds_up_no_slow_one),
        cmocka_unit_test(a_wrong_copy_is_given_to_no_other),
        cmocka_unit_test(imports_to_one_disk_take_turns),
        cmocka_unit_test(an_import_that_waits_for_its_turn_holds_up_no_other_disk),
        cmocka_unit_test(a_cancelled_import_waits_for_no_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
