/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Polling: of what, how often, and at which cost. The test makes the events
 * and the time. */
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/watch/engine.h"
#include "daemon/watch/observation.h"
#include "tests/unit/watch/bench.h"
#include "tests/unit/watch/calls.h"
#include "tests/unit/watch/mangle.h"

enum { FILES = 200, RECONCILE_MS = 300000, TURNS_MAX = 100000 };

typedef struct Polling {
    Bench *bench;
    Engine *engine;
    EventPort *port;
    GRand *rand;
} Polling;

static int set_up(void **state)
{
    Polling *polling = g_new0(Polling, 1);
    void *bench = NULL;
    Mangle none = { .shut = 0 };

    bench_setup(&bench);
    polling->bench = bench;
    fake_intake_remembers(polling->bench->intake);
    polling->rand = g_rand_new_with_seed(1);
    mangle_tick(0);
    mangle_set(&none, polling->rand);
    *state = polling;
    return 0;
}

static int tear_down(void **state)
{
    Polling *polling = *state;
    void *bench = polling->bench;

    mangle_tick(0);
    if (polling->engine)
        engine_free(polling->engine);
    events_port_free(polling->port);
    g_rand_free(polling->rand);
    g_free(polling);
    return bench_teardown(&bench);
}

/* Lets everything happen that is due until then. */
static void pass(Polling *polling, int64_t ms)
{
    int64_t until_ms = clock_ms() + ms;

    for (int i = 0; i < TURNS_MAX; i++) {
        int64_t next_ms = 0, now_ms = 0;

        while (engine_turn(polling->engine) || mangle_next_ms() <= clock_ms())
            assert_true(++i < TURNS_MAX);
        next_ms = engine_next_ms(polling->engine);
        now_ms = clock_ms();
        if (now_ms >= until_ms)
            return;
        mangle_sleep(MAX(MIN(next_ms, until_ms) - now_ms, 1));
    }
    fail_msg("the watcher never comes to rest");
}

static void begin(Polling *polling, WatchMethod way)
{
    bench_folder(polling->bench)->watch = way;
    polling->port = events_port_new(NULL, -1);
    polling->engine = engine_new(polling->bench->settings, bench_folder(polling->bench),
                                 polling->port, polling->bench->intake, polling->bench->health);
    pass(polling, 1);
    assert_true(atomic_load(&polling->engine->watched->status.scanned));
}

