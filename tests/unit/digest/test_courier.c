/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One notice by one way, from pictures that fail in the ledger to what is delivered. */
#include "base/clock.h"
#include "daemon/digest/courier.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/marks.h"
#include "daemon/ledger/steering.h"
#include "tests/unit/digest/desk.h"

static void ten_thousand_failures_in_an_hour_make_seven_notices(void **state)
{
    Desk *desk = *state;
    g_autoptr(Ledger) memory = NULL;
    g_autoptr(Error) error = NULL;

    ledger_close(g_steal_pointer(&desk->bench->ledger));
    assert_ok(ledger_open(NULL, &memory, &error), error); /* no disk */
    desk->bench->ledger = memory;
    start_courier(desk);
    for (int i = 0; i < 1000; i++) {
        fail_some(desk, 10);
        run_for(desk, HOUR / 1000);
    }
    run_for(desk, 11 * MINUTE);
    assert_int_equal(other_end.taken, 7);
    assert_int_equal(other_end.failed, 10000);
    courier_free(g_steal_pointer(&desk->courier));
    desk->bench->ledger = NULL;
}

/* The daemon ended after the delivery, before the marks were stored. */
static void crash_before_the_marks(Desk *desk)
{
    g_autoptr(GArray) marks = ledger_marks_new();
    g_autoptr(Error) error = NULL;
    int taken = other_end.taken;

    assert_ok(ledger_read_marks(desk->bench->ledger, "mail:desk", marks, &error), error);
    for (int i = 0; i < 3600 && other_end.taken == taken; i++)
        run_for(desk, SECOND);
    assert_int_equal(other_end.taken, taken + 1);
    assert_ok(ledger_keep_marks(desk->bench->ledger, "mail:desk", marks, &error), error);
    reopen(desk->bench);
    start_courier(desk);
}

static void nothing_is_lost_or_counted_twice_while_deliveries_fail(void **state)
{
    Desk *desk = *state;
    g_autoptr(GRand) random = g_rand_new_with_seed(23);
    int64_t failed = 0;

    start_courier(desk);
    for (int i = 0; i < 200; i++) {
        int some = g_rand_int_range(random, 0, 4);
        fail_some(desk, some);
        failed += some;
        other_end.refuses = g_rand_int_range(random, 0, 3) == 0;
        if (g_rand_int_range(random, 0, 10) == 0)
            step_wall_clock(g_rand_int_range(random, -24 * HOUR, 24 * HOUR));
        if (g_rand_int_range(random, 0, 10) == 0) {
            reopen(desk->bench);
            start_courier(desk);
        }
        run_for(desk, g_rand_int_range(random, 1, 5 * MINUTE));
    }
    other_end.refuses = false;
    run_for(desk, 2 * HOUR);
    assert_int_equal(other_end.failed, failed);
    assert_true(other_end.calls > other_end.taken);
}

static void a_crash_between_delivery_and_mark_repeats_this_one_only(void **state)
{
    Desk *desk = *state;

    start_courier(desk);
    fail_some(desk, 3);
    run_for(desk, MINUTE);
    assert_int_equal(other_end.failed, 3);
    fail_some(desk, 5);
    crash_before_the_marks(desk);
    assert_int_equal(other_end.failed, 8);
    run_for(desk, HOUR);
    assert_int_equal(other_end.failed, 8 + 5);
    assert_int_equal(other_end.taken, 3);
}

static void what_was_before_a_new_notice_is_no_news_and_what_was_before_a_restart_is(void **state)
{
    Desk *desk = *state;

    fail_some(desk, 7);
    start_courier(desk);
    fail_some(desk, 1); /* before its first turn */
    run_for(desk, MINUTE);
    assert_int_equal(other_end.failed, 1);
    fail_some(desk, 2);
    reopen(desk->bench);
    start_courier(desk);
    run_for(desk, 20 * MINUTE);
    assert_int_equal(other_end.failed, 3);
}

