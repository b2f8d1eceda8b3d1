/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What ended since when, and how far the senders of notices went. */
#include "daemon/ledger/answers.h"
#include "daemon/ledger/marks.h"
#include "daemon/ledger/schema.h"
#include "daemon/ledger/undo.h"
#include "tests/unit/ledger/bench.h"

/* ---- pictures end ---- */

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static Error *reason(void)
{
    Error *error = NULL;

    error_set(&error, ERROR_PICTURE, "send it again", "it is damaged");
    return error;
}

static void fail_it(const Bench *bench, const char *source, int number)
{
    g_autoptr(Error) error = NULL, why = reason();

    offer_file(bench, source, file_number(number));
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", source);
    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_STAYS, why, &error), error);
}

static void finish(const Bench *bench, const char *source, int number)
{
    g_autoptr(Error) error = NULL;

    offer_file(bench, source, file_number(number));
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", source);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_STAYS, false, &error), error);
}

static int64_t count(const Bench *bench, LedgerState state, int64_t after, int64_t until)
{
    const LedgerEnds ends = { "inbox", state, after, until };
    g_autoptr(Error) error = NULL;
    int64_t number = -1, first_ms = -1;

    assert_ok(ledger_count_ends(bench->ledger, &ends, &number, &first_ms, &error), error);
    assert_int_equal(number > 0, first_ms > 0);
    return number;
}

static LedgerEnd newest(const Bench *bench, LedgerState state)
{
    g_autoptr(Error) error = NULL;
    LedgerEnd end = { -1, -1 };

    assert_ok(ledger_newest_end(bench->ledger, "inbox", state, &end, &error), error);
    return end;
}

static void each_end_has_the_next_number_whatever_the_clock_says(void **state)
{
    Bench *bench = *state;

    assert_int_equal(ledger_last_end(bench->ledger), 0);
    fail_it(bench, "a.jpg", 1);
    int64_t first = newest(bench, LEDGER_FAILED).number;
    step_wall_clock(-day_ms);
    finish(bench, "b.jpg", 2);
    fail_it(bench, "c.jpg", 3);
    step_wall_clock(2 * day_ms);
    fail_it(bench, "d.jpg", 4);
    assert_int_equal(ledger_last_end(bench->ledger), newest(bench, LEDGER_FAILED).number);
    assert_true(newest(bench, LEDGER_DONE).number < newest(bench, LEDGER_FAILED).number);
    assert_int_equal(count(bench, LEDGER_FAILED, 0, INT64_MAX), 3);
    assert_int_equal(count(bench, LEDGER_FAILED, first, ledger_last_end(bench->ledger)), 2);
    assert_int_equal(count(bench, LEDGER_FAILED, 0, first), 1);
    assert_int_equal(count(bench, LEDGER_DONE, 0, INT64_MAX), 1);
    step_wall_clock(-day_ms);
}

static void the_numbers_go_on_after_a_restart(void **state)
{
    Bench *bench = *state;

    fail_it(bench, "a.jpg", 1);
    finish(bench, "b.jpg", 2);
    int64_t last = ledger_last_end(bench->ledger);
    reopen(bench);
    assert_int_equal(ledger_last_end(bench->ledger), last);
    fail_it(bench, "c.jpg", 3);
    assert_int_equal(newest(bench, LEDGER_FAILED).number, last + 1);
}

static void keep_one(const Bench *bench, const char *sender, const char *kind, int64_t number)
{
    g_autoptr(GArray) marks = ledger_marks_new();
    LedgerMark mark = { g_strdup(kind), g_strdup("inbox"), number, g_strdup("held") };
    g_autoptr(Error) error = NULL;

    g_array_append_val(marks, mark);
    assert_ok(ledger_keep_marks(bench->ledger, sender, marks, &error), error);
}

/* A row that was news may be pruned: a new one has a higher number than each mark all the same. */
static void no_number_is_below_a_mark_that_is_kept(void **state)
{
    Bench *bench = *state;

    keep_one(bench, "mail:desk", "failed", 1000);
    keep_one(bench, "mail:shop", "sent", 5000); /* a time */
    reopen(bench);
    assert_int_equal(ledger_last_end(bench->ledger), 1000);
    fail_it(bench, "a.jpg", 1);
    assert_int_equal(newest(bench, LEDGER_FAILED).number, 1001);
}

static void a_picture_that_is_tried_again_ends_again(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    fail_it(bench, "a.jpg", 1);
    int64_t first = ledger_last_end(bench->ledger);
    assert_ok(ledger_find(bench->ledger, "inbox", "a.jpg", &row, &found, &error), error);
    assert_ok(ledger_take_ended(bench->ledger, &row, &error), error);
    assert_ok(ledger_reopen(bench->ledger, &row, &error), error);
    assert_int_equal(count(bench, LEDGER_FAILED, 0, INT64_MAX), 0);
    g_auto(LedgerRow) again = begin_source(bench->ledger, "inbox", "a.jpg");
    assert_ok(ledger_done(bench->ledger, &again, ORIGINAL_STAYS, false, &error), error);
    assert_int_equal(count(bench, LEDGER_FAILED, 0, INT64_MAX), 0);
    assert_int_equal(count(bench, LEDGER_DONE, first, INT64_MAX), 1);
}

