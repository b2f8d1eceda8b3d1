/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories that are made, moved and removed, and events that are lost: every picture is offered
 * once, from where it lies. */
#include <pthread.h>
#include <sys/wait.h>

#include "tests/unit/watch/bench.h"

static void move(Bench *bench, const char *from, const char *to)
{
    g_autofree char *source = bench_path(bench, from);
    g_autofree char *target = bench_path(bench, to);

    assert_int_equal(rename(source, target), 0);
}

static void a_file_in_a_new_tree_is_never_missed(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    for (int i = 0; i < 100; i++) {
        g_autofree char *dir = g_strdup_printf("t%d/a/b/c", i);
        g_autofree char *deep = g_strdup_printf("t%d/a/b/c/deep.jpg", i);
        g_autofree char *top = g_strdup_printf("t%d/top.jpg", i);

        bench_mkdir(bench, dir);
        bench_drop(bench, deep);
        bench_drop(bench, top);
    }
    BENCH_WAIT(fake_offers(bench->intake, NULL) == 200);
    BENCH_WAIT(bench_directories(bench) == 401);
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, NULL), 201);
}

typedef struct Making {
    Bench *bench;
    int count;
} Making;

static void *make_directories(void *data)
{
    Making *making = data;

    for (int i = 0; i < making->count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        g_autofree char *path = bench_path(making->bench, name);
        g_autofree char *photo = g_strdup_printf("%s/p.jpg", path);

        if (mkdir(path, 0755) || link(making->bench->photo, photo))
            return making;
    }
    return NULL;
}

static void two_thousand_directories_made_during_the_first_scan_are_all_watched(void **state)
{
    Bench *bench = *state;
    Making making = { bench, 2000 };
    pthread_t thread;
    void *failed = NULL;

    assert_int_equal(pthread_create(&thread, NULL, make_directories, &making), 0);
    bench_start(bench);
    pthread_join(thread, &failed);
    assert_null(failed);
    BENCH_WAIT(bench_directories(bench) == making.count + 1);
    BENCH_WAIT(fake_offers(bench->intake, NULL) == making.count);
    for (int i = 0; i < making.count; i += 97) {
        g_autofree char *name = g_strdup_printf("d%d/later.jpg", i);

        bench_drop(bench, name);
        BENCH_WAIT(fake_offers(bench->intake, name) == 1);
    }
}

static void new_rights_of_a_directory_retry_the_moves_below_it(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "wedding");

    bench_mkdir(bench, "wedding");
    bench_start_scanned(bench);
    BENCH_WAIT(fake_retries(bench->intake, "") > 0); /* the first scan has ended */
    assert_int_equal(fake_retries(bench->intake, "wedding"), 0);
    assert_int_equal(chmod(path, 0775), 0);
    BENCH_WAIT(fake_retries(bench->intake, "wedding") > 0);
}

static void a_directory_moved_in_is_scanned(void **state)
{
    Bench *bench = *state;
    g_autofree char *outside = g_build_filename(bench->dir, "trip", NULL);
    g_autofree char *inside = bench_path(bench, "trip");

    bench_start_scanned(bench);
    bench_mkdir(bench, "../trip/day");
    bench_drop(bench, "../trip/day/beach.jpg");
    assert_int_equal(rename(outside, inside), 0);
    bench_await(bench, "trip/day/beach.jpg");
    bench_drop(bench, "trip/day/hill.jpg");
    bench_await(bench, "trip/day/hill.jpg");
}

static void a_renamed_directory_is_watched_under_its_new_name(void **state)
{
    Bench *bench = *state;

    bench_mkdir(bench, "old/day");
    bench_start_scanned(bench);
    move(bench, "old", "new");
    bench_drop(bench, "new/day/beach.jpg");
    bench_drop(bench, "new/hill.jpg");
    bench_await(bench, "new/day/beach.jpg");
    bench_await(bench, "new/hill.jpg");
    move(bench, "new", "newer");
    move(bench, "newer/day", "newer/night");
    bench_drop(bench, "newer/night/moon.jpg");
    bench_await(bench, "newer/night/moon.jpg");
    assert_int_equal(bench_directories(bench), 3);
}

static void a_directory_moved_out_is_watched_no_more(void **state)
{
    Bench *bench = *state;

    bench_mkdir(bench, "trip/day");
    bench_start_scanned(bench);
    assert_int_equal(bench_directories(bench), 3);
    move(bench, "trip", "../trip");
    BENCH_WAIT(bench_directories(bench) == 1);
    bench_drop(bench, "../trip/day/beach.jpg");
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, NULL), 1);
}

