/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people change in the ledger: they cancel, try again, make again, and pause. */
#include "daemon/ledger/answers.h"
#include "daemon/ledger/undo.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/ledger/bench.h"

static Error *reason(void)
{
    Error *error = NULL;

    error_set(&error, ERROR_PICTURE, NULL, "it is damaged");
    return error;
}

static bool taken(bool ok, Error **error)
{
    bool is = !ok && (*error)->kind == ERROR_TAKEN;

    g_clear_pointer(error, error_free);
    return is;
}

static LedgerRow find(const Bench *bench, const char *source)
{
    g_autoptr(Error) error = NULL;
    LedgerRow row = { 0 };
    bool found = false;

    assert_ok(ledger_find(bench->ledger, "inbox", source, &row, &found, &error), error);
    assert_true(found);
    return row;
}

static void cancel(const Bench *bench, const char *source)
{
    g_auto(LedgerRow) row = find(bench, source);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_cancel(bench->ledger, &row, "ann", CANCEL_ASKED, &error), error);
}

static guint count_due(const Bench *bench)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    take_due(bench->ledger, "inbox", false, rows);
    for (guint i = 0; i < rows->len; i++) {
        g_autoptr(Error) error = NULL;
        assert_ok(ledger_release(bench->ledger, &g_array_index(rows, LedgerRow, i), &error), error);
    }
    return rows->len;
}

/* ---- cancel ---- */

static void a_cancelled_picture_is_not_due_and_stays_known_over_a_restart(void **state)
{
    Bench *bench = *state;

    offer_file(bench, "a.jpg", file_number(1));
    cancel(bench, "a.jpg");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(count_due(bench), 0);
        assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 0);
        assert_int_equal(count_rows(bench).cancelled, 1);
        reopen(bench);
    }
}

static void a_new_file_under_the_name_of_a_cancelled_one_is_a_new_picture(void **state)
{
    const Bench *bench = *state;

    offer_file(bench, "a.jpg", file_number(1));
    cancel(bench, "a.jpg");
    assert_int_equal(offer_file(bench, "a.jpg", file_number(2)), 1);
    assert_int_equal(count_due(bench), 1);
}

static void a_cancelled_picture_stays_cancelled_under_another_name(void **state)
{
    const Bench *bench = *state;
    FileId file = file_number(1);
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    offer_file(bench, "a.jpg", file);
    cancel(bench, "a.jpg");
    assert_ok(ledger_find_elsewhere(bench->ledger, "inbox", "b.jpg", &file, 0, rows, &error),
              error);
    assert_int_equal(rows->len, 1);
    assert_ok(ledger_rename(bench->ledger, &g_array_index(rows, LedgerRow, 0), "b.jpg", &error),
              error);
    g_auto(LedgerRow) row = find(bench, "b.jpg");
    assert_int_equal(row.state, LEDGER_CANCELLED);
    assert_int_equal(count_due(bench), 0);
}

static void an_attempt_in_progress_publishes_nothing_after_its_picture_was_cancelled(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) why = reason(), error = NULL;
    Ledger *ledger = bench->ledger;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    cancel(bench, "a.jpg");
    assert_true(taken(ledger_publish(ledger, &row, none, NULL, &error), &error));
    assert_true(taken(ledger_begin_failing(ledger, &row, why, &error), &error));
    assert_true(taken(ledger_defer(ledger, &row, 0, true, CRASH_NONE, why, &error), &error));
    assert_true(taken(ledger_forget(ledger, &row, &error), &error));
    assert_int_equal(count_rows(bench).cancelled, 1);
}

static void a_picture_whose_outputs_are_being_published_is_not_cancelled(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_publish(bench->ledger, &row, none, NULL, &error), error);
    assert_true(taken(ledger_cancel(bench->ledger, &row, "ann", CANCEL_ASKED, &error), &error));
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    assert_true(taken(ledger_cancel(bench->ledger, &row, "ann", CANCEL_ASKED, &error), &error));
}

