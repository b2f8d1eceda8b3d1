/* Directories that are made, moved and removed, and events that are lost: every picture is offered
 * once, from where it lies. */
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

static void move(World *world, const char *from, const char *to)
{
    g_autofree char *source = world_path(world, from);
    g_autofree char *target = world_path(world, to);

    assert_int_equal(rename(source, target), 0);
}

static void a_file_in_a_new_tree_is_never_missed(void **state)
{
    World *world = *state;

    world_start_settled(world);
    for (int i = 0; i < 100; i++) {
        g_autofree char *dir = g_strdup_printf("t%d/a/b/c", i);
        g_autofree char *deep = g_strdup_printf("t%d/a/b/c/deep.jpg", i);
        g_autofree char *top = g_strdup_printf("t%d/top.jpg", i);

        world_mkdir(world, dir);
        world_drop(world, deep);
        world_drop(world, top);
    }
    WORLD_WAIT(fake_offers(world->intake, NULL) == 200);
    WORLD_WAIT(world_directories(world) == 401);
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, NULL), 201);
}

typedef struct Making {
    World *world;
    int count;
} Making;

static void *make_directories(void *data)
{
    Making *making = data;

    for (int i = 0; i < making->count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        g_autofree char *path = world_path(making->world, name);
        g_autofree char *photo = g_strdup_printf("%s/p.jpg", path);

        if (mkdir(path, 0755) || link(making->world->photo, photo))
            return making;
    }
    return NULL;
}

static void two_thousand_directories_made_during_the_first_scan_are_all_watched(void **state)
{
    World *world = *state;
    Making making = { world, 2000 };
    pthread_t thread;
    void *failed = NULL;

    assert_int_equal(pthread_create(&thread, NULL, make_directories, &making), 0);
    world_start(world);
    pthread_join(thread, &failed);
    assert_null(failed);
    WORLD_WAIT(world_directories(world) == making.count + 1);
    WORLD_WAIT(fake_offers(world->intake, NULL) == making.count);
    for (int i = 0; i < making.count; i += 97) {
        g_autofree char *name = g_strdup_printf("d%d/later.jpg", i);

        world_drop(world, name);
        WORLD_WAIT(fake_offers(world->intake, name) == 1);
    }
}

static void a_directory_moved_in_is_scanned(void **state)
{
    World *world = *state;
    g_autofree char *outside = g_build_filename(world->dir, "trip", NULL);
    g_autofree char *inside = world_path(world, "trip");

    world_start_settled(world);
    world_mkdir(world, "../trip/day");
    world_drop(world, "../trip/day/beach.jpg");
    assert_int_equal(rename(outside, inside), 0);
    world_await(world, "trip/day/beach.jpg");
    world_drop(world, "trip/day/hill.jpg");
    world_await(world, "trip/day/hill.jpg");
}

static void a_renamed_directory_is_watched_under_its_new_name(void **state)
{
    World *world = *state;

    world_mkdir(world, "old/day");
    world_start_settled(world);
    move(world, "old", "new");
    world_drop(world, "new/day/beach.jpg");
    world_drop(world, "new/hill.jpg");
    world_await(world, "new/day/beach.jpg");
    world_await(world, "new/hill.jpg");
    move(world, "new", "newer");
    move(world, "newer/day", "newer/night");
    world_drop(world, "newer/night/moon.jpg");
    world_await(world, "newer/night/moon.jpg");
    assert_int_equal(world_directories(world), 3);
}

static void a_directory_moved_out_is_watched_no_more(void **state)
{
    World *world = *state;

    world_mkdir(world, "trip/day");
    world_start_settled(world);
    assert_int_equal(world_directories(world), 3);
    move(world, "trip", "../trip");
    WORLD_WAIT(world_directories(world) == 1);
    world_drop(world, "../trip/day/beach.jpg");
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, NULL), 1);
}

static void a_directory_that_is_made_again_is_watched_again(void **state)
{
    World *world = *state;
    g_autofree char *path = world_path(world, "trip");

    world_start_settled(world);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(mkdir(path, 0755), 0);
    world_drop(world, "trip/beach.jpg");
    world_await(world, "trip/beach.jpg");
    WORLD_WAIT(world_directories(world) == 2);
}

static void pending_files_in_a_moved_directory_move_with_it(void **state)
{
    World *world = *state;
    GByteArray *half = sample_jpeg();

    g_byte_array_set_size(half, half->len / 2);
    world_mkdir(world, "old");
    world_start_settled(world);
    world_write(world, "old/half.jpg", half->data, half->len);
    g_byte_array_unref(half);
    WORLD_WAIT(world_pending(world, "incomplete") == 1);
    move(world, "old", "new");
    world_sentinel(world);
    WORLD_WAIT(world_pending(world, "incomplete") == 1);
    world_drop(world, "new/half.jpg");
    world_await(world, "new/half.jpg");
    assert_int_equal(world_pending(world, NULL), 0);
}