static void a_directory_that_is_made_again_is_watched_again(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "trip");

    bench_start_scanned(bench);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(mkdir(path, 0755), 0);
    bench_drop(bench, "trip/beach.jpg");
    bench_await(bench, "trip/beach.jpg");
    BENCH_WAIT(bench_directories(bench) == 2);
}

static void pending_files_in_a_moved_directory_move_with_it(void **state)
{
    Bench *bench = *state;
    GByteArray *half = sample_jpeg();

    g_byte_array_set_size(half, half->len / 2);
    bench_mkdir(bench, "old");
    bench_start_scanned(bench);
    bench_write(bench, "old/half.jpg", half->data, half->len);
    g_byte_array_unref(half);
    BENCH_WAIT(bench_pending(bench, "incomplete") == 1);
    move(bench, "old", "new");
    bench_sentinel(bench);
    BENCH_WAIT(bench_pending(bench, "incomplete") == 1);
    bench_drop(bench, "new/half.jpg");
    bench_await(bench, "new/half.jpg");
    assert_int_equal(bench_pending(bench, NULL), 0);
}

static void our_own_directories_at_the_top_are_not_watched(void **state)
{
    Bench *bench = *state;

    bench_mkdir(bench, "done");
    bench_start_scanned(bench);
    bench_mkdir(bench, "failed");
    bench_mkdir(bench, "trash");
    bench_mkdir(bench, "trip/done");
    bench_drop(bench, "done/a.jpg");
    bench_drop(bench, "failed/b.jpg");
    bench_drop(bench, "trash/c.jpg");
    bench_drop(bench, "trip/done/d.jpg");
    bench_await(bench, "trip/done/d.jpg");
    assert_int_equal(fake_offers(bench->intake, NULL), 2); /* with a sentinel */
    assert_int_equal(bench_directories(bench), 3);
}

static void sub_directories_are_ignored_when_the_folder_is_not_recursive(void **state)
{
    Bench *bench = *state;

    bench_folder(bench)->recursive = false;
    bench_mkdir(bench, "there");
    bench_drop(bench, "there/a.jpg");
    bench_start_scanned(bench);
    bench_mkdir(bench, "new");
    bench_drop(bench, "new/b.jpg");
    bench_sentinel(bench);
    assert_int_equal(fake_offers(bench->intake, NULL), 1);
    assert_int_equal(bench_directories(bench), 1);
    assert_int_equal(bench_ignored(bench, "directory (recursive = no)"), 2);
    assert_int_equal(fake_logged(EVENT_IGNORED, "new", "directory (recursive = no)"), 1);
}

static void what_may_be_a_picture_is_passed_over_with_a_message(void **state)
{
    Bench *bench = *state;

    bench_mkdir(bench, ".raw");
    bench_drop(bench, ".raw/a.jpg");
    bench_drop(bench, ".cover.jpg");
    bench_mkdir(bench, "@eaDir");
    bench_drop(bench, "._cover.jpg");
    bench_start_scanned(bench);
    bench_mkdir(bench, ".later");
    bench_sentinel(bench);
    BENCH_WAIT(bench_ignored(bench, "dot folder") == 2);
    assert_int_equal(fake_logged(EVENT_IGNORED, ".raw", "dot folder"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, ".later", "dot folder"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, ".cover.jpg", "dot file"), 1);
    assert_int_equal(bench_ignored(bench, "system folder"), 1); /* counted, and no more */
    assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 3);
}

static void a_directory_of_another_user_with_one_of_our_names_is_logged(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = bench_path(bench, "done");

    if (geteuid() != 0)
        skip(); /* only root can give directories away */
    bench_mkdir(bench, "done");
    bench_mkdir(bench, "failed");
    assert_int_equal(chown(path, 65534, 65534), 0);
    bench_start_scanned(bench);
    assert_int_equal(bench_ignored(bench, "directory with a name that hotfolder uses"), 1);
    assert_int_equal(fake_logged(EVENT_IGNORED, "done", NULL), 1);
}

