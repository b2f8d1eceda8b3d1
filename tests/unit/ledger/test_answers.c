/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the ledger tells people. */
#include "base/clock.h"
#include "daemon/ledger/answers.h"
#include "tests/unit/ledger/bench.h"

static Error *reason(ErrorKind kind, const char *what)
{
    Error *error = NULL;

    error_set(&error, kind, NULL, "%s", what);
    return error;
}

static LedgerRow begin(const Bench *bench, const char *source, int number)
{
    pass_time(1000);
    offer_file(bench, source, file_number(number));
    pass_time(1000);
    return begin_source(bench->ledger, "inbox", source);
}

static void finish(const Bench *bench, const char *source, int number)
{
    g_auto(LedgerRow) row = begin(bench, source, number);
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    LedgerOutput output = { .path = (char *) (uintptr_t) "out/x.jpg", .file = file_number(77) };
    ProfileText web = { .name = (char *) (uintptr_t) "web", .hash = 5 };
    g_autoptr(Error) error = NULL;

    g_array_append_val(outputs, output);
    assert_ok(ledger_publish(bench->ledger, &row, outputs, &web, &error), error);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
}

static void fail_one(const Bench *bench, const char *source, int number, const char *what)
{
    g_auto(LedgerRow) row = begin(bench, source, number);
    g_autoptr(Error) why = reason(ERROR_PICTURE, what), error = NULL;

    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_STAYS, why, &error), error);
}

/* The sources, "; " between them. */
static char *sources(const GArray *entries)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < entries->len; i++)
        g_string_append_printf(all, "%s%s", i ? "; " : "",
                               g_array_index(entries, LedgerEntry, i).row.source);
    return g_string_free(all, FALSE);
}

static void assert_list(const Bench *bench, LedgerQuery query, const char *expected)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;
    int64_t count = 0;

    query.limit = query.limit ? query.limit : 100;
    assert_ok(ledger_list(bench->ledger, &query, entries, &error), error);
    assert_ok(ledger_count_list(bench->ledger, &query, &count, &error), error);
    if (entries->len < (guint) query.limit)
        assert_int_equal(count, entries->len);
    g_autofree char *are = sources(entries);
    assert_string_equal(are, expected);
}

/* Changes of one millisecond are of one time. */
static void wait_for_next_time(void)
{
    for (int64_t now_ms = clock_wall_ms(); clock_wall_ms() == now_ms;)
        g_usleep(100);
}

static void make_some(const Bench *bench)
{
    finish(bench, "w/1.jpg", 1);
    fail_one(bench, "2.jpg", 2, "its header is damaged");
    wait_for_next_time();
    offer_file(bench, "w/x/3.jpg", file_number(3));
    wait_for_next_time();
    fail_one(bench, "4.jpg", 4, "it has Too many pixels");
}

static void the_list_begins_with_the_newest_change(void **state)
{
    const Bench *bench = *state;

    make_some(bench);
    assert_list(bench, (LedgerQuery){ .folder = NULL }, "4.jpg; w/x/3.jpg; 2.jpg; w/1.jpg");
    assert_list(bench, (LedgerQuery){ .limit = 2 }, "4.jpg; w/x/3.jpg");
    assert_list(bench, (LedgerQuery){ .folder = "other" }, "");
}

static void the_list_has_states_times_and_reasons(void **state)
{
    const Bench *bench = *state;
    const unsigned failed = 1U << LEDGER_FAILED;

    make_some(bench);
    assert_list(bench, (LedgerQuery){ .states = failed }, "4.jpg; 2.jpg");
    assert_list(bench, (LedgerQuery){ .states = failed | 1U << LEDGER_DONE },
                "4.jpg; 2.jpg; w/1.jpg");
    assert_list(bench, (LedgerQuery){ .reason = "too MANY" }, "4.jpg");
    assert_list(bench, (LedgerQuery){ .reason = "picture" }, "4.jpg; 2.jpg");
    assert_list(bench, (LedgerQuery){ .reason = "pict" }, "");

    g_autoptr(GArray) entries = ledger_entries_new();
    LedgerQuery query = { .limit = 2 };
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_list(bench->ledger, &query, entries, &error), error);
    int64_t since = g_array_index(entries, LedgerEntry, 1).changed_wall_ms;
    assert_list(bench, (LedgerQuery){ .since_wall_ms = since }, "4.jpg; w/x/3.jpg");
    assert_list(bench, (LedgerQuery){ .since_wall_ms = since + 1 }, "4.jpg");
}

static void a_name_has_a_history(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    fail_one(bench, "a.jpg", 1, "it is damaged");
    finish(bench, "a.jpg", 2);
    finish(bench, "b.jpg", 3);
    assert_ok(ledger_history(bench->ledger, "inbox", "a.jpg", 9, entries, &error), error);
    assert_int_equal(entries->len, 2);
    const LedgerEntry *now = &g_array_index(entries, LedgerEntry, 0), *before = now + 1;
    assert_int_equal(now->row.state, LEDGER_DONE);
    assert_string_equal(now->profile, "web");
    assert_int_equal(now->profile_hash, 5);
    assert_int_equal(now->outputs, 1);
    assert_int_equal(now->original, ORIGINAL_MOVED);
    assert_int_equal(before->row.state, LEDGER_FAILED);
    assert_string_equal(before->why->what, "it is damaged");
    assert_true(before->arrived_wall_ms < before->changed_wall_ms);
}