static void the_ledger_tells_who_cancelled_a_picture(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    cancel(bench, "a.jpg");
    assert_ok(ledger_history(bench->ledger, "inbox", "a.jpg", 9, entries, &error), error);
    assert_int_equal(entries->len, 1);
    const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    assert_string_equal(entry->cancelled_by, "ann");
    assert_int_equal(entry->cancelled_why, CANCEL_ASKED);
    assert_true(entry->cancelled_wall_ms > 0);
}

/* ---- once more ---- */

static LedgerRow fail_one(const Bench *bench, const char *source, LedgerOriginal original)
{
    g_autoptr(Error) why = reason(), error = NULL;

    offer_file(bench, source, file_number(1));
    LedgerRow row = begin_source(bench->ledger, "inbox", source);
    assert_ok(ledger_fail(bench->ledger, &row, original, why, &error), error);
    return row;
}

static void a_cancelled_picture_is_queued_again_with_its_numbers(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    offer_file(bench, "b.jpg", file_number(2));
    cancel(bench, "a.jpg");
    g_auto(LedgerRow) row = find(bench, "a.jpg");
    assert_ok(ledger_take_ended(bench->ledger, &row, &error), error);
    assert_ok(ledger_reopen(bench->ledger, &row, &error), error);
    assert_int_equal(count_due(bench), 2);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_int_equal(now.sequence.folder, 1);
}

static void a_failed_picture_that_is_put_back_has_all_its_attempts_again(void **state)
{
    const Bench *bench = *state;
    g_auto(LedgerRow) row = fail_one(bench, "a.jpg", ORIGINAL_MOVED);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_take_ended(bench->ledger, &row, &error), error);
    assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 0); /* it appears there */
    assert_ok(ledger_reopen(bench->ledger, &row, &error), error);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_int_equal(now.id, row.id);
    assert_int_equal(now.state, LEDGER_QUEUED);
    assert_int_equal(now.attempt, 0);
    assert_false(now.alone);
    assert_int_equal(count_rows(bench).failed, 0);
}

static void a_picture_over_which_a_worker_crashed_is_alone_when_it_is_tried_again(void **state)
{
    const Bench *bench = *state;
    g_auto(LedgerRow) row = fail_one(bench, "a.jpg", ORIGINAL_STAYS);
    LedgerCrash crash = { row.id, row.token, "inbox", "a.jpg", NULL };
    g_autoptr(Error) why = reason(), error = NULL;

    assert_ok(ledger_record_crash(bench->ledger, &crash, why, &error), error);
    assert_ok(ledger_take_ended(bench->ledger, &row, &error), error);
    assert_ok(ledger_reopen(bench->ledger, &row, &error), error);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_true(now.alone);
    assert_int_equal(now.crashes, 0);
}

/* Given back, or by a crash of the daemon. */
static void a_failed_picture_that_is_not_put_back_is_as_it_was(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = fail_one(bench, "a.jpg", ORIGINAL_MOVED);

    for (int i = 0; i < 2; i++) {
        g_autoptr(GArray) entries = ledger_entries_new();
        g_autoptr(Error) error = NULL;

        assert_ok(ledger_take_ended(bench->ledger, &row, &error), error);
        if (i)
            reopen(bench);
        else
            assert_ok(ledger_release(bench->ledger, &row, &error), error);
        assert_ok(ledger_history(bench->ledger, "inbox", "a.jpg", 9, entries, &error), error);
        assert_int_equal(entries->len, 1);
        assert_int_equal(g_array_index(entries, LedgerEntry, 0).row.state, LEDGER_FAILED);
        assert_int_equal(g_array_index(entries, LedgerEntry, 0).original, ORIGINAL_MOVED);
        assert_string_equal(g_array_index(entries, LedgerEntry, 0).why->what, "it is damaged");
    }
}

static void a_row_is_not_reopened_while_its_original_is_being_moved(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) moves = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) why = reason(), error = NULL;

    g_array_set_clear_func(moves, (GDestroyNotify) ledger_row_clear);
    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(unmoved_keep(bench->ledger, &row, "", false, NULL, 0, &error), error);
    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_STAYS, why, &error), error);
    assert_ok(unmoved_take(bench->ledger, "inbox", 9, moves, &error), error);
    assert_int_equal(moves->len, 1);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_true(taken(ledger_take_ended(bench->ledger, &now, &error), &error));
    assert_true(taken(ledger_reopen(bench->ledger, &row, &error), &error));
}