/* The folder's thread is held in an offer while more events come than are kept for it. */
static void lost_events_end_in_a_scan(void **state)
{
    Bench *bench = *state;
    g_autofree char *one = bench_path(bench, "x.txt");
    g_autofree char *two = bench_path(bench, "y.txt");

    bench_start_scanned(bench);
    fake_intake_shut(bench->intake, true);
    bench_drop(bench, "first.jpg");
    BENCH_WAIT(fake_shut_waits(bench->intake));
    bench_write(bench, "x.txt", "text", 4);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(rename(one, two), 0);
        assert_int_equal(rename(two, one), 0);
    }
    bench_mkdir(bench, "lost/day");
    bench_drop(bench, "lost/day/beach.jpg");
    bench_drop(bench, "lost.jpg");
    fake_intake_shut(bench->intake, false);
    BENCH_WAIT(fake_offers(bench->intake, "lost/day/beach.jpg") == 1);
    BENCH_WAIT(fake_offers(bench->intake, "lost.jpg") == 1);
    bench_drop(bench, "lost/day/later.jpg");
    bench_await(bench, "lost/day/later.jpg");
}

static void make_directories_named_d(Bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);

        bench_mkdir(bench, name);
    }
}

static void remove_directories_named_d(Bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        g_autofree char *path = bench_path(bench, name);

        assert_int_equal(rmdir(path), 0);
    }
}

static void after_thousands_of_removed_directories_others_are_watched_still(void **state)
{
    enum { ROUNDS = 4, EACH = 500 };
    Bench *bench = *state;

    bench_mkdir(bench, "stays");
    bench_start_scanned(bench);
    for (int round = 0; round < ROUNDS; round++) {
        make_directories_named_d(bench, EACH);
        BENCH_WAIT(bench_directories(bench) == EACH + 2);
        remove_directories_named_d(bench, EACH);
        BENCH_WAIT(bench_directories(bench) == 2);
    }
    bench_drop(bench, "stays/beach.jpg");
    bench_await(bench, "stays/beach.jpg");
    BENCH_WAIT(bench_directories(bench) == 2);
}

static void a_reload_drops_and_adds_folders(void **state)
{
    Bench *bench = *state;
    g_autofree char *other = g_build_filename(bench->dir, "other", NULL);
    Settings *both = fake_settings("inbox", bench->inbox, "other", other);
    Settings *moved = fake_settings("inbox", other, NULL, NULL);
    Completion offer;

    bench_mkdir(bench, "../other/trip");
    bench_mkdir(bench, "trip");
    bench_start_scanned(bench);
    watch_reload(bench->watch, both);
    settings_unref(both);
    bench_drop(bench, "../other/trip/beach.jpg");
    BENCH_WAIT(fake_offer(bench->intake, "trip/beach.jpg", &offer));
    assert_string_equal(offer.folder, "other");
    assert_int_equal(bench_directories(bench), 2);

    watch_reload(bench->watch, moved); /* the same name, another path */
    settings_unref(moved);
    BENCH_WAIT(fake_offers(bench->intake, "trip/beach.jpg") == 2);
    assert_true(fake_offer(bench->intake, "trip/beach.jpg", &offer));
    assert_string_equal(offer.folder, "inbox");
    bench_drop(bench, "trip/gone.jpg");
    bench_drop(bench, "../other/last.jpg");
    BENCH_WAIT(fake_offers(bench->intake, "last.jpg") == 1);
    assert_int_equal(fake_offers(bench->intake, "trip/gone.jpg"), 0);
}

static void a_reload_without_changes_scans_nothing(void **state)
{
    Bench *bench = *state;
    Settings *same = fake_settings("inbox", bench->inbox, NULL, NULL);

    bench_write(bench, "a.txt", "text", 4);
    bench_start_scanned(bench);
    watch_reload(bench->watch, same);
    settings_unref(same);
    bench_sentinel(bench);
    assert_int_equal(bench_ignored(bench, "text"), 1);
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
    Bench *bench = *state;
    long before = 0;

    bench_write(bench, "a.txt", "text", 4);
    bench_start_scanned(bench);
    bench_drop(bench, "beach.jpg");
    bench_await(bench, "beach.jpg");
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

/* How many of d0/ to d29/ watch_why() says that they are polled because of the limit, or, with
 * `unwatched`, that only a full scan finds what comes into them. */
static int limited_directories(Bench *bench, bool unwatched)
{
    int count = 0;

    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("d%d/never.jpg", i);
        PathReport report = watch_why(bench->watch, "inbox", name);
        bool limit = report.poll_s && strstr(report.poll_why, "the limit of watches is reached");

        assert_false(report.poll_s && report.unwatched);
        count += unwatched ? report.unwatched : limit;
        path_report_clear(&report);
    }
    return count;
}

