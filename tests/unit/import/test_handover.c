/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hard links into an inbox, and what lies there already. */
#include <errno.h>
#include <sys/stat.h>

#include "daemon/import/handover.h"
#include "tests/unit/check.h"

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
int __real_fsync(int fd);
int __wrap_fsync(int fd);

static ino_t last_synced;
static bool disk_fails;

int __wrap_fsync(int fd)
{
    struct stat st;

    last_synced = fstat(fd, &st) < 0 ? 0 : st.st_ino;
    errno = EIO;
    return disk_fails ? -1 : __real_fsync(fd);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static const HandoverFile files[] = { { "2024/1.JPG", ".JPG" }, { "2024/1.JPG.xmp", ".JPG.xmp" } };

/* Copies in `copies`, and an inbox beside them. */
typedef struct World {
    char *root, *copies, *inbox;
    Handover handover;
} World;

static World *world_new(void)
{
    World *world = g_new0(World, 1);

    world->root = check_mkdir();
    world->copies = g_build_filename(world->root, "copies", NULL);
    world->inbox = g_build_filename(world->root, "inbox", NULL);
    assert_int_equal(g_mkdir(world->inbox, 0755), 0);
    check_write(world->copies, "2024/1.JPG", "picture");
    check_write(world->copies, "2024/1.JPG.xmp", "stars");
    world->handover = (Handover){ .from = world->copies,
                                  .inbox = world->inbox,
                                  .suffix = "-abcd",
                                  .files = files,
                                  .count = G_N_ELEMENTS(files) };
    return world;
}

static void world_free(World *world)
{
    check_rmdir(world->root);
    g_free(world->copies);
    g_free(world->inbox);
    g_free(world);
}

static void hand_over(World *world)
{
    g_autoptr(GHashTable) synced = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Error *error = NULL;

    assert_ok(handover_stage(&world->handover, &error), error);
    assert_ok(handover_publish(&world->handover, &error), error);
    assert_ok(handover_sync(&world->handover, synced, &error), error);
}

static void assert_same_file(const World *world, const char *copy, const char *link)
{
    g_autofree char *a = g_build_filename(world->copies, copy, NULL);
    g_autofree char *b = g_build_filename(world->inbox, link, NULL);
    struct stat one, two;

    assert_int_equal(stat(a, &one), 0);
    assert_int_equal(stat(b, &two), 0);
    assert_int_equal(one.st_ino, two.st_ino);
}

static void each_file_of_a_shot_is_linked_under_its_name(void **state)
{
    World *world = world_new();

    (void) state;
    hand_over(world);
    hand_over(world); /* it is there already */
    assert_same_file(world, "2024/1.JPG", "2024/1.JPG");
    assert_same_file(world, "2024/1.JPG.xmp", "2024/1.JPG.xmp");
    g_autofree char *dir = g_build_filename(world->inbox, "2024", NULL);
    assert_int_equal(check_entries(dir), 2);
    world_free(world);
}

static void all_of_a_shot_get_a_suffix_where_a_name_is_taken(void **state)
{
    World *world = world_new();

    (void) state;
    check_write(world->inbox, "2024/1.JPG.xmp", "of another picture");
    hand_over(world);
    assert_same_file(world, "2024/1.JPG", "2024/1-abcd.JPG");
    assert_same_file(world, "2024/1.JPG.xmp", "2024/1-abcd.JPG.xmp");
    assert_false(check_exists(world->inbox, "2024/1.JPG"));
    g_autofree char *other = check_read(world->inbox, "2024/1.JPG.xmp");
    assert_string_equal(other, "of another picture");
    world_free(world);
}

static void a_flat_inbox_gets_no_directories(void **state)
{
    World *world = world_new();

    (void) state;
    world->handover.flat = true;
    hand_over(world);
    assert_same_file(world, "2024/1.JPG", "1.JPG");
    assert_int_equal(check_entries(world->inbox), 2);
    world_free(world);
}

/* A picture that is taken at once finds its sidecar. */
static void the_picture_comes_last(void **state)
{
    World *world = world_new();
    Error *error = NULL;

    (void) state;
    assert_ok(handover_stage(&world->handover, &error), error);
    check_write(world->inbox, "2024/1.JPG", "of another picture, meanwhile");
    world->handover.suffix = "";
    assert_false(handover_publish(&world->handover, &error));
    assert_non_null(strstr(error->what, "cannot link '2024/1.JPG'"));
    error_free(error);
    assert_same_file(world, "2024/1.JPG.xmp", "2024/1.JPG.xmp");
    world_free(world);
}

static void what_is_staged_has_no_name_until_it_is_published(void **state)
{
    World *world = world_new();
    g_autofree char *dir = g_build_filename(world->inbox, "2024", NULL);
    Error *error = NULL;

    (void) state;
    for (int i = 0; i < 2; i++) { /* after a crash, too */
        assert_ok(handover_stage(&world->handover, &error), error);
        assert_false(check_exists(world->inbox, "2024/1.JPG"));
        assert_true(handover_is_staged(&world->handover, "2024/1.JPG"));
        assert_int_equal(check_entries(dir), 2);
    }
    assert_ok(handover_publish(&world->handover, &error), error);
    assert_false(handover_is_staged(&world->handover, "2024/1.JPG"));
    assert_same_file(world, "2024/1.JPG", "2024/1.JPG");
    assert_ok(handover_publish(&world->handover, &error), error);
    assert_int_equal(check_entries(dir), 2);
    world_free(world);
}

static void a_link_in_the_inbox_leads_nowhere(void **state)
{
    World *world = world_new();
    g_autofree char *link = g_build_filename(world->inbox, "2024", NULL);
    g_autofree char *elsewhere = g_build_filename(world->root, "elsewhere", NULL);
    Error *error = NULL;

    (void) state;
    assert_int_equal(g_mkdir(elsewhere, 0755), 0);
    assert_int_equal(symlink(elsewhere, link), 0);
    assert_false(handover_stage(&world->handover, &error));
    error_free(error);
    assert_int_equal(check_entries(elsewhere), 0);
    world_free(world);
}

/* The card is remembered as handed over, so a power cut must not take the links. */
static void the_names_are_on_disk(void **state)
{
    World *world = world_new();
    g_autofree char *dir = g_build_filename(world->inbox, "2024", NULL);
    Error *error = NULL;
    struct stat st;

    (void) state;
    hand_over(world);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(last_synced, st.st_ino);
    disk_fails = true;
    g_autoptr(GHashTable) synced = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    assert_false(handover_sync(&world->handover, synced, &error));
    disk_fails = false;
    assert_non_null(strstr(error->what, "cannot sync the directory '2024'"));
    error_free(error);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_of_a_shot_is_linked_under_its_name),
        cmocka_unit_test(all_of_a_shot_get_a_suffix_where_a_name_is_taken),
        cmocka_unit_test(a_flat_inbox_gets_no_directories),
        cmocka_unit_test(the_picture_comes_last),
        cmocka_unit_test(what_is_staged_has_no_name_until_it_is_published),
        cmocka_unit_test(a_link_in_the_inbox_leads_nowhere),
        cmocka_unit_test(the_names_are_on_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
