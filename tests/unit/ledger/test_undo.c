/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of a picture that is taken back: with its row in one transaction, until its end. */
#include "daemon/ledger/answers.h"
#include "daemon/ledger/undo.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/ledger/bench.h"

/* beach.jpg, done; its original was moved. */
static LedgerRow done_row(const Bench *bench)
{
    g_autoptr(Error) error = NULL;

    offer_file(bench, "beach.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    g_autoptr(GArray) entries = ledger_entries_new();
    assert_ok(ledger_history(bench->ledger, "inbox", "beach.jpg", 1, entries, &error), error);
    LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    LedgerRow read = entry->row;
    memset(&entry->row, 0, sizeof(entry->row));
    return read;
}

static GArray *two_moves(void)
{
    GArray *moves = undo_moves_new();
    UndoMove original = { g_strdup("/in"), g_strdup("beach.jpg"), file_number(1), 3,
                          g_strdup("done/beach.jpg") };
    UndoMove output = { g_strdup("/out"), g_strdup("\xff.jpg"), file_number(2), -1, NULL };

    g_array_append_val(moves, original);
    g_array_append_val(moves, output);
    return moves;
}

static unsigned recorded(const Bench *bench)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(undo_list(bench->ledger, rows, &error), error);
    return rows->len;
}

static void begin(const Bench *bench, const LedgerRow *row)
{
    g_autoptr(GArray) moves = two_moves();
    g_autoptr(Error) error = NULL;

    assert_ok(undo_begin(bench->ledger, row, "ann", moves, &error), error);
}

/* Whether beach.jpg, file 1, is no new work. */
static bool is_known(const Bench *bench)
{
    return offer_file(bench, "beach.jpg", file_number(1)) == 0;
}

static void the_moves_survive_a_crash_with_who_asked(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);
    g_autoptr(GArray) moves = undo_moves_new();
    g_autofree char *who = NULL;
    g_autoptr(Error) error = NULL;

    begin(bench, &row);
    reopen(bench);
    assert_int_equal(recorded(bench), 1);
    assert_ok(undo_read(bench->ledger, row.id, moves, &who, &error), error);
    assert_string_equal(who, "ann");
    assert_int_equal(moves->len, 2);
    const UndoMove *original = &g_array_index(moves, UndoMove, 0);
    const UndoMove *output = &g_array_index(moves, UndoMove, 1);
    FileId second = file_number(2);
    assert_string_equal(original->spot_path, "done/beach.jpg");
    assert_int_equal(original->spot, 3);
    assert_string_equal(output->root, "/out");
    assert_string_equal(output->path, "\xff.jpg");
    assert_null(output->spot_path);
    assert_true(fileid_same(&output->file, &second));
    assert_true(is_known(bench));
}

static void a_finished_one_is_cancelled_and_its_file_is_known(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);
    FileId file = file_number(1);
    g_autoptr(Error) error = NULL;

    begin(bench, &row);
    assert_ok(undo_finish(bench->ledger, row.id, &file, &error), error);
    assert_int_equal(recorded(bench), 0);
    LedgerCounts counts = count_rows(bench);
    assert_int_equal(counts.cancelled, 1);
    assert_int_equal(counts.done, 0);
    assert_true(is_known(bench));
}

static void one_that_was_taken_back_is_done_as_before(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);
    g_autoptr(GArray) before = ledger_entries_new(), after = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_history(bench->ledger, "inbox", "beach.jpg", 1, before, &error), error);
    begin(bench, &row);
    assert_ok(undo_cancel(bench->ledger, row.id, &error), error);
    assert_int_equal(recorded(bench), 0);
    assert_ok(ledger_history(bench->ledger, "inbox", "beach.jpg", 1, after, &error), error);
    const LedgerEntry *was = &g_array_index(before, LedgerEntry, 0);
    const LedgerEntry *is = &g_array_index(after, LedgerEntry, 0);
    assert_int_equal(is->row.state, LEDGER_DONE);
    assert_int_equal(is->present, was->present);
    assert_int_equal(is->changed_wall_ms, was->changed_wall_ms);
    assert_int_equal(is->original, was->original);
    assert_null(is->cancelled_by);
    assert_false(is_known(bench)); /* its original was moved away */
}

