/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the watcher tells of one path: whether it is pending or ignored, since when, and how a file
 * that it has not seen will be found. */
#include <pthread.h>

#include "base/clock.h"
#include "daemon/watch/readiness.h"
#include "tests/unit/watch/bench.h"

enum { FILES = 400 };

static PathReport why(Bench *bench, const char *path)
{
    return watch_why(bench->watch, "inbox", path);
}

static bool is_in(Bench *bench, const char *path, PathState state, const char *reason)
{
    PathReport report = why(bench, path);
    bool is = report.state == state && g_strcmp0(report.reason, reason) == 0;

    path_report_clear(&report);
    return is;
}

static void a_pending_file_has_its_reason_its_time_and_its_next_check(void **state)
{
    Bench *bench = *state;
    int64_t before_ms = clock_ms();

    bench_start_scanned(bench);
    bench_write(bench, "empty.jpg", "", 0);
    BENCH_WAIT(is_in(bench, "empty.jpg", PATH_PENDING, "empty"));
    PathReport report = why(bench, "empty.jpg");
    assert_true(report.watched && report.available && report.scanned);
    assert_true(report.since_ms >= before_ms && report.since_ms <= clock_ms());
    assert_true(report.changed_ms >= report.since_ms);
    assert_true(report.due_ms > report.since_ms && report.due_ms != CLOCK_NEVER);
    assert_null(report.ignored_dir);
    path_report_clear(&report);
    bench_drop(bench, "empty.jpg");
    bench_await(bench, "empty.jpg");
    assert_true(is_in(bench, "empty.jpg", PATH_UNKNOWN, NULL));
}

static void an_ignored_file_has_its_reason(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    bench_write(bench, "notes.txt", "words\n", 6);
    bench_drop(bench, "._beach.jpg");
    BENCH_WAIT(is_in(bench, "notes.txt", PATH_IGNORED, "text"));
    BENCH_WAIT(is_in(bench, "._beach.jpg", PATH_IGNORED, "AppleDouble"));
    bench_drop(bench, "notes.txt");
    bench_await(bench, "notes.txt");
    assert_true(is_in(bench, "notes.txt", PATH_UNKNOWN, NULL));
}

static void a_file_below_an_ignored_directory_names_it(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    bench_mkdir(bench, "trip/@eaDir/deep");
    bench_drop(bench, "trip/@eaDir/deep/a.jpg");
    BENCH_WAIT(is_in(bench, "trip/@eaDir", PATH_IGNORED, "system folder"));
    PathReport report = why(bench, "trip/@eaDir/deep/a.jpg");
    assert_int_equal(report.state, PATH_IGNORED);
    assert_string_equal(report.reason, "system folder");
    assert_string_equal(report.ignored_dir, "trip/@eaDir");
    path_report_clear(&report);
}

static void a_directory_counts_the_pending_files_in_it(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    bench_mkdir(bench, "trip/a");
    bench_mkdir(bench, "trip2");
    bench_write(bench, "trip/1.jpg", "", 0);
    bench_write(bench, "trip/a/2.jpg", "", 0);
    bench_write(bench, "trip2/3.jpg", "", 0);
    BENCH_WAIT(bench_pending(bench, "empty") == 3);
    assert_int_equal(why(bench, "trip/").pending_below, 2);
    assert_int_equal(why(bench, "trip/a/").pending_below, 1);
    assert_int_equal(why(bench, "").pending_below, 3);
    assert_int_equal(why(bench, "trip/1.jpg").pending_below, 0);
    assert_int_equal(why(bench, "trip/").state, PATH_UNKNOWN);
}

static void a_directory_that_is_not_entered_names_its_setting(void **state)
{
    Bench *bench = *state;

    bench_folder(bench)->recursive = false;
    bench_mkdir(bench, "sub");
    bench_drop(bench, "sub/a.jpg");
    bench_start_scanned(bench);
    PathReport report = why(bench, "sub/a.jpg");
    assert_int_equal(report.state, PATH_IGNORED);
    assert_string_equal(report.reason, "directory (recursive = no)");
    assert_string_equal(report.ignored_dir, "sub");
    path_report_clear(&report);
    report = why(bench, "sub/");
    assert_string_equal(report.ignored_dir, "sub");
    path_report_clear(&report);
}

