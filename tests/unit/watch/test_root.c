/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The root of a folder that is missing, comes back, is replaced, mounted or unreadable: reported,
 * and available again without help. */
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

static bool is(Bench *bench, HealthState state)
{
    return health_get(bench->health, "inbox", NULL) == state;
}

static void a_missing_root_is_available_as_soon_as_it_exists(void **state)
{
    Bench *bench = *state;

    assert_int_equal(rmdir(bench->inbox), 0);
    bench_start(bench);
    assert_true(is(bench, HEALTH_UNAVAILABLE));
    assert_true(watch_initial_scan_done(bench->watch));
    assert_int_equal(mkdir(bench->inbox, 0755), 0);
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    bench_drop(bench, "beach.jpg");
    bench_await(bench, "beach.jpg");
}

static void a_root_that_is_moved_out_and_back_is_watched_again(void **state)
{
    Bench *bench = *state;
    g_autofree char *away = g_build_filename(bench->dir, "away", NULL);

    bench_mkdir(bench, "trip");
    bench_start_scanned(bench);
    bench_drop(bench, "trip/before.jpg");
    bench_await(bench, "trip/before.jpg");
    assert_int_equal(rename(bench->inbox, away), 0);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    assert_int_equal(bench_directories(bench), 0);
    bench_drop(bench, "../away/trip/meanwhile.jpg");
    assert_int_equal(rename(away, bench->inbox), 0);
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    bench_await(bench, "trip/meanwhile.jpg");
    bench_drop(bench, "trip/after.jpg");
    bench_await(bench, "trip/after.jpg");
    assert_int_equal(fake_offers(bench->intake, "trip/before.jpg"), 1);
}

static void a_root_that_is_replaced_is_the_folder_from_then_on(void **state)
{
    Bench *bench = *state;
    g_autofree char *away = g_build_filename(bench->dir, "away", NULL);

    bench_start_scanned(bench);
    assert_int_equal(rename(bench->inbox, away), 0);
    assert_int_equal(mkdir(bench->inbox, 0755), 0);
    bench_drop(bench, "beach.jpg");
    bench_await(bench, "beach.jpg");
    bench_drop(bench, "../away/other.jpg");
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, "other.jpg"), 0);
}

static void a_removed_root_is_unavailable_until_it_is_made_again(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    assert_int_equal(rmdir(bench->inbox), 0);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    assert_int_equal(mkdir(bench->inbox, 0755), 0);
    bench_drop(bench, "beach.jpg");
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    bench_await(bench, "beach.jpg");
}

static bool mount_share(const Bench *bench)
{
    return mount("hotfolder-test", bench->inbox, "tmpfs", 0, "size=1m") == 0;
}

/* A look at a file keeps the mount busy for a moment; an open directory would keep it so. */
static void unmount(Bench *bench)
{
    BENCH_WAIT(umount(bench->inbox) == 0);
}