static void a_notice_that_was_removed_begins_again_later(void **state)
{
    Desk *desk = *state;
    g_autoptr(Error) error = NULL;

    start_courier(desk);
    fail_some(desk, 7);
    assert_ok(ledger_retain_marks(desk->bench->ledger, (const char *const[]){ NULL }, &error),
              error);
    start_courier(desk);
    run_for(desk, HOUR);
    assert_int_equal(other_end.calls, 0);
}

static void a_failure_is_known_with_its_reason_until_one_is_delivered(void **state)
{
    Desk *desk = *state;

    start_courier(desk);
    other_end.refuses = true;
    fail_some(desk, 1);
    int64_t wall_ms = clock_wall_ms();
    run_for(desk, 5 * SECOND);
    assert_null(courier_state(desk->courier).reason);
    run_for(desk, 3 * SECOND);
    CourierState failing = courier_state(desk->courier);
    assert_string_equal(failing.reason, "the server answered 503");
    assert_string_equal(failing.fix, "look at it");
    assert_int_equal(failing.failing_wall_ms, wall_ms + 5 * SECOND);
    run_for(desk, 24 * HOUR);
    assert_in_range(other_end.calls, 30, 34);
    other_end.refuses = false;
    fail_some(desk, 4);
    courier_reload(desk->courier, desk->settings, &desk->notice,
                   ledger_last_end(desk->bench->ledger));
    run_for(desk, 2 * SECOND);
    assert_null(courier_state(desk->courier).reason);
    assert_int_equal(other_end.taken, 1);
    assert_int_equal(other_end.failed, 5);
}

static void without_a_rate_each_comes_at_once(void **state)
{
    Desk *desk = *state;

    desk->notice.every_ms = 0;
    desk->notice.on = 1U << NOTICE_DONE | 1U << NOTICE_FAILED;
    start_courier(desk);
    for (int i = 1; i <= 5; i++) {
        finish_some(desk, 1);
        run_for(desk, SECOND);
        assert_int_equal(other_end.taken, i);
    }
    fail_some(desk, 2);
    finish_some(desk, 3);
    run_for(desk, SECOND);
    assert_int_equal(other_end.taken, 6);
    assert_int_equal(other_end.done, 8);
    assert_int_equal(other_end.failed, 2);
}

static void a_picture_that_is_tried_again_meanwhile_is_no_news(void **state)
{
    Desk *desk = *state;
    g_autoptr(Error) error = NULL;

    start_courier(desk);
    offer_some(desk, 1, "inbox");
    g_auto(LedgerRow) row = take_source(desk->bench->ledger, "inbox", "1.jpg");
    g_autoptr(Error) why = NULL;
    error_set(&why, ERROR_PICTURE, NULL, "it is damaged");
    assert_ok(ledger_fail(desk->bench->ledger, &row, ORIGINAL_STAYS, why, &error), error);
    run_for(desk, 3 * SECOND);
    g_auto(LedgerRow) failed = { 0 };
    bool found = false;
    assert_ok(ledger_find(desk->bench->ledger, "inbox", "1.jpg", &failed, &found, &error), error);
    assert_ok(ledger_take_ended(desk->bench->ledger, &failed, &error), error);
    assert_ok(ledger_reopen(desk->bench->ledger, &failed, &error), error);
    run_for(desk, HOUR);
    assert_int_equal(other_end.calls, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_desk, tear_down_desk)
    const struct CMUnitTest tests[] = {
        TEST(ten_thousand_failures_in_an_hour_make_seven_notices),
        TEST(nothing_is_lost_or_counted_twice_while_deliveries_fail),
        TEST(a_crash_between_delivery_and_mark_repeats_this_one_only),
        TEST(what_was_before_a_new_notice_is_no_news_and_what_was_before_a_restart_is),
        TEST(a_notice_that_was_removed_begins_again_later),
        TEST(a_failure_is_known_with_its_reason_until_one_is_delivered),
        TEST(without_a_rate_each_comes_at_once),
        TEST(a_picture_that_is_tried_again_meanwhile_is_no_news),
    };

    journal_mute();
    return cmocka_run_group_tests_name("courier", tests, NULL, NULL);
}
