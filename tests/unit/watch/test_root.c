/* The root of a folder that is missing, comes back, is replaced, mounted or unreadable: reported,
 * and available again without help. */
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

static bool is(World *world, HealthState state)
{
    return health_get(world->health, "inbox", NULL) == state;
}

static void a_missing_root_is_available_as_soon_as_it_exists(void **state)
{
    World *world = *state;

    assert_int_equal(rmdir(world->inbox), 0);
    world_start(world);
    assert_true(is(world, HEALTH_UNAVAILABLE));
    assert_true(watch_initial_scan_done(world->watch));
    assert_int_equal(mkdir(world->inbox, 0755), 0);
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    world_drop(world, "beach.jpg");
    world_await(world, "beach.jpg");
}

static void a_root_that_is_moved_out_and_back_is_watched_again(void **state)
{
    World *world = *state;
    g_autofree char *away = g_build_filename(world->dir, "away", NULL);

    world_mkdir(world, "trip");
    world_start_settled(world);
    world_drop(world, "trip/before.jpg");
    world_await(world, "trip/before.jpg");
    assert_int_equal(rename(world->inbox, away), 0);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
    assert_int_equal(world_directories(world), 0);
    world_drop(world, "../away/trip/meanwhile.jpg");
    assert_int_equal(rename(away, world->inbox), 0);
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    world_await(world, "trip/meanwhile.jpg");
    world_drop(world, "trip/after.jpg");
    world_await(world, "trip/after.jpg");
    assert_int_equal(fake_offers(world->intake, "trip/before.jpg"), 1);
}

static void a_root_that_is_replaced_is_the_folder_from_then_on(void **state)
{
    World *world = *state;
    g_autofree char *away = g_build_filename(world->dir, "away", NULL);

    world_start_settled(world);
    assert_int_equal(rename(world->inbox, away), 0);
    assert_int_equal(mkdir(world->inbox, 0755), 0);
    world_drop(world, "beach.jpg");
    world_await(world, "beach.jpg");
    world_drop(world, "../away/other.jpg");
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, "other.jpg"), 0);
}

static void a_removed_root_is_unavailable_until_it_is_made_again(void **state)
{
    World *world = *state;

    world_start_settled(world);
    assert_int_equal(rmdir(world->inbox), 0);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
    assert_int_equal(mkdir(world->inbox, 0755), 0);
    world_drop(world, "beach.jpg");
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    world_await(world, "beach.jpg");
}

static bool mount_share(const World *world)
{
    return mount("hotfolder-test", world->inbox, "tmpfs", 0, "size=1m") == 0;
}

/* A look at a file keeps the mount busy for a moment; an open directory would keep it so. */
static void unmount(World *world)
{
    WORLD_WAIT(umount(world->inbox) == 0);
}