static void a_name_that_is_queued_again_is_not_taken_from_its_new_picture(void **state)
{
    const Bench *bench = *state;
    g_auto(LedgerRow) row = fail_one(bench, "a.jpg", ORIGINAL_MOVED);
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(2));
    assert_true(taken(ledger_take_ended(bench->ledger, &row, &error), &error));
    assert_int_equal(count_rows(bench).queued, 1);
}

static void a_picture_that_waits_for_its_next_attempt_is_due_at_once(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) why = reason(), error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &row, 1000000, true, CRASH_NONE, why, &error), error);
    assert_int_equal(count_due(bench), 0);
    assert_ok(ledger_make_due(bench->ledger, &row, &error), error);
    assert_int_equal(count_due(bench), 1);
}

static LedgerOffer offer_of(const LedgerRow *row)
{
    return (LedgerOffer){ row->folder, row->source, row->file, false, row->sequence };
}

static void a_done_picture_is_offered_again_under_its_numbers(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) again = { 0 };

    offer_file(bench, "a.jpg", file_number(1));
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "a.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    LedgerOffer offer = offer_of(&row);
    assert_ok(ledger_offer_again(bench->ledger, &offer, true, &again, &error), error);
    assert_int_equal(count_due(bench), 0); /* until its file is there */
    assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 0);
    assert_ok(ledger_release(bench->ledger, &again, &error), error);
    assert_int_equal(count_due(bench), 1);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_true(now.remake);
    assert_int_equal(now.sequence.folder, row.sequence.folder);
    assert_true(taken(ledger_offer_again(bench->ledger, &offer, true, &again, &error), &error));
}

static LedgerRow make(const Bench *bench, LedgerRow row)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };

    row.file.hash[0] = row.file.keyed[0] = 7;
    assert_ok(ledger_begin(bench->ledger, &row, row.remake ? NULL : &duplicate, &error), error);
    assert_int_equal(duplicate.state, DUPLICATE_NONE);
    assert_ok(ledger_publish(bench->ledger, &row, none, NULL, &error), error);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    row.state = LEDGER_DONE;
    return row;
}

static LedgerOffer offer_a(const LedgerRow *row)
{
    return (LedgerOffer){ (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "a.jpg", row->file,
                          false, row->sequence };
}

/* After the undo nothing is left of the content, and it may be made. */
static void a_picture_that_was_made_again_counts_once_and_is_undone_once(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) moves = undo_moves_new();
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) again = { 0 };

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow first = make(bench, take_first(bench));
    LedgerOffer offer = offer_a(&first);
    assert_ok(ledger_offer_again(bench->ledger, &offer, true, &again, &error), error);
    again.attempt++;
    LedgerRow second = make(bench, again);
    assert_int_equal(count_rows(bench).done, 1);
    assert_int_equal(count_rows(bench).superseded, 1);
    assert_true(taken(undo_begin(bench->ledger, &first, "ann", moves, &error), &error));
    assert_ok(undo_begin(bench->ledger, &second, "ann", moves, &error), error);
    assert_ok(undo_finish(bench->ledger, second.id, &second.file, &error), error);
    assert_int_equal(count_rows(bench).done, 0);
    offer_file(bench, "b.jpg", file_number(2));
    make(bench, take_first(bench));
    assert_int_equal(count_rows(bench).done, 1);
}

static void a_picture_that_fails_when_it_is_made_again_is_done_still(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) why = reason(), error = NULL;
    g_auto(LedgerRow) again = { 0 };

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow first = make(bench, take_first(bench));
    LedgerOffer offer = offer_a(&first);
    assert_ok(ledger_offer_again(bench->ledger, &offer, true, &again, &error), error);
    assert_ok(ledger_begin_failing(bench->ledger, &again, why, &error), error);
    assert_ok(ledger_fail(bench->ledger, &again, ORIGINAL_MOVED, why, &error), error);
    assert_int_equal(count_rows(bench).done, 1);
}

