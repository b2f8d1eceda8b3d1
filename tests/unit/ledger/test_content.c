/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of a picture: what a folder knows of it, and which of its rows may make it. */
#include "tests/unit/ledger/bench.h"

enum { HOUR_MS = 3600 * 1000 };

static DuplicateState duplicate_of(const Bench *bench, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };

    assert_ok(ledger_begin(bench->ledger, row, &duplicate, &error), error);
    return duplicate.state;
}

static LedgerRow taken_with_content(const Bench *bench, const char *source, int number)
{
    offer_file(bench, source, file_number(number));
    LedgerRow row = take_first(bench);
    row.file.hash[0] = row.file.keyed[0] = 7;
    row.file.hash[1] = row.file.keyed[1] = 8;
    return row;
}

static void the_same_content_is_known_under_every_name(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = taken_with_content(bench, "a.jpg", 1);
    LedgerRow second = taken_with_content(bench, "b.jpg", 2);

    /* The row that asks first continues, though it was taken last; the other one waits, or both
     * would. */
    assert_int_equal(duplicate_of(bench, &second), DUPLICATE_NONE);
    assert_int_equal(second.state, LEDGER_PROCESSING);
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_IN_PROGRESS);
    assert_int_equal(first.state, LEDGER_QUEUED);
    assert_ok(ledger_done(bench->ledger, &second, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_DONE);
    assert_int_equal(first.state, LEDGER_PROCESSING);
    assert_ok(ledger_done(bench->ledger, &first, ORIGINAL_MOVED, true, &error), error);
    assert_int_equal(count_rows(bench).done, 2);
    assert_int_equal(count_rows(bench).duplicates, 1);
    LedgerRow third = taken_with_content(bench, "c.jpg", 3);
    third.file.keyed[0]++;
    assert_int_equal(duplicate_of(bench, &third), DUPLICATE_NONE); /* other content */
}

/* The folder did not ask for duplicates when the first one was made. */
static void a_content_that_was_done_without_a_claim_is_known(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = taken_with_content(bench, "a.jpg", 1);

    assert_ok(ledger_begin(bench->ledger, &first, NULL, &error), error);
    assert_ok(ledger_done(bench->ledger, &first, ORIGINAL_MOVED, false, &error), error);
    for (int number = 2; number < 4; number++) {
        LedgerRow twin = taken_with_content(bench, "b.jpg", number);
        assert_int_equal(duplicate_of(bench, &twin), DUPLICATE_DONE);
        assert_ok(ledger_done(bench->ledger, &twin, ORIGINAL_MOVED, true, &error), error);
    }
}

static void a_content_that_is_in_progress_without_a_claim_is_waited_for(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = taken_with_content(bench, "a.jpg", 1);
    LedgerRow twin = taken_with_content(bench, "b.jpg", 2);

    assert_ok(ledger_begin(bench->ledger, &first, NULL, &error), error);
    assert_int_equal(duplicate_of(bench, &twin), DUPLICATE_IN_PROGRESS);
    assert_ok(ledger_done(bench->ledger, &first, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(duplicate_of(bench, &twin), DUPLICATE_DONE);
}

static void a_content_that_waits_again_is_in_no_way(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = taken_with_content(bench, "a.jpg", 1);

    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_NONE);
    assert_ok(ledger_defer(bench->ledger, &first, 0, true, CRASH_NONE, NULL, &error), error);
    first = begin_first(bench); /* it asks for no claim */
    LedgerRow second = taken_with_content(bench, "b.jpg", 2);
    assert_int_equal(duplicate_of(bench, &second), DUPLICATE_NONE);
}

static void a_duplicate_that_is_stuck_says_until_when(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL, why = NULL;
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };
    LedgerRow first = taken_with_content(*state, "a.jpg", 1);
    LedgerRow second = taken_with_content(*state, "b.jpg", 1);

    error_set(&why, ERROR_CONFIG, NULL, "'done' belongs to another user");
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_NONE);
    assert_ok(ledger_publish(bench->ledger, &first, none, NULL, &error), error);
    first.state = LEDGER_PUBLISHING;
    assert_ok(ledger_defer(bench->ledger, &first, HOUR_MS, true, CRASH_NONE, why, &error), error);
    assert_ok(ledger_begin(bench->ledger, &second, &duplicate, &error), error);
    assert_int_equal(duplicate.state, DUPLICATE_IN_PROGRESS);
    assert_in_range(duplicate.delay_ms, HOUR_MS / 2, HOUR_MS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_content_is_known_under_every_name),
        TEST(a_content_that_was_done_without_a_claim_is_known),
        TEST(a_content_that_is_in_progress_without_a_claim_is_waited_for),
        TEST(a_content_that_waits_again_is_in_no_way),
        TEST(a_duplicate_that_is_stuck_says_until_when),
    };

    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