static void an_output_names_the_picture_that_it_was_made_of(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new(),
                      outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(outputs, (GDestroyNotify) ledger_output_clear);
    finish(bench, "a.jpg", 2);
    finish(bench, "b.jpg", 3);
    assert_ok(ledger_made(bench->ledger, "inbox", "out/x.jpg", 9, entries, &error), error);
    g_autofree char *are = sources(entries);
    assert_string_equal(are, "b.jpg; a.jpg");
    assert_ok(ledger_outputs_of(bench->ledger, g_array_index(entries, LedgerEntry, 0).row.id,
                                outputs, &error),
              error);
    assert_int_equal(outputs->len, 1);
    assert_string_equal(g_array_index(outputs, LedgerOutput, 0).path, "out/x.jpg");
    assert_ok(ledger_made(bench->ledger, "second", "out/x.jpg", 9, entries, &error), error);
    assert_int_equal(entries->len, 2);
}

static void a_directory_has_a_summary(void **state)
{
    const Bench *bench = *state;
    LedgerCounts counts = { 0 };
    g_autoptr(Error) error = NULL;

    make_some(bench);
    offer_file(bench, "w0.jpg", file_number(9));
    assert_ok(ledger_summary(bench->ledger, "inbox", "w", &counts, &error), error);
    assert_int_equal(counts.done, 1);
    assert_int_equal(counts.queued, 1);
    assert_int_equal(counts.failed, 0);
    assert_ok(ledger_summary(bench->ledger, "inbox", "w/x", &counts, &error), error);
    assert_int_equal(counts.done, 0);
    assert_int_equal(counts.queued, 1);
    assert_ok(ledger_summary(bench->ledger, "inbox", "", &counts, &error), error);
    assert_int_equal(counts.queued, 2);
    assert_int_equal(counts.failed, 2);
}

static void a_probe_that_has_ended_is_not_counted(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerCounts counts = { 0 };

    finish(bench, "hotfolder-probe-0123abcd.jpg", 1);
    finish(bench, "hotfolder-probe-0123abcd.jpg.jpg", 2);
    finish(bench, "hotfolder-probe-0123abcg.jpg", 3);
    finish(bench, "hotfolder-probe-.jpg", 4);
    finish(bench, "w/hotfolder-probe-0123abcd.jpg", 5);
    offer_file(bench, "hotfolder-probe-456789ef.jpg", file_number(6));
    assert_ok(ledger_count(bench->ledger, "inbox", &counts, &error), error);
    assert_int_equal(counts.done, 4);
    assert_int_equal(counts.queued, 1);
}

static void the_oldest_picture_that_waits_is_named_also_when_it_is_a_retry(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) why = reason(ERROR_TRANSIENT, "not yet"), error = NULL;
    g_autofree char *first = NULL, *second = NULL;
    int64_t first_ms = 0, second_ms = 0;

    g_auto(LedgerRow) row = begin(bench, "b.jpg", 1);
    pass_time(1000);
    offer_file(bench, "a.jpg", file_number(2));
    assert_ok(ledger_oldest_queued(bench->ledger, "inbox", &first, &first_ms, &error), error);
    assert_string_equal(first, "a.jpg");
    assert_ok(ledger_defer(bench->ledger, &row, 100000, true, CRASH_NONE, why, &error), error);
    assert_ok(ledger_oldest_queued(bench->ledger, "inbox", &second, &second_ms, &error), error);
    assert_string_equal(second, "b.jpg");
    assert_true(second_ms < first_ms);
}

static void assert_before(const Bench *bench, const char *source, Order order, int most, int before)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;
    int64_t counted = 0;
    bool found = false;

    assert_ok(ledger_find(bench->ledger, "inbox", source, &row, &found, &error), error);
    assert_true(found);
    assert_ok(ledger_count_before(bench->ledger, &row, order, most, &counted, &error), error);
    assert_int_equal(counted, before);
}

static void a_queued_picture_has_a_place_in_each_order(void **state)
{
    const Bench *bench = *state;
    static const char *const names[] = { "c.jpg", "a.jpg", "d.jpg", "b.jpg" };

    for (int i = 0; i < 4; i++)
        offer_file(bench, names[i], file_number(i + 1));
    for (int i = 0; i < 4; i++) {
        assert_before(bench, names[i], ORDER_OLDEST, 100, i);
        assert_before(bench, names[i], ORDER_NEWEST, 100, 3 - i);
        assert_before(bench, names[i], ORDER_NAME, 100, names[i][0] - 'a');
    }
    assert_before(bench, "b.jpg", ORDER_OLDEST, 2, 2);
    LedgerRow first = begin_source(bench->ledger, "inbox", "c.jpg");
    ledger_row_clear(&first);
    assert_before(bench, "b.jpg", ORDER_OLDEST, 100, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_list_begins_with_the_newest_change),
        TEST(the_list_has_states_times_and_reasons),
        TEST(a_name_has_a_history),
        TEST(an_output_names_the_picture_that_it_was_made_of),
        TEST(a_directory_has_a_summary),
        TEST(a_probe_that_has_ended_is_not_counted),
        TEST(a_queued_picture_has_a_place_in_each_order),
        TEST(the_oldest_picture_that_waits_is_named_also_when_it_is_a_retry),
    };

    return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