/* What is dropped onto the bare directory of a missing mount stays there unseen. */
static void an_unmounted_root_is_unavailable_until_it_is_mounted_again(void **state)
{
    Bench *bench = *state;

    if (!mount_share(bench))
        skip();
    bench_start_scanned(bench);
    bench_write(bench, "notes.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    unmount(bench);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    assert_int_equal(bench_ignored(bench, "text"), 0);
    bench_write(bench, "bare.txt", "text", 4);
    g_usleep(1200000); /* more than one look for it: the bare directory must not do */
    assert_true(is(bench, HEALTH_UNAVAILABLE));
    assert_true(mount_share(bench));
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    bench_write(bench, "later.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    unmount(bench);
}

static void a_mount_over_the_root_is_the_folder_from_then_on(void **state)
{
    Bench *bench = *state;

    bench_write(bench, "below.txt", "text", 4);
    bench_start_scanned(bench);
    assert_int_equal(bench_ignored(bench, "text"), 1);
    if (!mount_share(bench))
        skip();
    BENCH_WAIT(bench_ignored(bench, "text") == 0);
    bench_write(bench, "above.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    unmount(bench);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
}

/* In the unit's sandbox the directory is a mount of its own: something is mounted there still. */
static void
a_root_that_lost_the_mount_over_it_is_unavailable_though_it_is_a_mount_itself(void **state)
{
    Bench *bench = *state;

    if (mount(bench->inbox, bench->inbox, NULL, MS_BIND, NULL))
        skip();
    bench_start_scanned(bench);
    assert_true(mount_share(bench));
    bench_write(bench, "above.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    unmount(bench);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    bench_write(bench, "bare.txt", "text", 4);
    g_usleep(1200000); /* more than one look for it */
    assert_true(is(bench, HEALTH_UNAVAILABLE));
    assert_true(mount_share(bench)); /* another file system, as a share that is mounted again */
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    unmount(bench);
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    unmount(bench);
}

static void lead_to(const Bench *bench, const char *where)
{
    g_autofree char *fresh = g_strconcat(bench->inbox, ".new", NULL);

    assert_int_equal(symlink(where, fresh), 0);
    assert_int_equal(rename(fresh, bench->inbox), 0);
}

/* A person who changes where a link leads means it, there and back. */
static void a_link_that_leads_elsewhere_and_back_is_followed(void **state)
{
    Bench *bench = *state;
    g_autofree char *local = g_build_filename(bench->dir, "local", NULL);
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);

    assert_int_equal(rename(bench->inbox, local) | mkdir(other, 0755), 0);
    assert_int_equal(symlink("local", bench->inbox), 0);
    if (mount("hotfolder-test", other, "tmpfs", 0, "size=1m"))
        skip();
    bench->settings->reconcile_ms = 300; /* a link has no event */
    bench_start_scanned(bench);
    lead_to(bench, "other");
    bench_write(bench, "there.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    lead_to(bench, "local");
    bench_drop(bench, "beach.jpg");
    bench_await(bench, "beach.jpg");
    assert_true(is(bench, HEALTH_AVAILABLE));
    BENCH_WAIT(umount(other) == 0);
}

/* A card that is mounted in the folder makes no event; the table of mounts does. */
static void a_mount_below_the_root_is_scanned_at_once(void **state)
{
    Bench *bench = *state;
    g_autofree char *card = bench_path(bench, "my card");

    bench_mkdir(bench, "my card");
    bench_start_scanned(bench);
    if (mount("hotfolder-test", card, "tmpfs", 0, "size=1m"))
        skip();
    BENCH_WAIT(bench_directories(bench) == 3); /* the one below the mount is watched still */
    bench_write(bench, "my card/a.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    BENCH_WAIT(umount(card) == 0);
    BENCH_WAIT(bench_directories(bench) == 2);
    bench_drop(bench, "my card/beach.jpg");
    bench_await(bench, "my card/beach.jpg");
}

static void a_busy_watcher_does_not_keep_a_mount_from_being_removed(void **state)
{
    Bench *bench = *state;

    if (!mount_share(bench))
        skip();
    bench_mkdir(bench, "a/b/c");
    bench_start_scanned(bench);
    unmount(bench);
}

static void the_reconcile_scan_needs_no_event(void **state)
{
    Bench *bench = *state;

    bench->settings->reconcile_ms = 300;
    bench_start_scanned(bench);
    bench_write(bench, "a.txt", "text", 4);
    BENCH_WAIT(bench_ignored(bench, "text") == 1);
    /* a change without an event: the directory of the folder's parent moves away and back */
    bench_sentinel(bench);
    {
        g_autofree char *away = g_strconcat(bench->dir, "-away", NULL);

        assert_int_equal(rename(bench->dir, away), 0);
        BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
        assert_int_equal(rename(away, bench->dir), 0);
    }
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    bench_drop(bench, "beach.jpg");
    bench_await(bench, "beach.jpg");
}

/* That the directory was moved with its parent has no event: only a full scan sees it. */
static void a_scan_that_is_asked_for_needs_no_event(void **state)
{
    Bench *bench = *state;
    g_autofree char *away = g_strconcat(bench->dir, "-away", NULL);

    bench->settings->reconcile_ms = 3600000;
    bench_start_scanned(bench);
    bench_sentinel(bench);
    assert_int_equal(rename(bench->dir, away), 0);
    watch_scan(bench->watch, "elsewhere");
    watch_scan(bench->watch, "inbox");
    BENCH_WAIT(is(bench, HEALTH_UNAVAILABLE));
    assert_int_equal(rename(away, bench->dir), 0);
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
}

/* In a user namespace without any rights, where even root may not read everything; see main(). */
static void a_file_that_may_not_be_read_waits_for_its_permission(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "beach.jpg");
    g_autofree char *before = bench_path(bench, "../photo.jpg");

    bench_start_scanned(bench);
    assert_int_equal(chmod(before, 0), 0);
    assert_int_equal(rename(before, path), 0);
    BENCH_WAIT(bench_pending(bench, NULL) == 1);
    BENCH_WAIT(fake_logged(EVENT_PENDING, "beach.jpg",
                           "not readable; give the service the right to read it, as with "
                           "`chmod g+r`") == 1);
    assert_int_equal(chmod(path, 0600), 0);
    BENCH_WAIT(fake_offers(bench->intake, "beach.jpg") == 1);
    BENCH_WAIT(bench_pending(bench, NULL) == 0);
}

static void
an_unreadable_folder_is_unavailable_and_an_unreadable_directory_is_reported(void **state)
{
    static const char reason[] =
        "directory not readable; give the service the right to read it, as with `chmod g+rx`";
    Bench *bench = *state;
    g_autofree char *dir = bench_path(bench, "closed");

    bench_mkdir(bench, "closed");
    bench_drop(bench, "closed/beach.jpg");
    assert_int_equal(chmod(dir, 0), 0);
    assert_int_equal(chmod(bench->inbox, 0), 0);
    bench_start(bench);
    assert_true(is(bench, HEALTH_UNAVAILABLE));
    assert_int_equal(chmod(bench->inbox, 0755), 0);
    BENCH_WAIT(is(bench, HEALTH_AVAILABLE));
    BENCH_WAIT(bench_ignored(bench, reason) == 1);
    BENCH_WAIT(fake_logged(EVENT_IGNORED, "closed", reason) == 1);
    assert_int_equal(fake_offers(bench->intake, NULL), 0);
    assert_int_equal(chmod(dir, 0755), 0);
    BENCH_WAIT(fake_offers(bench->intake, "closed/beach.jpg") == 1);
    BENCH_WAIT(bench_ignored(bench, reason) == 0);
}

static void what_may_not_be_read_waits_for_its_permission(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);

    (void) state;
    if (!bench_run("unshare", "-U", "true"))
        skip();
    assert_true(bench_run("unshare", "-U", self, "unprivileged"));
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest unprivileged[] = {
        BENCH_TEST(a_file_that_may_not_be_read_waits_for_its_permission),
        BENCH_TEST(an_unreadable_folder_is_unavailable_and_an_unreadable_directory_is_reported),
    };
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_missing_root_is_available_as_soon_as_it_exists),
        BENCH_TEST(a_root_that_is_moved_out_and_back_is_watched_again),
        BENCH_TEST(a_root_that_is_replaced_is_the_folder_from_then_on),
        BENCH_TEST(a_removed_root_is_unavailable_until_it_is_made_again),
        BENCH_TEST(an_unmounted_root_is_unavailable_until_it_is_mounted_again),
        BENCH_TEST(a_mount_over_the_root_is_the_folder_from_then_on),
        BENCH_TEST(a_root_that_lost_the_mount_over_it_is_unavailable_though_it_is_a_mount_itself),
        BENCH_TEST(a_link_that_leads_elsewhere_and_back_is_followed),
        BENCH_TEST(a_mount_below_the_root_is_scanned_at_once),
        BENCH_TEST(a_busy_watcher_does_not_keep_a_mount_from_being_removed),
        BENCH_TEST(the_reconcile_scan_needs_no_event),
        BENCH_TEST(a_scan_that_is_asked_for_needs_no_event),
        cmocka_unit_test(what_may_not_be_read_waits_for_its_permission),
    };

    if (argc > 1 && strcmp(argv[1], "unprivileged") == 0)
        return cmocka_run_group_tests_name("watch unprivileged", unprivileged, NULL, NULL);
    return cmocka_run_group_tests_name("watch root", tests, NULL, NULL);
}
