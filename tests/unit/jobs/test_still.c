/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs that stand still, as when a share does not respond: what becomes of the others. The test
 * gives the time. */
#include <poll.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"

enum {
    MOMENT_MS = 500,  /* in which a job that stands still is found */
    A_WHILE_MS = 2000 /* in which its folder is silent */
};

/* The main loop's timer, as time passes. */
static void look(const Bench *bench)
{
    dispatch_look(bench->dispatch);
    pass_time(MOMENT_MS);
    dispatch_look(bench->dispatch);
}

static bool others_are_done(const Bench *bench)
{
    look(bench);
    return counts(bench).done == 3;
}

/* A job is in flight until a moment after the ledger calls its picture done. */
static bool one_is_in_flight(const Bench *bench)
{
    return dispatch_in_flight(bench->dispatch) == 1;
}

static void drop_into_other(const Bench *bench)
{
    drop_into(bench, &bench->other, "one.jpg");
    drop_into(bench, &bench->other, "two.jpg");
    drop_into(bench, &bench->other, "three.jpg");
}

static void wait_at_gate(Bench *bench)
{
    have_one_worker(bench);
    have_other_folder(bench);
    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
}

static void a_job_that_stands_still_does_not_keep_other_folders_waiting(void **state)
{
    Bench *bench = *state;

    wait_at_gate(bench);
    drop_into_other(bench);
    assert_true(turn_until(bench, others_are_done));
    assert_true(turn_until(bench, one_is_in_flight));
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 4, 0);
}

/* Each of them would take one more thread. */
static void a_folder_whose_job_stands_still_gets_no_other_one(void **state)
{
    Bench *bench = *state;

    wait_at_gate(bench);
    look(bench);
    pass_time(A_WHILE_MS);
    drop_many(bench, "behind", 5);
    drop_into_other(bench);
    assert_true(turn_until(bench, others_are_done));
    assert_int_equal(counts(bench).queued, 5);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 9, 0);
}

/* Its worker died once: nothing may be processed beside it. It waits for the one at the gate. */
static void drop_alone(const Bench *bench, const Folder *folder, const char *name)
{
    g_autoptr(Error) error = NULL;

    drop_into(bench, folder, name);
    g_auto(LedgerRow) row = begin_source(bench->ledger, folder->name, name);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_UNKNOWN, NULL, &error), error);
}

static void a_picture_that_has_to_be_alone_keeps_no_other_folder_waiting_for_its_own(void **state)
{
    Bench *bench = *state;

    bench->times.slow_job_ms = INT64_MAX / 2; /* the one at the gate never hangs */
    wait_at_gate(bench);
    drop_alone(bench, &bench->folder, "alone.jpg");
    turn(bench);
    look(bench);
    pass_time(A_WHILE_MS);
    drop_into_other(bench);
    assert_true(turn_until(bench, others_are_done));
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 5, 0);
}

static bool is_woken(const Bench *bench)
{
    struct pollfd ready = { .fd = dispatch_fd(bench->dispatch), .events = POLLIN };

    return poll(&ready, 1, 0) == 1;
}

/* Nothing else may happen for long that would have the main loop turn the dispatcher. */
static void a_picture_that_has_to_be_alone_goes_on_when_the_one_before_it_hangs(void **state)
{
    Bench *bench = *state;

    wait_at_gate(bench);
    drop_alone(bench, &bench->other, "alone.jpg");
    look(bench);
    turn(bench);
    pass_time(bench->times.slow_job_ms);
    dispatch_look(bench->dispatch);
    assert_true(is_woken(bench));
    assert_true(turn_until(bench, one_is_done));
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 2, 0);
}

/* It has been found, but the next one begins behind it. */
static void a_job_that_goes_on_takes_its_place_again(void **state)
{
    Bench *bench = *state;

    wait_at_gate(bench);
    drop_into_other(bench);
    assert_true(turn_until(bench, others_are_done));
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    drop(bench, "gate2.jpg");
    drop_many(bench, "more", 3);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 8, 0);
}

/* The same folders, in a snapshot of a reload. */
static Settings *copy_settings(const Bench *bench)
{
    Settings *copy = g_memdup2(bench->settings, sizeof(Settings));

    atomic_init(&copy->refs, 1);
    return copy;
}

/* A worker of the old ones is ended when its first picture comes, and may report a trouble that the
 * reload has ended. */
static void a_thread_that_takes_another_ones_place_starts_with_the_new_settings(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    have_other_folder(bench);
    Settings *reloaded = copy_settings(bench);
    start(bench);
    dispatch_reload(bench->dispatch, reloaded);
    drop(bench, "gate.jpg");
    assert_true(turn_until(bench, at_gate));
    drop_into_other(bench);
    assert_true(turn_until(bench, others_are_done));
    assert_int_equal(atomic_load(&bench->settings->refs), 1); /* the test's */
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 4, 0);
    dispatch_reload(bench->dispatch, bench->settings);
    assert_int_equal(atomic_load(&reloaded->refs), 1);
    g_free(reloaded);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_job_that_stands_still_does_not_keep_other_folders_waiting),
        TEST(a_folder_whose_job_stands_still_gets_no_other_one),
        TEST(a_picture_that_has_to_be_alone_keeps_no_other_folder_waiting_for_its_own),
        TEST(a_picture_that_has_to_be_alone_goes_on_when_the_one_before_it_hangs),
        TEST(a_job_that_goes_on_takes_its_place_again),
        TEST(a_thread_that_takes_another_ones_place_starts_with_the_new_settings),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("jobs still", tests, NULL, NULL);
}
