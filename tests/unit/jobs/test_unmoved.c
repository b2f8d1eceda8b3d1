/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures whose originals cannot be moved: a file stands where done/ or failed/ would be. */
#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/jobs/bench.h"

enum { BACKLOG = 40 };

static void shut(const Bench *bench, const char *name)
{
    check_write(bench->in, name, "no directory");
}

static void open_up(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, name, NULL);

    assert_int_equal(unlink(path), 0);
}

static int64_t unmoved(const Bench *bench)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    assert_ok(unmoved_count(bench->ledger, "inbox", 1, &originals, &groups, &error), error);
    return originals;
}

static bool none_is_left(const Bench *bench)
{
    return unmoved(bench) == 0;
}

static bool all_moved(const Bench *bench)
{
    return none_is_left(bench) && dispatch_in_flight(bench->dispatch) == 0;
}

static void an_original_that_stays_does_not_keep_its_picture_from_being_done(void **state)
{
    Bench *bench = *state;

    shut(bench, "done");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_int_equal(unmoved(bench), 1);
    assert_true(check_exists(bench->in, "a.jpg"));
    assert_true(check_exists(bench->out, "a.jpg.out.jpg"));
    open_up(bench, "done");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    assert_true(check_exists(bench->in, "done/a.jpg"));
    check_ended(bench, 1, 0);
    assert_int_equal(atomic_load(&bench->ends), 1); /* it ended once */
}

static void an_original_of_a_failed_picture_moves_later_with_its_report(void **state)
{
    Bench *bench = *state;

    shut(bench, "failed");
    run(bench, "broken.jpg");
    check_ended(bench, 0, 1);
    assert_int_equal(unmoved(bench), 1);
    open_up(bench, "failed");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    assert_true(check_exists(bench->in, "failed/broken.jpg"));
    report_says(bench, "broken.jpg", "To try again");
}

static void an_original_that_its_owner_took_away_is_not_waited_for(void **state)
{
    Bench *bench = *state;

    shut(bench, "done");
    run(bench, "a.jpg");
    open_up(bench, "a.jpg");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    check_ended(bench, 1, 0);
}

static void a_twin_does_not_wait_for_an_original_that_stays(void **state)
{
    Bench *bench = *state;

    bench->folder.duplicates = DUPLICATES_SKIP;
    shut(bench, "done");
    run(bench, "a.jpg");
    drop(bench, "b.jpg");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).duplicates, 1);
}

static void a_backlog_keeps_no_original_from_moving(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    shut(bench, "done");
    run(bench, "a.jpg");
    open_up(bench, "done");
    drop_many(bench, "p", BACKLOG);
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, none_is_left));
    assert_in_range(counts(bench).done, 1, BACKLOG / 2);
    assert_true(turn_until(bench, all_ended));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_original_that_stays_does_not_keep_its_picture_from_being_done),
        TEST(an_original_of_a_failed_picture_moves_later_with_its_report),
        TEST(an_original_that_its_owner_took_away_is_not_waited_for),
        TEST(a_twin_does_not_wait_for_an_original_that_stays),
        TEST(a_backlog_keeps_no_original_from_moving),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("unmoved", tests, NULL, NULL);
}