/* It was missing when it failed; only its original is moved now. */
static void a_picture_that_only_moves_late_has_ended_once(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    FileId file = file_number(1);

    offer_file(bench, "a.jpg", file);
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "a.jpg");
    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_MISSING, why, &error), error);
    int64_t first = ledger_last_end(bench->ledger);
    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(ledger_find_elsewhere(bench->ledger, "inbox", "b.jpg", &file, 0, rows, &error),
              error);
    assert_int_equal(rows->len, 1);
    assert_ok(ledger_rename(bench->ledger, &g_array_index(rows, LedgerRow, 0), "b.jpg", &error),
              error);
    g_auto(LedgerRow) moved = take_source(bench->ledger, "inbox", "b.jpg");
    assert_ok(ledger_fail(bench->ledger, &moved, ORIGINAL_MOVED, why, &error), error);
    assert_int_equal(count(bench, LEDGER_FAILED, first, INT64_MAX), 0);
    assert_int_equal(count(bench, LEDGER_FAILED, 0, INT64_MAX), 1);
}

static void a_probe_is_no_news(void **state)
{
    Bench *bench = *state;

    finish(bench, "hotfolder-probe-0123abcd.jpg", 1);
    assert_int_equal(count(bench, LEDGER_DONE, 0, INT64_MAX), 0);
    finish(bench, "hotfolder-probe-mine.jpg", 2);
    assert_int_equal(count(bench, LEDGER_DONE, 0, INT64_MAX), 1);
}

static void the_newest_are_listed_first_with_their_reasons(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    for (int i = 0; i < 5; i++)
        fail_it(bench, (const char *const[]){ "e.jpg", "d.jpg", "c.jpg", "b.jpg", "a.jpg" }[i],
                i + 1);
    int64_t last = ledger_last_end(bench->ledger);
    const LedgerEnds ends = { "inbox", LEDGER_FAILED, last - 4, last - 1 };
    assert_ok(ledger_list_ends(bench->ledger, &ends, 2, entries, &error), error);
    assert_int_equal(entries->len, 2);
    assert_string_equal(g_array_index(entries, LedgerEntry, 0).row.source, "b.jpg");
    assert_string_equal(g_array_index(entries, LedgerEntry, 1).row.source, "c.jpg");
    assert_string_equal(g_array_index(entries, LedgerEntry, 1).why->fix, "send it again");
}

/* ---- marks ---- */

static GArray *marks_of(const Bench *bench, const char *sender)
{
    GArray *marks = ledger_marks_new();
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_read_marks(bench->ledger, sender, marks, &error), error);
    return marks;
}

static void the_marks_of_a_sender_are_replaced_together(void **state)
{
    Bench *bench = *state;

    keep_one(bench, "mail:desk", "failed", 5);
    keep_one(bench, "run:desk", "failed", 6);
    keep_one(bench, "mail:desk", "done", 7);
    reopen(bench);
    g_autoptr(GArray) marks = marks_of(bench, "mail:desk");
    assert_int_equal(marks->len, 1);
    const LedgerMark *mark = &g_array_index(marks, LedgerMark, 0);
    assert_string_equal(mark->kind, "done");
    assert_string_equal(mark->subject, "inbox");
    assert_string_equal(mark->state, "held");
    assert_int_equal(mark->number, 7);
    g_autoptr(GArray) others = marks_of(bench, "run:desk");
    assert_int_equal(others->len, 1);
}

static void a_sender_that_is_removed_is_forgotten(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    keep_one(bench, "mail:desk", "failed", 5);
    keep_one(bench, "run:desk", "failed", 6);
    assert_ok(
        ledger_retain_marks(bench->ledger, (const char *const[]){ "run:desk", "x", NULL }, &error),
        error);
    g_autoptr(GArray) gone = marks_of(bench, "mail:desk"), kept = marks_of(bench, "run:desk");
    assert_int_equal(gone->len, 0);
    assert_int_equal(kept->len, 1);
}

/* A sender looks often: what it asks costs no more in a ledger of 100,000 rows. */
static void what_a_sender_asks_is_found_by_its_index(void **state)
{
    static const Sql questions[] = { SQL_LAST_END, SQL_NEWEST_END, SQL_COUNT_ENDS, SQL_LIST_ENDS };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *plan = plan_of(ledger_sql[questions[i]]);
        assert_non_null(strstr(plan, "INDEX job_end (folder=? AND state=? AND end_number>?"));
        assert_null(strstr(plan, "SCAN job"));
        assert_null(strstr(plan, "TEMP B-TREE"));
    }
    g_autofree char *marks = plan_of(ledger_sql[SQL_MARKS]);
    assert_non_null(strstr(marks, "SEARCH mark USING PRIMARY KEY (sender=?)"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_end_has_the_next_number_whatever_the_clock_says),
        TEST(the_numbers_go_on_after_a_restart),
        TEST(no_number_is_below_a_mark_that_is_kept),
        TEST(a_picture_that_is_tried_again_ends_again),
        TEST(a_picture_that_only_moves_late_has_ended_once),
        TEST(a_probe_is_no_news),
        TEST(the_newest_are_listed_first_with_their_reasons),
        TEST(the_marks_of_a_sender_are_replaced_together),
        TEST(a_sender_that_is_removed_is_forgotten),
        TEST(what_a_sender_asks_is_found_by_its_index),
    };

    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