/* Where the directory of the tests is an overlay, `auto` polls all of it. */
static void expect_local(const Polling *polling)
{
    int fd = open(polling->bench->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    FsKind kind = fs_kind(fd);

    close(fd);
    if (kind != FS_LOCAL)
        skip();
}

static void expect_way(Polling *polling, int directories, const char *way)
{
    WatchReport report = watched_report(polling->engine->watched);

    assert_string_equal(report.method, way);
    assert_int_equal(report.directories, directories);
    watch_report_clear(&report);
}

static void fill(Polling *polling, const char *dir)
{
    bench_mkdir(polling->bench, dir);
    for (int i = 0; i < FILES; i++) {
        g_autofree char *name = g_strdup_printf("%s/%d.jpg", dir, i);

        bench_drop(polling->bench, name);
    }
}

static int offers(Polling *polling, const char *source)
{
    return fake_offers(polling->bench->intake, source);
}

static void a_folder_of_events_is_not_polled(void **state)
{
    Polling *polling = *state;

    expect_local(polling);
    begin(polling, WATCH_AUTO);
    expect_way(polling, 1, "events");
    assert_int_equal(fake_logged(EVENT_WATCH_METHOD, NULL, "events"), 1);
    assert_true(engine_next_ms(polling->engine) > clock_ms() + RECONCILE_MS / 2);
    pass(polling, INT64_C(2) * RECONCILE_MS);
    assert_int_equal(fake_logged(EVENT_WATCH_METHOD, NULL, NULL), 1);
}

static void a_polled_folder_has_no_watches_and_finds_each_file_once(void **state)
{
    Polling *polling = *state;

    bench_mkdir(polling->bench, "trip");
    bench_drop(polling->bench, "trip/before.jpg");
    begin(polling, WATCH_POLL);
    expect_way(polling, 0, "polling every 10 s");
    assert_int_equal(offers(polling, "trip/before.jpg"), 1);
    bench_drop(polling->bench, "trip/after.jpg");
    bench_mkdir(polling->bench, "new");
    bench_drop(polling->bench, "new/one.jpg");
    pass(polling, POLL_MS / 2);
    assert_int_equal(offers(polling, NULL), 1);
    pass(polling, POLL_MS);
    assert_int_equal(offers(polling, "trip/after.jpg"), 1);
    assert_int_equal(offers(polling, "new/one.jpg"), 1);
    pass(polling, INT64_C(2) * RECONCILE_MS);
    bench_drop(polling->bench, "late.jpg");
    pass(polling, INT64_C(2) * POLL_MS); /* also after the scans of all */
    assert_int_equal(offers(polling, NULL), 4);
    expect_way(polling, 0, "polling every 10 s");
    assert_int_equal(fake_logged(EVENT_WATCH_METHOD, NULL, NULL), 1);
}

static void a_folder_of_events_alone_waits_for_the_scan_of_all(void **state)
{
    Polling *polling = *state;
    Mangle few = { .limit = 1 };

    mangle_set(&few, polling->rand);
    bench_mkdir(polling->bench, "trip");
    begin(polling, WATCH_EVENTS);
    expect_way(polling, 1, "events");
    bench_drop(polling->bench, "trip/beach.jpg");
    pass(polling, INT64_C(5) * POLL_MS);
    assert_int_equal(offers(polling, NULL), 0);
    pass(polling, RECONCILE_MS);
    assert_int_equal(offers(polling, "trip/beach.jpg"), 1);
}

static void only_what_can_not_be_watched_is_polled(void **state)
{
    Polling *polling = *state;
    Mangle few = { .limit = 1 };

    mangle_set(&few, polling->rand);
    bench_mkdir(polling->bench, "b/below");
    bench_mkdir(polling->bench, "a");
    expect_local(polling);
    begin(polling, WATCH_AUTO);
    expect_way(polling, 1, "events; polling below 'a' and 1 other directory every 10 s");
    bench_drop(polling->bench, "b/below/beach.jpg");
    pass(polling, INT64_C(2) * POLL_MS);
    assert_int_equal(offers(polling, "b/below/beach.jpg"), 1);
}

/* The ledger is asked by each scan of all; what changes is seen in between, too. */
static void a_poll_does_not_ask_for_what_the_ledger_has_finished_with(void **state)
{
    Polling *polling = *state;
    Intake *intake = polling->bench->intake;
    int asked = 0;

    fill(polling, "trip");
    begin(polling, WATCH_POLL);
    assert_int_equal(offers(polling, NULL), FILES);
    pass(polling, POLL_MS + 1);
    asked = fake_asked(intake);
    assert_true(asked >= FILES);
    pass(polling, INT64_C(10) * POLL_MS);
    assert_int_equal(fake_asked(intake), asked);
    bench_write(polling->bench, "trip/7.jpg",
                "\xff\xd8\xff\xe0"
                "other",
                9);
    bench_drop(polling->bench, "trip/8.jpg");
    pass(polling,
         INT64_C(10) * POLL_MS); /* one is not complete, and is offered when it has waited */
    assert_int_equal(offers(polling, "trip/7.jpg"), 2);
    assert_int_equal(offers(polling, "trip/8.jpg"), 1); /* the same content again */
    asked = fake_asked(intake);
    pass(polling, RECONCILE_MS);
    assert_true(fake_asked(intake) >= asked + FILES);
}

/* Lists it once and looks at each file from outside; none is opened. A file that is written to
 * where no event reports it changes nothing in its directory: only its own size and times do. */
static void
a_poll_of_what_has_not_changed_costs_one_look_a_file_and_few_calls_a_directory(void **state)
{
    enum { DIRS = 3, TURNS = 10, DIR_OPENS = 3, DIR_STATS = 2, REST = 10 };
    Polling *polling = *state;
    Calls first, polls;

    for (int i = 0; i < DIRS; i++) {
        g_autofree char *dir = g_strdup_printf("trip-%d", i);

        fill(polling, dir);
    }
    begin(polling, WATCH_POLL);
    first = calls_take();
    assert_true(first.opens >= DIRS * FILES); /* or the calls are not counted */
    pass(polling, POLL_MS + 1);               /* it learns what the ledger has finished with */
    calls_take();
    pass(polling, INT64_C(1) * TURNS * POLL_MS);
    polls = calls_take();
    assert_int_equal(polls.lists, TURNS * (DIRS + 1));
    assert_in_range(polls.stats, TURNS * DIRS * FILES, TURNS * (DIRS * (FILES + DIR_STATS) + REST));
    assert_in_range(polls.opens, TURNS * (DIRS + 1), TURNS * (DIRS * DIR_OPENS + REST));
}

static void a_file_that_comes_back_is_offered_again(void **state)
{
    Polling *polling = *state;
    g_autofree char *here = bench_path(polling->bench, "beach.jpg");
    g_autofree char *away = bench_path(polling->bench, "../away.jpg");

    bench_drop(polling->bench, "beach.jpg");
    begin(polling, WATCH_POLL);
    pass(polling, INT64_C(2) * POLL_MS);
    assert_int_equal(rename(here, away), 0);
    bench_write(polling->bench, "beach.jpg",
                "\xff\xd8\xff\xe0"
                "other\xff\xd9",
                11);
    pass(polling, INT64_C(10) * POLL_MS);
    assert_int_equal(offers(polling, "beach.jpg"), 2);
    assert_int_equal(rename(away, here), 0);
    pass(polling, INT64_C(2) * POLL_MS);
    assert_int_equal(offers(polling, "beach.jpg"), 3);
}

/* Each look at the clock takes a while, and a scan looks at it once an entry at least. */
static void a_scan_that_takes_long_comes_rarely(void **state)
{
    Polling *polling = *state;
    int64_t now_ms = 0, next_ms = 0;

    polling->bench->settings->reconcile_ms = G_MAXINT;
    fill(polling, "trip");
    begin(polling, WATCH_POLL);
    pass(polling, POLL_MS + 1);
    now_ms = clock_ms();
    assert_in_range(engine_next_ms(polling->engine) - now_ms, POLL_MS - 2, POLL_MS);
    mangle_tick(2);
    pass(polling, POLL_MS + 1);
    mangle_tick(0);
    now_ms = clock_ms();
    next_ms = engine_next_ms(polling->engine);
    assert_true(next_ms - now_ms >= INT64_C(2) * (POLL_SHARE - 1) * FILES);
    pass(polling, next_ms - now_ms - 1);
    assert_int_equal(engine_next_ms(polling->engine), next_ms);
    pass(polling, 1); /* that one takes no time */
    assert_int_equal(engine_next_ms(polling->engine), next_ms + POLL_MS);
    expect_way(polling, 0, "polling every 10 s");
}

/* The scan of `reconcile` goes through all of it, too. */
static void where_a_scan_takes_long_the_regular_one_comes_rarely_too(void **state)
{
    enum { TICK_MS = 40, SCANS = 10, DIRS = 2 };
    Polling *polling = *state;
    int64_t every_ms = 0;

    polling->bench->settings->reconcile_ms = RECONCILE_MS;
    fill(polling, "trip");
    begin(polling, WATCH_POLL);
    pass(polling, POLL_MS + 1);
    mangle_tick(TICK_MS);
    pass(polling, POLL_MS + 1); /* from now on it is known */
    pass(polling, RECONCILE_MS);
    every_ms = engine_next_ms(polling->engine) - clock_ms();
    assert_true(every_ms >= INT64_C(1) * (POLL_SHARE - 1) * FILES * TICK_MS);
    calls_take();
    pass(polling, SCANS * every_ms);
    mangle_tick(0);
    assert_in_range(calls_take().lists, DIRS * SCANS / 2, DIRS * SCANS);
}

#define POLL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POLL_TEST(a_folder_of_events_is_not_polled),
        POLL_TEST(a_polled_folder_has_no_watches_and_finds_each_file_once),
        POLL_TEST(a_folder_of_events_alone_waits_for_the_scan_of_all),
        POLL_TEST(only_what_can_not_be_watched_is_polled),
        POLL_TEST(a_poll_does_not_ask_for_what_the_ledger_has_finished_with),
        POLL_TEST(a_poll_of_what_has_not_changed_costs_one_look_a_file_and_few_calls_a_directory),
        POLL_TEST(a_file_that_comes_back_is_offered_again),
        POLL_TEST(a_scan_that_takes_long_comes_rarely),
        POLL_TEST(where_a_scan_takes_long_the_regular_one_comes_rarely_too),
    };

    return cmocka_run_group_tests_name("watch poll", tests, NULL, NULL);
}
