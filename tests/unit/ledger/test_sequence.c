/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture's numbers: one of each kind, in the order of arrival, for as long as its row lives. */
#include "base/clock.h"
#include "tests/unit/ledger/bench.h"

static Sequence numbers_of(const Bench *bench, const char *folder, const char *source)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;
    bool found = false;

    assert_ok(ledger_find(bench->ledger, folder, source, &row, &found, &error), error);
    assert_true(found);
    return row.sequence;
}

static void numbers_are(Sequence is, int64_t folder, int64_t day, int64_t run)
{
    assert_int_equal(is.folder, folder);
    assert_int_equal(is.day, day);
    assert_int_equal(is.run, run);
}

static void numbers_are_drawn_in_the_order_of_the_offers(void **state)
{
    static const char *const folders[] = { "inbox", "other", "inbox" };
    static const char *const names[] = { "c.jpg", "a.jpg", "b.jpg" };
    const Bench *bench = *state;
    LedgerOffer offers[3];
    g_autoptr(Error) error = NULL;

    for (int i = 0; i < 3; i++)
        offers[i] = (LedgerOffer){ .folder = (char *) (uintptr_t) folders[i],
                                   .source = (char *) (uintptr_t) names[i],
                                   .file = file_number(1 + i) };
    assert_ok(ledger_add(bench->ledger, offers, 3, NULL, &error), error);
    numbers_are(numbers_of(bench, "inbox", "c.jpg"), 1, 1, 1);
    numbers_are(numbers_of(bench, "other", "a.jpg"), 1, 1, 2);
    numbers_are(numbers_of(bench, "inbox", "b.jpg"), 2, 2, 3);
}

static void a_picture_keeps_its_numbers_over_retries_restarts_and_other_content(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    stop_time();
    offer_file(bench, "a.jpg", file_number(1));
    offer_file(bench, "b.jpg", file_number(2));
    offer_file(bench, "b.jpg", file_number(3)); /* it was written again while it waited */
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_NONE, NULL, &error), error);
    begin_first(bench);
    reopen(bench);
    numbers_are(numbers_of(bench, "inbox", "a.jpg"), 1, 1, 1);
    numbers_are(numbers_of(bench, "inbox", "b.jpg"), 2, 2, 2);
    row = begin_first(bench);
    numbers_are(row.sequence, 1, 1, 1);
    offer_file(bench, "c.jpg", file_number(4));
    numbers_are(numbers_of(bench, "inbox", "c.jpg"), 3, 3, 1);
}

/* It has more than 24 hours where the clock is put back. */
static void each_local_day_begins_with_number_1(void **state)
{
    const int64_t day_ms = (int64_t) 26 * 3600 * 1000;
    Bench *bench = *state;

    stop_time();
    offer_file(bench, "a.jpg", file_number(1));
    offer_file(bench, "b.jpg", file_number(2));
    pass_time(day_ms);
    offer_file(bench, "c.jpg", file_number(3));
    reopen(bench);
    offer_file(bench, "d.jpg", file_number(4));
    pass_time(-day_ms);
    numbers_are(numbers_of(bench, "inbox", "b.jpg"), 2, 2, 2);
    numbers_are(numbers_of(bench, "inbox", "c.jpg"), 3, 1, 3);
    numbers_are(numbers_of(bench, "inbox", "d.jpg"), 4, 2, 1);
}

/* It waits over midnight, and the daemon starts again. */
static void a_picture_keeps_the_date_of_its_number(void **state)
{
    const int64_t day_ms = (int64_t) 26 * 3600 * 1000;
    Bench *bench = *state;

    stop_time();
    const int date = clock_local_day(clock_wall_ms());
    offer_file(bench, "a.jpg", file_number(1));
    pass_time(day_ms);
    reopen(bench);
    LedgerRow row = begin_first(bench);
    assert_int_equal(row.sequence.date, date);
    assert_int_not_equal(clock_local_day(clock_wall_ms()), date);
    pass_time(-day_ms);
}

static void a_picture_that_is_gone_or_failed_leaves_a_gap(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) why = NULL, error = NULL;

    stop_time();
    error_set(&why, ERROR_PICTURE, NULL, "it is broken");
    offer_file(bench, "a.jpg", file_number(1));
    offer_file(bench, "b.jpg", file_number(2));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_forget(bench->ledger, &row, &error), error);
    row = begin_first(bench);
    assert_ok(ledger_begin_failing(bench->ledger, &row, why, &error), error);
    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_MOVED, why, &error), error);
    offer_file(bench, "b.jpg", file_number(3));
    numbers_are(numbers_of(bench, "inbox", "b.jpg"), 3, 3, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_drawn_in_the_order_of_the_offers),
        TEST(a_picture_keeps_its_numbers_over_retries_restarts_and_other_content),
        TEST(each_local_day_begins_with_number_1),
        TEST(a_picture_keeps_the_date_of_its_number),
        TEST(a_picture_that_is_gone_or_failed_leaves_a_gap),
    };

    return cmocka_run_group_tests_name("sequence", tests, NULL, NULL);
}