static void our_own_directories_at_the_top_are_not_watched(void **state)
{
    World *world = *state;

    world_mkdir(world, "done");
    world_start_settled(world);
    world_mkdir(world, "failed");
    world_mkdir(world, "trash");
    world_mkdir(world, "trip/done");
    world_drop(world, "done/a.jpg");
    world_drop(world, "failed/b.jpg");
    world_drop(world, "trash/c.jpg");
    world_drop(world, "trip/done/d.jpg");
    world_await(world, "trip/done/d.jpg");
    assert_int_equal(fake_offers(world->intake, NULL), 2); /* with a sentinel */
    assert_int_equal(world_directories(world), 3);
}

static void sub_directories_are_ignored_when_the_folder_is_not_recursive(void **state)
{
    World *world = *state;

    world_folder(world)->recursive = false;
    world_mkdir(world, "there");
    world_drop(world, "there/a.jpg");
    world_start_settled(world);
    world_mkdir(world, "new");
    world_drop(world, "new/b.jpg");
    world_sentinel(world);
    assert_int_equal(fake_offers(world->intake, NULL), 1);
    assert_int_equal(world_directories(world), 1);
}

/* The watcher is held in an offer while more events come than the kernel keeps. */
static void lost_events_end_in_a_scan(void **state)
{
    World *world = *state;
    g_autofree char *one = world_path(world, "x.txt");
    g_autofree char *two = world_path(world, "y.txt");

    world_start_settled(world);
    fake_intake_shut(world->intake, true);
    world_drop(world, "first.jpg");
    WORLD_WAIT(fake_shut_waits(world->intake));
    world_write(world, "x.txt", "text", 4);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(rename(one, two), 0);
        assert_int_equal(rename(two, one), 0);
    }
    world_mkdir(world, "lost/day");
    world_drop(world, "lost/day/beach.jpg");
    world_drop(world, "lost.jpg");
    fake_intake_shut(world->intake, false);
    WORLD_WAIT(fake_offers(world->intake, "lost/day/beach.jpg") == 1);
    WORLD_WAIT(fake_offers(world->intake, "lost.jpg") == 1);
    assert_int_equal(fake_logged(EVENT_OVERFLOW, NULL, NULL), 1);
    world_drop(world, "lost/day/later.jpg");
    world_await(world, "lost/day/later.jpg");
}

static void make_directories_named_d(World *world, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);

        world_mkdir(world, name);
    }
}

static void remove_directories_named_d(World *world, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        g_autofree char *path = world_path(world, name);

        assert_int_equal(rmdir(path), 0);
    }
}

/* The library keeps every watch that ended; before that is too much, it is opened again. */
static void ten_thousand_removed_directories_restart_the_library(void **state)
{
    enum { ROUNDS = 21, EACH = 500 };
    World *world = *state;

    world_mkdir(world, "stays");
    world_start_settled(world);
    for (int round = 0; round < ROUNDS; round++) {
        make_directories_named_d(world, EACH);
        WORLD_WAIT(world_directories(world) == EACH + 2);
        remove_directories_named_d(world, EACH);
        WORLD_WAIT(world_directories(world) == 2);
    }
    world_drop(world, "stays/beach.jpg");
    world_await(world, "stays/beach.jpg");
    WORLD_WAIT(world_directories(world) == 2);
}

static void a_reload_drops_and_adds_folders(void **state)
{
    World *world = *state;
    g_autofree char *other = g_build_filename(world->dir, "other", NULL);
    Settings *both = fake_settings("inbox", world->inbox, "other", other);
    Settings *moved = fake_settings("inbox", other, NULL, NULL);
    Completion offer;

    world_mkdir(world, "../other/trip");
    world_mkdir(world, "trip");
    world_start_settled(world);
    watch_reload(world->watch, both);
    settings_unref(both);
    world_drop(world, "../other/trip/beach.jpg");
    WORLD_WAIT(fake_offer(world->intake, "trip/beach.jpg", &offer));
    assert_string_equal(offer.folder, "other");
    assert_int_equal(world_directories(world), 2);

    watch_reload(world->watch, moved); /* the same name, another path */
    settings_unref(moved);
    WORLD_WAIT(fake_offers(world->intake, "trip/beach.jpg") == 2);
    assert_true(fake_offer(world->intake, "trip/beach.jpg", &offer));
    assert_string_equal(offer.folder, "inbox");
    world_drop(world, "trip/gone.jpg");
    world_drop(world, "../other/last.jpg");
    WORLD_WAIT(fake_offers(world->intake, "last.jpg") == 1);
    assert_int_equal(fake_offers(world->intake, "trip/gone.jpg"), 0);
}

