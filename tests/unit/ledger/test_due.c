/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rows are due, in which order, and that a long queue costs no more than a short one. */
#include "daemon/ledger/schema.h"
#include "tests/unit/ledger/bench.h"

#define HOUR_MS INT64_C(3600000)

static void offer(Ledger *ledger, char name)
{
    char source[] = { name, 0 };
    LedgerOffer one = {
        (char *) (uintptr_t) "inbox", source, { .ino = (ino_t) name }, false, { 0 }
    };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(ledger, &one, 1, NULL, &error), error);
}

static void offer_all(Ledger *ledger, const char *names)
{
    for (; *names; names++)
        offer(ledger, *names);
}

/* Begun, and back in the queue. */
static void defer(Ledger *ledger, char name, int64_t delay_ms, CrashCause crash)
{
    const char source[] = { name, 0 };
    g_auto(LedgerRow) row = begin_source(ledger, "inbox", source);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_defer(ledger, &row, delay_ms, true, crash, NULL, &error), error);
}

/* Begun, and its original cannot be moved. */
static void postpone(Ledger *ledger, char name, int64_t delay_ms)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    const char source[] = { name, 0 };
    g_auto(LedgerRow) row = begin_source(ledger, "inbox", source);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_publish(ledger, &row, none, NULL, &error), error);
    row.state = LEDGER_PUBLISHING;
    assert_ok(ledger_defer(ledger, &row, delay_ms, true, CRASH_NONE, NULL, &error), error);
}

/* Takes the rows, and gives them back. */
static void check_order(Ledger *ledger, LedgerTake take, const char *names)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(GString) order = g_string_new(NULL);
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    take.folder = "inbox";
    take.limit = 9;
    assert_ok(ledger_take(ledger, &take, rows, &error), error);
    for (guint i = 0; i < rows->len; i++) {
        g_string_append(order, g_array_index(rows, LedgerRow, i).source);
        assert_ok(ledger_release(ledger, &g_array_index(rows, LedgerRow, i), &error), error);
    }
    assert_string_equal(order->str, names);
}

static void check_retries(Ledger *ledger, const char *names)
{
    check_order(ledger, (LedgerTake){ .retries = true, .alone = true }, names);
}

static void check_others(Ledger *ledger, const char *names)
{
    check_order(ledger, (LedgerTake){ .alone = true }, names);
}

static void retries_come_in_the_order_of_their_times_and_wait_for_no_arrival(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "abcdef");
    defer(ledger, 'b', 5 * HOUR_MS, CRASH_NONE);
    defer(ledger, 'c', 2 * HOUR_MS, CRASH_NONE);
    postpone(ledger, 'e', HOUR_MS); /* it was published, and must not wait either */
    check_retries(ledger, "");
    pass_time(2 * HOUR_MS);
    check_retries(ledger, "ec");
    check_others(ledger, "adf");
}

static void what_met_a_hold_goes_behind_all_that_wait_and_before_later_arrivals(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "abcd");
    defer(ledger, 'b', LEDGER_BEHIND, CRASH_NONE);
    postpone(ledger, 'a', LEDGER_BEHIND);
    check_retries(ledger, "");
    check_others(ledger, "cdba");
    offer(ledger, 'e');
    check_others(ledger, "cdbae");
    defer(ledger, 'b', LEDGER_BEHIND, CRASH_NONE);
    check_others(ledger, "cdaeb");
    offer(ledger, 'f');
    check_others(ledger, "cdaebf");
    defer(ledger, 'c', HOUR_MS, CRASH_NONE);
    pass_time(HOUR_MS);
    check_retries(ledger, "c");
}

static void check_in(Ledger *ledger, Order order, const char *names)
{
    check_order(ledger, (LedgerTake){ .order = order, .alone = true }, names);
}

static void the_newest_come_first_where_they_are_asked_for(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "cadb");
    check_in(ledger, ORDER_NEWEST, "bdac");
    offer(ledger, 'e');
    check_in(ledger, ORDER_NEWEST, "ebdac");
    check_in(ledger, ORDER_OLDEST, "cadbe");
}

static void the_order_of_names_is_that_of_their_bytes(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "c\xe4"
                      "aZb");
    check_in(ledger, ORDER_NAME, "Zabc\xe4");
    offer(ledger, '1');
    check_in(ledger, ORDER_NAME, "1Zabc\xe4");
}

/* Another picture shows whether the hold has ended. */
static void what_met_a_hold_goes_behind_all_that_did_not_in_every_order(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "acdb");
    defer(ledger, 'd', LEDGER_BEHIND, CRASH_NONE);
    postpone(ledger, 'a', LEDGER_BEHIND);
    check_in(ledger, ORDER_NEWEST, "bcda");
    check_in(ledger, ORDER_NAME, "bcda");
    offer(ledger, 'e');
    check_in(ledger, ORDER_NEWEST, "ebcda");
    check_in(ledger, ORDER_NAME, "bceda");
    defer(ledger, 'b', HOUR_MS, CRASH_NONE); /* a retry is none of them */
    check_in(ledger, ORDER_NEWEST, "ecda");
    check_in(ledger, ORDER_NAME, "ceda");
}

static void rows_that_have_to_be_alone_hide_no_others(void **state)
{
    Ledger *ledger = *state;

    offer_all(ledger, "abc");
    defer(ledger, 'a', HOUR_MS, CRASH_UNKNOWN);
    defer(ledger, 'b', 2 * HOUR_MS, CRASH_NONE);
    pass_time(2 * HOUR_MS);
    check_retries(ledger, "ab");
    check_order(ledger, (LedgerTake){ .retries = true }, "b");
}

/* With an index, 100,000 rows that wait cost no more than ten. */
static void what_is_due_is_found_by_its_index(void **state)
{
    static const Sql questions[] = { SQL_TAKE_RETRIES, SQL_TAKE_OLDEST, SQL_TAKE_NEWEST,
                                     SQL_TAKE_BY_NAME, SQL_NEXT_DUE };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *plan = plan_of(ledger_sql[questions[i]]);
        assert_non_null(strstr(plan, "SEARCH job USING INDEX job_due (folder=? AND next_try"));
        assert_null(strstr(plan, "SCAN job"));
    }
    /* The index has their order: what is sorted is what two of them found. */
    g_autofree char *retries = plan_of(ledger_sql[SQL_TAKE_RETRIES]);
    assert_null(strstr(retries, "TEMP B-TREE"));
    for (Sql which = SQL_TAKE_OLDEST; which <= SQL_TAKE_BY_NAME; which++) {
        g_autofree char *plan = plan_of(ledger_sql[which]);
        const char *sorted = strstr(plan, "TEMP B-TREE");
        assert_non_null(sorted);
        assert_null(strstr(sorted, "job_"));
        assert_null(strstr(sorted + 1, "TEMP B-TREE"));
    }
    g_autofree char *by_name = plan_of(ledger_sql[SQL_TAKE_BY_NAME]);
    assert_non_null(strstr(by_name, "SEARCH job USING INDEX job_name (folder=?)"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_memory, tear_down_memory)
    const struct CMUnitTest tests[] = {
        TEST(retries_come_in_the_order_of_their_times_and_wait_for_no_arrival),
        TEST(what_met_a_hold_goes_behind_all_that_wait_and_before_later_arrivals),
        TEST(the_newest_come_first_where_they_are_asked_for),
        TEST(the_order_of_names_is_that_of_their_bytes),
        TEST(what_met_a_hold_goes_behind_all_that_did_not_in_every_order),
        TEST(rows_that_have_to_be_alone_hide_no_others),
        TEST(what_is_due_is_found_by_its_index),
    };

    return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
