/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What events name and the watcher has not checked yet: each once, and a bounded number. The test
 * makes the events and the time. */
#include "base/clock.h"
#include "daemon/watch/engine.h"
#include "daemon/watch/files.h"
#include "daemon/watch/scan.h"
#include "tests/unit/watch/bench.h"
#include "tests/unit/watch/mangle.h"

enum { TIMES = 1000, MANY = 100, FEW = 10, TURNS_MAX = 100000 };

typedef struct Hints {
    Bench *bench;
    Engine *engine;
    EventPort *port;
    WatchedFolder *watched; /* the inbox */
    GRand *rand;
} Hints;

static int set_up(void **state)
{
    Hints *hints = g_new0(Hints, 1);
    void *bench = NULL;
    Mangle none = { .shut = 0 };

    bench_setup(&bench);
    hints->bench = bench;
    fake_intake_remembers(hints->bench->intake);
    hints->rand = g_rand_new_with_seed(1);
    mangle_set(&none, hints->rand);
    hints->port = events_port_new(NULL, -1);
    hints->engine = engine_new(hints->bench->settings, bench_folder(hints->bench), hints->port,
                               hints->bench->intake, hints->bench->health);
    hints->watched = hints->engine->watched;
    engine_turn(hints->engine);
    *state = hints;
    return 0;
}

static int tear_down(void **state)
{
    Hints *hints = *state;
    void *bench = hints->bench;

    engine_free(hints->engine);
    events_port_free(hints->port);
    g_rand_free(hints->rand);
    g_free(hints);
    return bench_teardown(&bench);
}

static void rest(const Hints *hints)
{
    int turns = 0;

    while (engine_turn(hints->engine) || mangle_next_ms() <= clock_ms())
        assert_true(turns++ < TURNS_MAX);
}

/* A program changes the modes of two directories by turns. */
static void a_directory_that_is_named_again_and_again_waits_once(void **state)
{
    const Hints *hints = *state;

    rest(hints);
    for (int i = 0; i < TIMES; i++)
        scan_directory_appeared(hints->watched, i % 2 ? "trip" : "walk", i % 2 ? "trip" : "walk");
    assert_int_equal(walk_queued(hints->watched->scan.named), 2);
    rest(hints);
    assert_int_equal(walk_queued(hints->watched->scan.named), 0);
    scan_directory_appeared(hints->watched, "trip", "trip");
    assert_int_equal(walk_queued(hints->watched->scan.named), 1);
}

static void name_many(const Hints *hints)
{
    for (int i = 0; i < MANY; i++) {
        g_autofree char *name = g_strdup_printf("gone-%d", i);

        scan_directory_appeared(hints->watched, name, name);
        files_touched(hints->watched, name);
    }
}

static void what_events_name_is_not_remembered_without_end(void **state)
{
    const Hints *hints = *state;

    hints->engine->common.hints_max = FEW;
    rest(hints);
    name_many(hints);
    assert_int_equal(walk_queued(hints->watched->scan.named), FEW);
    assert_int_equal(hints->watched->files.touched->len, FEW);
}

/* One event names the directory, its listing all that are in it. */
static void a_directory_of_many_is_not_remembered_without_end(void **state)
{
    const Hints *hints = *state;
    unsigned most = 0;

    hints->engine->common.hints_max = FEW;
    rest(hints);
    for (int i = 0; i < MANY; i++) {
        g_autofree char *name = g_strdup_printf("trip/%d", i);

        bench_mkdir(hints->bench, name);
    }
    for (int turns = 0; engine_turn(hints->engine) && turns < TURNS_MAX; turns++)
        most = MAX(most, walk_queued(hints->watched->scan.named));
    assert_in_range(most, 1, FEW);
}

static void what_could_not_be_remembered_is_found_by_a_scan_a_little_later(void **state)
{
    const Hints *hints = *state;

    hints->engine->common.hints_max = FEW;
    rest(hints);
    for (int i = 0; i < MANY; i++) {
        g_autofree char *top = g_strdup_printf("%d.jpg", i);
        g_autofree char *dir = g_strdup_printf("trip-%d", i);
        g_autofree char *below = g_strdup_printf("trip-%d/%d.jpg", i, i);

        bench_drop(hints->bench, top);
        bench_mkdir(hints->bench, dir);
        bench_drop(hints->bench, below);
    }
    rest(hints);
    assert_true(fake_offers(hints->bench->intake, NULL) < 2 * MANY);
    mangle_sleep(RESCAN_SOON_MS);
    rest(hints);
    assert_int_equal(fake_offers(hints->bench->intake, NULL), 2 * MANY);
}

/* A program that never stops has the folder scanned now and then, not all the time. */
static void a_flood_of_names_brings_one_scan_at_a_time(void **state)
{
    const Hints *hints = *state;

    hints->engine->common.hints_max = FEW;
    rest(hints);
    int64_t began_ms = hints->watched->scan.began_ms;
    for (int i = 0; i < FEW; i++) {
        name_many(hints);
        rest(hints);
    }
    assert_int_equal(hints->watched->scan.began_ms, began_ms);
    assert_in_range(engine_next_ms(hints->engine) - clock_ms(), 1, RESCAN_SOON_MS);
}

static int ignored(const Hints *hints, const char *reason)
{
    WatchReport report = watched_report(hints->engine->watched);
    int files = bench_count(report.ignored_by_reason, reason);

    watch_report_clear(&report);
    return files;
}

static void another_scan_neither_counts_nor_reports_an_ignored_file_twice(void **state)
{
    const Hints *hints = *state;

    bench_write(hints->bench, "notes.txt", "some text\n", 10);
    bench_drop(hints->bench, ".DS_Store");
    for (int scans = 0; scans < 2; scans++) {
        watched_rescan(hints->watched, clock_ms());
        rest(hints);
        assert_int_equal(ignored(hints, "text"), 1);
        assert_int_equal(ignored(hints, "folder settings"), 1);
        assert_int_equal(fake_logged(EVENT_IGNORED, NULL, NULL), 1);
        mangle_sleep(1);
    }
}

#define HINTS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HINTS_TEST(a_directory_that_is_named_again_and_again_waits_once),
        HINTS_TEST(what_events_name_is_not_remembered_without_end),
        HINTS_TEST(a_directory_of_many_is_not_remembered_without_end),
        HINTS_TEST(what_could_not_be_remembered_is_found_by_a_scan_a_little_later),
        HINTS_TEST(a_flood_of_names_brings_one_scan_at_a_time),
        HINTS_TEST(another_scan_neither_counts_nor_reports_an_ignored_file_twice),
    };

    return cmocka_run_group_tests_name("watch scan", tests, NULL, NULL);
}