static void a_reload_without_changes_scans_nothing(void **state)
{
    World *world = *state;
    Settings *same = fake_settings("inbox", world->inbox, NULL, NULL);

    world_write(world, "a.txt", "text", 4);
    world_start_settled(world);
    watch_reload(world->watch, same);
    settings_unref(same);
    world_sentinel(world);
    assert_int_equal(world_ignored(world, "text"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 1);
}

static long switches_of_watcher(void)
{
    GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *task = NULL;
    long count = -1;

    while ((task = g_dir_read_name(tasks))) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/status", task);
        g_autofree char *status = NULL;
        const char *line = NULL;

        if (!g_file_get_contents(path, &status, NULL, NULL) ||
            !g_str_has_prefix(status, "Name:\twatch\n"))
            continue;
        line = strstr(status, "\nvoluntary_ctxt_switches:");
        count = line ? strtol(line + strlen("\nvoluntary_ctxt_switches:"), NULL, 10) : -1;
    }
    g_dir_close(tasks);
    return count;
}

static void an_idle_watcher_sleeps(void **state)
{
    World *world = *state;
    long before = 0;

    /* What others mount meanwhile wakes it up, rightly; without the right to do this they may. */
    if (unshare(CLONE_NEWNS) == 0)
        assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    world_write(world, "a.txt", "text", 4);
    world_start_settled(world);
    world_drop(world, "beach.jpg");
    world_await(world, "beach.jpg");
    before = switches_of_watcher();
    assert_true(before >= 0);
    g_usleep(2000000); /* the time that is measured */
    assert_in_range(switches_of_watcher() - before, 0, 1);
}

static void set_limit(const char *limit)
{
    int fd = open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC);

    assert_int_equal(write(fd, limit, strlen(limit)), strlen(limit));
    close(fd);
}

/* In a user namespace of its own, where the limit is this one's; see main(). */
static void beyond_the_limit_of_watches_directories_are_polled(void **state)
{
    World *world = *state;
    const char *told = "21 of 31 directories cannot be watched: this user may have 10 watches in "
                       "all programs; they are scanned every few seconds instead; raise the limit: "
                       "sysctl user.max_inotify_watches=8192";

    make_directories_named_d(world, 30);
    world->settings->reconcile_ms = 500;
    world_start_settled(world);
    WORLD_WAIT(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL));
    assert_int_equal(world_directories(world), 10);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, told), 1);
    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("d%d/p.jpg", i);

        world_drop(world, name);
    }
    WORLD_WAIT(fake_offers(world->intake, NULL) == 30);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL), 1);

    set_limit("1000");
    WORLD_WAIT(fake_logged(EVENT_WATCHES_OK, NULL, NULL) == 1);
    assert_int_equal(world_directories(world), 31);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL), 1);
}

static void where_nothing_is_polled_no_scan_is_promised(void **state)
{
    World *world = *state;
    const char *told = "3 of 6 directories cannot be watched: this user may have 3 watches in all "
                       "programs; they are not scanned before the next full scan (reconcile), "
                       "because their folder has watch = events; raise the limit: sysctl "
                       "user.max_inotify_watches=8192";

    set_limit("3");
    world_folder(world)->watch = WATCH_EVENTS;
    make_directories_named_d(world, 5);
    world_start_settled(world);
    WORLD_WAIT(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL));
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, told), 1);
}

static void a_limit_of_watches_is_reported_once_and_polled_around(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    World *world = *state;

    (void) world;
    if (!world_run("unshare", "-Ur", "sh", "-c", "echo 10 >/proc/sys/user/max_inotify_watches"))
        skip();
    assert_true(world_run("unshare", "-Ur", "sh", "-c",
                          "echo 10 >/proc/sys/user/max_inotify_watches && exec \"$0\" limit",
                          self));
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest limit[] = {
        WORLD_TEST(beyond_the_limit_of_watches_directories_are_polled),
        WORLD_TEST(where_nothing_is_polled_no_scan_is_promised),
    };
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_file_in_a_new_tree_is_never_missed),
        WORLD_TEST(two_thousand_directories_made_during_the_first_scan_are_all_watched),
        WORLD_TEST(a_directory_moved_in_is_scanned),
        WORLD_TEST(a_renamed_directory_is_watched_under_its_new_name),
        WORLD_TEST(a_directory_moved_out_is_watched_no_more),
        WORLD_TEST(a_directory_that_is_made_again_is_watched_again),
        WORLD_TEST(pending_files_in_a_moved_directory_move_with_it),
        WORLD_TEST(our_own_directories_at_the_top_are_not_watched),
        WORLD_TEST(sub_directories_are_ignored_when_the_folder_is_not_recursive),
        WORLD_TEST(lost_events_end_in_a_scan),
        WORLD_TEST(ten_thousand_removed_directories_restart_the_library),
        WORLD_TEST(a_reload_drops_and_adds_folders),
        WORLD_TEST(a_reload_without_changes_scans_nothing),
        WORLD_TEST(an_idle_watcher_sleeps),
        WORLD_TEST(a_limit_of_watches_is_reported_once_and_polled_around),
    };

    if (argc > 1 && strcmp(argv[1], "limit") == 0)
        return cmocka_run_group_tests_name("watch limit", limit, NULL, NULL);
    return cmocka_run_group_tests_name("watch dirs", tests, NULL, NULL);
}