/* The original that lies in the folder has one present row, and one that moves it. */
static void the_original_of_a_picture_that_is_offered_again_is_the_new_rows(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) moves = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) again = { 0 };

    g_array_set_clear_func(moves, (GDestroyNotify) ledger_row_clear);
    offer_file(bench, "a.jpg", file_number(1));
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", "a.jpg");
    assert_ok(unmoved_keep(bench->ledger, &row, "", false, NULL, 0, &error), error);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_STAYS, false, &error), error);
    LedgerOffer offer = offer_of(&row);
    assert_ok(ledger_offer_again(bench->ledger, &offer, false, &again, &error), error);
    assert_ok(ledger_release(bench->ledger, &again, &error), error);
    assert_ok(unmoved_take(bench->ledger, "inbox", 9, moves, &error), error);
    assert_int_equal(moves->len, 0);
    g_auto(LedgerRow) now = find(bench, "a.jpg");
    assert_int_equal(now.id, again.id);
}

/* ---- pauses ---- */

static void pauses_stay_over_a_restart_until_they_are_ended(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) pauses = g_array_new(FALSE, FALSE, sizeof(LedgerPause));
    g_autoptr(Error) error = NULL;
    bool was = true;

    g_array_set_clear_func(pauses, (GDestroyNotify) ledger_pause_clear);
    assert_ok(ledger_pause(bench->ledger, "inbox", "ann", &was, &error), error);
    assert_false(was);
    assert_ok(ledger_pause(bench->ledger, "inbox", "bob", &was, &error), error);
    assert_true(was);
    assert_ok(ledger_pause(bench->ledger, "", "bob", &was, &error), error);
    reopen(bench);
    assert_ok(ledger_resume(bench->ledger, "", &was, &error), error);
    assert_true(was);
    assert_ok(ledger_paused(bench->ledger, pauses, &error), error);
    assert_int_equal(pauses->len, 1);
    assert_string_equal(g_array_index(pauses, LedgerPause, 0).folder, "inbox");
    assert_string_equal(g_array_index(pauses, LedgerPause, 0).who, "ann");
    assert_true(g_array_index(pauses, LedgerPause, 0).since_wall_ms > 0);
    assert_ok(ledger_resume(bench->ledger, "second", &was, &error), error);
    assert_false(was);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cancelled_picture_is_not_due_and_stays_known_over_a_restart),
        TEST(a_new_file_under_the_name_of_a_cancelled_one_is_a_new_picture),
        TEST(a_cancelled_picture_stays_cancelled_under_another_name),
        TEST(an_attempt_in_progress_publishes_nothing_after_its_picture_was_cancelled),
        TEST(a_picture_whose_outputs_are_being_published_is_not_cancelled),
        TEST(the_ledger_tells_who_cancelled_a_picture),
        TEST(a_cancelled_picture_is_queued_again_with_its_numbers),
        TEST(a_failed_picture_that_is_put_back_has_all_its_attempts_again),
        TEST(a_picture_over_which_a_worker_crashed_is_alone_when_it_is_tried_again),
        TEST(a_failed_picture_that_is_not_put_back_is_as_it_was),
        TEST(a_row_is_not_reopened_while_its_original_is_being_moved),
        TEST(a_name_that_is_queued_again_is_not_taken_from_its_new_picture),
        TEST(a_picture_that_waits_for_its_next_attempt_is_due_at_once),
        TEST(a_done_picture_is_offered_again_under_its_numbers),
        TEST(a_picture_that_was_made_again_counts_once_and_is_undone_once),
        TEST(a_picture_that_fails_when_it_is_made_again_is_done_still),
        TEST(the_original_of_a_picture_that_is_offered_again_is_the_new_rows),
        TEST(pauses_stay_over_a_restart_until_they_are_ended),
    };

    return cmocka_run_group_tests_name("steering", tests, NULL, NULL);
}