static void a_new_file_of_its_name_keeps_the_name(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);
    g_autoptr(Error) error = NULL;

    begin(bench, &row);
    assert_int_equal(offer_file(bench, "beach.jpg", file_number(5)), 1);
    assert_ok(undo_cancel(bench->ledger, row.id, &error), error);
    assert_int_equal(offer_file(bench, "beach.jpg", file_number(5)), 0);
    assert_int_equal(count_rows(bench).queued, 1);
}

static bool is_refused(const Bench *bench, const LedgerRow *row)
{
    g_autoptr(GArray) moves = two_moves();
    g_autoptr(Error) error = NULL;

    return !undo_begin(bench->ledger, row, "ann", moves, &error) && error->kind == ERROR_TAKEN &&
           recorded(bench) <= 1;
}

static void one_that_is_not_done_or_whose_name_is_in_use_is_taken(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);

    offer_file(bench, "beach.jpg", file_number(7)); /* a new file of its name is queued */
    assert_true(is_refused(bench, &row));
    LedgerRow taken = begin_first(bench);
    assert_true(is_refused(bench, &row));
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_done(bench->ledger, &taken, ORIGINAL_MOVED, false, &error), error);
    begin(bench, &row);
    assert_true(is_refused(bench, &row));
}

static void while_its_files_are_moved_no_person_can_reopen_it(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench);
    FileId file = file_number(1);
    g_autoptr(Error) error = NULL;
    bool found = false;

    begin(bench, &row);
    g_auto(LedgerRow) now = { 0 };
    assert_ok(ledger_find(bench->ledger, "inbox", "beach.jpg", &now, &found, &error), error);
    assert_true(found);
    assert_false(ledger_take_ended(bench->ledger, &now, &error));
    assert_int_equal(error->kind, ERROR_TAKEN);
    g_clear_pointer(&error, error_free);
    assert_ok(undo_finish(bench->ledger, row.id, &file, &error), error);
    assert_ok(ledger_take_ended(bench->ledger, &now, &error), error);
}

static void a_move_of_its_original_that_was_due_is_due_again_when_it_is_taken_back(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    offer_file(bench, "trip/beach.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(unmoved_keep(bench->ledger, &row, "trip", false, NULL, 1000, &error) &&
                  ledger_done(bench->ledger, &row, ORIGINAL_STAYS, false, &error),
              error);
    begin(bench, &row);
    assert_ok(unmoved_count(bench->ledger, "inbox", 5, &originals, &groups, &error), error);
    assert_int_equal(originals, 0);
    assert_ok(undo_cancel(bench->ledger, row.id, &error), error);
    g_clear_pointer(&groups, g_array_unref);
    assert_ok(unmoved_count(bench->ledger, "inbox", 5, &originals, &groups, &error), error);
    assert_int_equal(originals, 1);
    g_clear_pointer(&groups, g_array_unref);
}

static void a_picture_that_was_made_of_a_file_is_found(void **state)
{
    Bench *bench = *state;
    g_auto(LedgerRow) row = done_row(bench), use = { 0 };
    FileId file = file_number(1);
    g_autoptr(Error) error = NULL;
    bool found = true;

    assert_ok(undo_find_use(bench->ledger, &file, row.id, &use, &found, &error), error);
    assert_false(found); /* only itself */
    assert_ok(undo_find_use(bench->ledger, &file, 0, &use, &found, &error), error);
    assert_true(found);
    assert_int_equal(use.id, row.id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_moves_survive_a_crash_with_who_asked),
        TEST(a_finished_one_is_cancelled_and_its_file_is_known),
        TEST(one_that_was_taken_back_is_done_as_before),
        TEST(a_new_file_of_its_name_keeps_the_name),
        TEST(one_that_is_not_done_or_whose_name_is_in_use_is_taken),
        TEST(while_its_files_are_moved_no_person_can_reopen_it),
        TEST(a_move_of_its_original_that_was_due_is_due_again_when_it_is_taken_back),
        TEST(a_picture_that_was_made_of_a_file_is_found),
    };

    return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