static void a_polled_folder_says_how_often_and_why(void **state)
{
    Bench *bench = *state;

    bench_folder(bench)->watch = WATCH_POLL;
    bench_mkdir(bench, "sub");
    bench_start_scanned(bench);
    PathReport report = why(bench, "sub/never.jpg");
    assert_int_equal(report.state, PATH_UNKNOWN);
    assert_int_equal(report.poll_s, 10);
    assert_string_equal(report.poll_why, "watch = poll");
    assert_true(report.poll_ms > 0 && report.poll_ms != CLOCK_NEVER);
    assert_true(report.next_scan_ms > clock_ms());
    assert_false(report.unwatched);
    path_report_clear(&report);
}

static void a_watched_directory_is_not_called_unwatched(void **state)
{
    Bench *bench = *state;

    bench_folder(bench)->watch = WATCH_EVENTS;
    bench_mkdir(bench, "sub");
    bench_start_scanned(bench);
    PathReport report = why(bench, "sub/never.jpg");
    assert_int_equal(report.poll_s, 0);
    assert_false(report.unwatched || report.too_many);
    path_report_clear(&report);
}

static void of_an_unknown_folder_nothing_is_known(void **state)
{
    Bench *bench = *state;

    bench_start_scanned(bench);
    PathReport report = watch_why(bench->watch, "elsewhere", "a.jpg");
    assert_false(report.watched);
    assert_int_equal(report.state, PATH_UNKNOWN);
    path_report_clear(&report);
}

typedef struct Asking {
    Bench *bench;
    atomic_bool stop;
    int answers;
} Asking;

static void *ask(void *data)
{
    Asking *asking = data;

    for (int i = 0; !atomic_load(&asking->stop); i = (i + 1) % FILES) {
        g_autofree char *name = g_strdup_printf("%d.jpg", i);
        PathReport report = why(asking->bench, name);

        asking->answers += report.watched;
        path_report_clear(&report);
        g_usleep(100);
    }
    return NULL;
}

/* The thread sanitizer watches. */
static void questions_of_other_threads_do_not_disturb(void **state)
{
    Bench *bench = *state;
    Asking asking[3] = { 0 };
    pthread_t threads[G_N_ELEMENTS(asking)];

    bench_start_scanned(bench);
    for (gsize i = 0; i < G_N_ELEMENTS(asking); i++) {
        asking[i].bench = bench;
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &asking[i]), 0);
    }
    for (int i = 0; i < FILES; i++) {
        g_autofree char *name = g_strdup_printf("%d.jpg", i);

        if (i % 3 == 0)
            bench_write(bench, name, "words\n", 6);
        else if (i % 3 == 1)
            bench_write(bench, name, "", 0);
        else
            bench_drop(bench, name);
    }
    BENCH_WAIT(bench_pending(bench, "empty") == FILES / 3);
    BENCH_WAIT(fake_offers(bench->intake, NULL) >= FILES / 3);
    for (gsize i = 0; i < G_N_ELEMENTS(asking); i++) {
        atomic_store(&asking[i].stop, true);
        pthread_join(threads[i], NULL);
        assert_true(asking[i].answers > 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_pending_file_has_its_reason_its_time_and_its_next_check),
        TEST(an_ignored_file_has_its_reason),
        TEST(a_file_below_an_ignored_directory_names_it),
        TEST(a_directory_counts_the_pending_files_in_it),
        TEST(a_directory_that_is_not_entered_names_its_setting),
        TEST(a_polled_folder_says_how_often_and_why),
        TEST(a_watched_directory_is_not_called_unwatched),
        TEST(of_an_unknown_folder_nothing_is_known),
        TEST(questions_of_other_threads_do_not_disturb),
    };

    return cmocka_run_group_tests_name("watch why", tests, NULL, NULL);
}