/* What is dropped onto the bare directory of a missing mount stays there unseen. */
static void an_unmounted_root_is_unavailable_until_it_is_mounted_again(void **state)
{
    World *world = *state;

    if (!mount_share(world))
        skip();
    world_start_settled(world);
    world_write(world, "notes.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    unmount(world);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
    assert_int_equal(world_ignored(world, "text"), 0);
    world_write(world, "bare.txt", "text", 4);
    g_usleep(1200000); /* more than one look for it: the bare directory must not do */
    assert_true(is(world, HEALTH_UNAVAILABLE));
    assert_true(mount_share(world));
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    world_write(world, "later.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    unmount(world);
}

static void a_mount_over_the_root_is_the_folder_from_then_on(void **state)
{
    World *world = *state;

    world_write(world, "below.txt", "text", 4);
    world_start_settled(world);
    assert_int_equal(world_ignored(world, "text"), 1);
    if (!mount_share(world))
        skip();
    WORLD_WAIT(world_ignored(world, "text") == 0);
    world_write(world, "above.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    unmount(world);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
}

/* In the unit's sandbox the directory is a mount of its own: something is mounted there still. */
static void
a_root_that_lost_the_mount_over_it_is_unavailable_though_it_is_a_mount_itself(void **state)
{
    World *world = *state;

    if (mount(world->inbox, world->inbox, NULL, MS_BIND, NULL))
        skip();
    world_start_settled(world);
    assert_true(mount_share(world));
    world_write(world, "above.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    unmount(world);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
    world_write(world, "bare.txt", "text", 4);
    g_usleep(1200000); /* more than one look for it */
    assert_true(is(world, HEALTH_UNAVAILABLE));
    assert_true(mount_share(world)); /* another file system, as a share that is mounted again */
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    unmount(world);
    WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
    unmount(world);
}

static void lead_to(const World *world, const char *where)
{
    g_autofree char *fresh = g_strconcat(world->inbox, ".new", NULL);

    assert_int_equal(symlink(where, fresh), 0);
    assert_int_equal(rename(fresh, world->inbox), 0);
}

/* A person who changes where a link leads means it, there and back. */
static void a_link_that_leads_elsewhere_and_back_is_followed(void **state)
{
    World *world = *state;
    g_autofree char *local = g_build_filename(world->dir, "local", NULL);
    g_autofree char *other = g_build_filename(world->dir, "other", NULL);

    assert_int_equal(rename(world->inbox, local) | mkdir(other, 0755), 0);
    assert_int_equal(symlink("local", world->inbox), 0);
    if (mount("hotfolder-test", other, "tmpfs", 0, "size=1m"))
        skip();
    world->settings->reconcile_ms = 300; /* a link has no event */
    world_start_settled(world);
    lead_to(world, "other");
    world_write(world, "there.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    lead_to(world, "local");
    world_drop(world, "beach.jpg");
    world_await(world, "beach.jpg");
    assert_true(is(world, HEALTH_AVAILABLE));
    WORLD_WAIT(umount(other) == 0);
}

/* A card that is mounted in the folder makes no event; the table of mounts does. */
static void a_mount_below_the_root_is_scanned_at_once(void **state)
{
    World *world = *state;
    g_autofree char *card = world_path(world, "my card");

    world_mkdir(world, "my card");
    world_start_settled(world);
    if (mount("hotfolder-test", card, "tmpfs", 0, "size=1m"))
        skip();
    WORLD_WAIT(world_directories(world) == 3); /* the one below the mount is watched still */
    world_write(world, "my card/a.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    WORLD_WAIT(umount(card) == 0);
    WORLD_WAIT(world_directories(world) == 2);
    world_drop(world, "my card/beach.jpg");
    world_await(world, "my card/beach.jpg");
}

static void a_busy_watcher_does_not_keep_a_mount_from_being_removed(void **state)
{
    World *world = *state;

    if (!mount_share(world))
        skip();
    world_mkdir(world, "a/b/c");
    world_start_settled(world);
    unmount(world);
}

static void the_reconcile_scan_needs_no_event(void **state)
{
    World *world = *state;

    world->settings->reconcile_ms = 300;
    world_start_settled(world);
    world_write(world, "a.txt", "text", 4);
    WORLD_WAIT(world_ignored(world, "text") == 1);
    /* a change without an event: the directory of the folder's parent moves away and back */
    world_sentinel(world);
    {
        g_autofree char *away = g_strconcat(world->dir, "-away", NULL);

        assert_int_equal(rename(world->dir, away), 0);
        WORLD_WAIT(is(world, HEALTH_UNAVAILABLE));
        assert_int_equal(rename(away, world->dir), 0);
    }
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    world_drop(world, "beach.jpg");
    world_await(world, "beach.jpg");
}

/* In a user namespace without any rights, where even root may not read everything; see main(). */
static void a_file_that_may_not_be_read_waits_for_its_permission(void **state)
{
    World *world = *state;
    g_autofree char *path = world_path(world, "beach.jpg");
    g_autofree char *before = world_path(world, "../photo.jpg");

    world_start_settled(world);
    assert_int_equal(chmod(before, 0), 0);
    assert_int_equal(rename(before, path), 0);
    WORLD_WAIT(world_pending(world, "not readable") == 1);
    WORLD_WAIT(fake_logged(EVENT_PENDING, "beach.jpg", "not readable") == 1);
    assert_int_equal(chmod(path, 0600), 0);
    WORLD_WAIT(fake_offers(world->intake, "beach.jpg") == 1);
    WORLD_WAIT(world_pending(world, NULL) == 0);
}

static void
an_unreadable_folder_is_unavailable_and_an_unreadable_directory_is_reported(void **state)
{
    World *world = *state;
    g_autofree char *dir = world_path(world, "closed");

    world_mkdir(world, "closed");
    world_drop(world, "closed/beach.jpg");
    assert_int_equal(chmod(dir, 0), 0);
    assert_int_equal(chmod(world->inbox, 0), 0);
    world_start(world);
    assert_true(is(world, HEALTH_UNAVAILABLE));
    assert_int_equal(chmod(world->inbox, 0755), 0);
    WORLD_WAIT(is(world, HEALTH_AVAILABLE));
    WORLD_WAIT(world_ignored(world, "directory not readable") == 1);
    assert_int_equal(fake_offers(world->intake, NULL), 0);
    assert_int_equal(chmod(dir, 0755), 0);
    WORLD_WAIT(fake_offers(world->intake, "closed/beach.jpg") == 1);
    WORLD_WAIT(world_ignored(world, "directory not readable") == 0);
}

static void what_may_not_be_read_waits_for_its_permission(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

    (void) state;
    if (!world_run("unshare", "-U", "true"))
        skip();
    assert_true(world_run("unshare", "-U", self, "unprivileged"));
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest unprivileged[] = {
        WORLD_TEST(a_file_that_may_not_be_read_waits_for_its_permission),
        WORLD_TEST(an_unreadable_folder_is_unavailable_and_an_unreadable_directory_is_reported),
    };
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_missing_root_is_available_as_soon_as_it_exists),
        WORLD_TEST(a_root_that_is_moved_out_and_back_is_watched_again),
        WORLD_TEST(a_root_that_is_replaced_is_the_folder_from_then_on),
        WORLD_TEST(a_removed_root_is_unavailable_until_it_is_made_again),
        WORLD_TEST(an_unmounted_root_is_unavailable_until_it_is_mounted_again),
        WORLD_TEST(a_mount_over_the_root_is_the_folder_from_then_on),
        WORLD_TEST(a_root_that_lost_the_mount_over_it_is_unavailable_though_it_is_a_mount_itself),
        WORLD_TEST(a_link_that_leads_elsewhere_and_back_is_followed),
        WORLD_TEST(a_mount_below_the_root_is_scanned_at_once),
        WORLD_TEST(a_busy_watcher_does_not_keep_a_mount_from_being_removed),
        WORLD_TEST(the_reconcile_scan_needs_no_event),
        cmocka_unit_test(what_may_not_be_read_waits_for_its_permission),
    };

    if (argc > 1 && strcmp(argv[1], "unprivileged") == 0)
        return cmocka_run_group_tests_name("watch unprivileged", unprivileged, NULL, NULL);
    return cmocka_run_group_tests_name("watch root", tests, NULL, NULL);
}