/* In a user namespace of its own, where the limit is this one's; see main(). */
static void beyond_the_limit_of_watches_directories_are_polled(void **state)
{
    Bench *bench = *state;
    const char *message =
        "21 of 31 directories cannot be watched: this user may have 10 watches in "
        "all programs; they are scanned every few seconds instead; raise the limit: "
        "sysctl user.max_inotify_watches=8192";

    make_directories_named_d(bench, 30);
    bench->settings->reconcile_ms = 500;
    bench_start_scanned(bench);
    BENCH_WAIT(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL));
    assert_int_equal(bench_directories(bench), 10);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, message), 1);
    assert_int_equal(limited_directories(bench, false), 21);
    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("d%d/p.jpg", i);

        bench_drop(bench, name);
    }
    BENCH_WAIT(fake_offers(bench->intake, NULL) == 30);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL), 1);

    set_limit("1000");
    BENCH_WAIT(fake_logged(EVENT_WATCHES_OK, NULL, NULL) == 1);
    assert_int_equal(bench_directories(bench), 31);
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL), 1);
}

static void where_nothing_is_polled_no_scan_is_promised(void **state)
{
    Bench *bench = *state;
    const char *message =
        "3 of 6 directories cannot be watched: this user may have 3 watches in all "
        "programs; they are not scanned before the next full scan (reconcile), "
        "because their folder has watch = events; raise the limit: sysctl "
        "user.max_inotify_watches=8192";

    set_limit("3");
    bench_folder(bench)->watch = WATCH_EVENTS;
    make_directories_named_d(bench, 5);
    bench_start_scanned(bench);
    BENCH_WAIT(fake_logged(EVENT_WATCH_LIMIT, NULL, NULL));
    assert_int_equal(fake_logged(EVENT_WATCH_LIMIT, NULL, message), 1);
    assert_int_equal(limited_directories(bench, true), 25 + 3); /* d5/ to d29/ do not exist */
}

static void a_limit_of_watches_is_reported_once_and_polled_around(void **state)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    Bench *bench = *state;

    (void) bench;
    if (!bench_run("unshare", "-Ur", "sh", "-c", "echo 10 >/proc/sys/user/max_inotify_watches"))
        skip();
    assert_true(bench_run("unshare", "-Ur", "sh", "-c",
                          "echo 10 >/proc/sys/user/max_inotify_watches && exec \"$0\" limit",
                          self));
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest limit[] = {
        BENCH_TEST(beyond_the_limit_of_watches_directories_are_polled),
        BENCH_TEST(where_nothing_is_polled_no_scan_is_promised),
    };
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_file_in_a_new_tree_is_never_missed),
        BENCH_TEST(two_thousand_directories_made_during_the_first_scan_are_all_watched),
        BENCH_TEST(new_rights_of_a_directory_retry_the_moves_below_it),
        BENCH_TEST(a_directory_moved_in_is_scanned),
        BENCH_TEST(a_renamed_directory_is_watched_under_its_new_name),
        BENCH_TEST(a_directory_moved_out_is_watched_no_more),
        BENCH_TEST(a_directory_that_is_made_again_is_watched_again),
        BENCH_TEST(pending_files_in_a_moved_directory_move_with_it),
        BENCH_TEST(our_own_directories_at_the_top_are_not_watched),
        BENCH_TEST(sub_directories_are_ignored_when_the_folder_is_not_recursive),
        BENCH_TEST(what_may_be_a_picture_is_passed_over_with_a_message),
        BENCH_TEST(a_directory_of_another_user_with_one_of_our_names_is_logged),
        BENCH_TEST(lost_events_end_in_a_scan),
        BENCH_TEST(after_thousands_of_removed_directories_others_are_watched_still),
        BENCH_TEST(a_reload_drops_and_adds_folders),
        BENCH_TEST(a_reload_without_changes_scans_nothing),
        BENCH_TEST(an_idle_watcher_sleeps),
        BENCH_TEST(a_limit_of_watches_is_reported_once_and_polled_around),
    };

    if (argc > 1 && strcmp(argv[1], "limit") == 0)
        return cmocka_run_group_tests_name("watch limit", limit, NULL, NULL);
    return cmocka_run_group_tests_name("watch dirs", tests, NULL, NULL);
}
