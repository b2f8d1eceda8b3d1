/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Originals that could not be moved: when they are tried again, and how they are counted. */
#include "daemon/ledger/unmoved.h"
#include "tests/unit/ledger/bench.h"

enum { HOUR_MS = 3600 * 1000 };

/* A picture that is done, and whose original stays; it is due again in an hour. */
static void unmoved(Ledger *ledger, const char *source, const char *dir)
{
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          (char *) (uintptr_t) source,
                          { .ino = 7, .size = 1 },
                          false,
                          { 0 } };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(ledger, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = begin_source(ledger, "inbox", source);
    assert_ok(unmoved_keep(ledger, &row, dir, false, "chmod g+w", HOUR_MS, &error), error);
    assert_ok(ledger_done(ledger, &row, ORIGINAL_STAYS, false, &error), error);
}

static void read_row(Ledger *ledger, const char *source, LedgerRow *row)
{
    g_autoptr(Error) error = NULL;
    bool found = false;

    assert_ok(ledger_find(ledger, "inbox", source, row, &found, &error), error);
    assert_true(found);
}

/* Takes all that are due. */
static GArray *take(Ledger *ledger)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(unmoved_take(ledger, "inbox", 100, rows, &error), error);
    return rows;
}

/* How many are due: they are given back. */
static unsigned due(Ledger *ledger)
{
    g_autoptr(GArray) rows = take(ledger);
    g_autoptr(Error) error = NULL;

    for (guint i = 0; i < rows->len; i++)
        assert_ok(ledger_release(ledger, &g_array_index(rows, LedgerRow, i), &error), error);
    return rows->len;
}

/* In how many hours the next one will be, rounded up. */
static int64_t next_hours(Ledger *ledger)
{
    g_autoptr(Error) error = NULL;
    int64_t delay = 0;

    assert_ok(ledger_next_due(ledger, "inbox", &delay, &error), error);
    return (delay + HOUR_MS - 1) / HOUR_MS;
}

static int64_t count(Ledger *ledger)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    assert_ok(unmoved_count(ledger, "inbox", 1, &originals, &groups, &error), error);
    assert_int_equal(groups->len, originals > 0);
    return originals;
}

static bool retry(Ledger *ledger, const char *dir)
{
    g_autoptr(Error) error = NULL;
    bool any = false;

    assert_ok(unmoved_make_due(ledger, "inbox", dir, &any, &error), error);
    return any;
}

static void an_original_is_due_again_after_its_pause(void **state)
{
    unmoved(*state, "a.jpg", "");
    assert_int_equal(due(*state), 0);
    assert_int_equal(next_hours(*state), 1);
    pass_time(HOUR_MS);
    assert_int_equal(due(*state), 1);
}

static void a_directory_retries_what_lies_in_it_and_below_it_and_nothing_else(void **state)
{
    unmoved(*state, "w/a.jpg", "w");
    unmoved(*state, "w/x/b.jpg", "w/x");
    unmoved(*state, "w-2/c.jpg", "w-2");
    unmoved(*state, "w0/d.jpg", "w0");
    unmoved(*state, "e.jpg", "");
    assert_false(retry(*state, "other"));
    assert_true(retry(*state, "w"));
    assert_int_equal(due(*state), 2);
    assert_false(retry(*state, "w")); /* they are due already */
    assert_true(retry(*state, ""));
    assert_int_equal(due(*state), 5);
}

/* "w" lets nothing be moved out of it. */
static void refuse(Ledger *ledger, const LedgerRow *row, int hours)
{
    int64_t delay_ms = (int64_t) hours * HOUR_MS;
    g_autoptr(Error) error = NULL;

    assert_ok(unmoved_keep(ledger, row, "w", true, "chmod g+w", delay_ms, &error), error);
    assert_ok(ledger_release(ledger, row, &error), error);
}

/* Takes the first one that is due. */
static LedgerRow take_one(Ledger *ledger)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    assert_ok(unmoved_take(ledger, "inbox", 1, rows, &error), error);
    assert_int_equal(rows->len, 1);
    return g_array_index(rows, LedgerRow, 0);
}

static void one_refusal_postpones_its_whole_directory(void **state)
{
    unmoved(*state, "w/a.jpg", "w");
    unmoved(*state, "w/b.jpg", "w");
    unmoved(*state, "w/x/c.jpg", "w/x");
    pass_time(HOUR_MS);
    g_auto(LedgerRow) row = take_one(*state);
    refuse(*state, &row, 5);
    assert_int_equal(due(*state), 1);
    assert_int_equal(next_hours(*state), 5);
}

/* A user has helped while the move failed. */
static void a_refusal_postpones_nothing_that_was_made_due_since(void **state)
{
    unmoved(*state, "w/a.jpg", "w");
    unmoved(*state, "w/b.jpg", "w");
    pass_time(HOUR_MS);
    g_auto(LedgerRow) row = take_one(*state);
    assert_true(retry(*state, ""));
    refuse(*state, &row, 5);
    assert_int_equal(due(*state), 2);
    g_auto(LedgerRow) again = take_one(*state); /* which did not help */
    refuse(*state, &again, 5);
    assert_int_equal(due(*state), 0);
}

/* It may have begun before a user helped. */
static void the_first_try_of_an_original_postpones_no_other_that_is_due(void **state)
{
    unmoved(*state, "w/a.jpg", "w");
    assert_true(retry(*state, "w"));
    FileId file = { .ino = 8, .size = 1 };
    LedgerOffer offer = {
        (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "w/b.jpg", file, false, { 0 }
    };
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_add(*state, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "w/b.jpg");
    assert_ok(unmoved_keep(*state, &row, "w", true, NULL, HOUR_MS, &error), error);
    assert_ok(ledger_done(*state, &row, ORIGINAL_STAYS, false, &error), error);
    assert_int_equal(due(*state), 1);
    assert_int_equal(next_hours(*state), 1);
}

static void originals_are_counted_by_directory_until_they_moved(void **state)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;
    LedgerCounts counts = { 0 };

    unmoved(*state, "w/a.jpg", "w");
    unmoved(*state, "w/b.jpg", "w");
    unmoved(*state, "c.jpg", "");
    assert_ok(unmoved_count(*state, "inbox", 1, &originals, &groups, &error), error);
    assert_int_equal(originals, 3);
    assert_int_equal(groups->len, 1);
    assert_string_equal(g_array_index(groups, UnmovedGroup, 0).dir, "w");
    assert_string_equal(g_array_index(groups, UnmovedGroup, 0).fix, "chmod g+w");
    assert_int_equal(g_array_index(groups, UnmovedGroup, 0).originals, 2);
    assert_ok(ledger_count(*state, "inbox", &counts, &error), error);
    assert_int_equal(counts.done, 3);
    assert_int_equal(ledger_in_progress(&counts), 0);

    pass_time(HOUR_MS);
    g_autoptr(GArray) rows = take(*state);
    assert_int_equal(rows->len, 3);
    assert_int_equal(due(*state), 0); /* they are taken */
    for (guint i = 0; i < rows->len; i++) {
        const LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        assert_ok(strcmp(row->source, "w/a.jpg")
                      ? ledger_release(*state, row, &error)
                      : unmoved_forget(*state, row, ORIGINAL_MOVED, &error),
                  error);
    }
    assert_int_equal(due(*state), 2);
}

/* Its job was given with the old name, where it finds nothing. */
static void an_original_that_was_renamed_is_still_to_be_moved(void **state)
{
    g_auto(LedgerRow) after = { 0 };
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    unmoved(*state, "a.jpg", "");
    pass_time(HOUR_MS);
    g_autoptr(GArray) before = take(*state);
    const LedgerRow *row = &g_array_index(before, LedgerRow, 0);
    assert_ok(ledger_rename(*state, row, "w/b.jpg", &error), error);
    assert_false(unmoved_forget(*state, row, ORIGINAL_MISSING, &error));
    assert_int_equal(error->kind, ERROR_TAKEN);
    g_clear_pointer(&error, error_free);
    read_row(*state, "w/b.jpg", &after);
    assert_false(after.missing);
    assert_int_equal(due(*state), 1);
    assert_ok(unmoved_count(*state, "inbox", 1, &originals, &groups, &error), error);
    assert_string_equal(g_array_index(groups, UnmovedGroup, 0).dir, "w");
}

/* A crash cut off its end after its original was recorded. */
static void a_picture_that_has_not_ended_keeps_no_original_waiting(void **state)
{
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          (char *) (uintptr_t) "a.jpg",
                          { .ino = 7, .size = 1 },
                          false,
                          { 0 } };
    g_autoptr(GArray) elsewhere = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(elsewhere, (GDestroyNotify) ledger_row_clear);

    assert_ok(ledger_add(*state, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    assert_ok(unmoved_keep(*state, &row, "", false, "chmod g+w", 0, &error), error);
    assert_false(unmoved_forget(*state, &row, ORIGINAL_STAYS, &error));
    assert_int_equal(error->kind, ERROR_TAKEN);
    g_clear_pointer(&error, error_free);
    assert_ok(unmoved_keep(*state, &row, "", false, "chmod g+w", HOUR_MS / 2, &error), error);
    assert_ok(ledger_defer(*state, &row, 0, true, CRASH_NONE, NULL, &error), error);
    assert_int_equal(count(*state), 0);
    unmoved(*state, "b.jpg", "");
    assert_int_equal(count(*state), 1);
    assert_int_equal(next_hours(*state), 1);
    assert_ok(ledger_find_elsewhere(*state, "inbox", "c.jpg", &offer.file, 0, elsewhere, &error),
              error);
    assert_int_equal(elsewhere->len, 1);
    assert_string_equal(g_array_index(elsewhere, LedgerRow, 0).source, "b.jpg");
    pass_time(HOUR_MS);
    g_autoptr(GArray) rows = take(*state);
    assert_int_equal(rows->len, 1);
    assert_string_equal(g_array_index(rows, LedgerRow, 0).source, "b.jpg");
}

/* The daemon was killed between the note about the original and the end of its picture. */
static void a_queued_picture_that_is_renamed_is_a_new_one(void **state)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          (char *) (uintptr_t) "a.jpg",
                          { .ino = 7, .size = 1 },
                          false,
                          { 0 } };
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(ledger_add(*state, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = begin_source(*state, "inbox", "a.jpg");
    assert_ok(unmoved_keep(*state, &row, "", false, "chmod g+w", 0, &error), error);
    assert_ok(ledger_defer(*state, &row, 0, true, CRASH_NONE, NULL, &error), error);
    assert_ok(ledger_find_elsewhere(*state, "inbox", "b.jpg", &offer.file, 0, rows, &error), error);
    assert_int_equal(rows->len, 0);
}

static void the_next_start_makes_all_due(void **state)
{
    char *dir = check_mkdir(); /* check_rmdir() frees it */
    g_autofree char *path = g_build_filename(dir, "ledger.db", NULL);
    g_autoptr(Error) error = NULL;
    Ledger *ledger = NULL;

    (void) state;
    assert_ok(ledger_open(path, &ledger, &error), error);
    unmoved(ledger, "a.jpg", "");
    ledger_close(ledger);
    assert_ok(ledger_open(path, &ledger, &error), error);
    assert_int_equal(due(ledger), 1);
    ledger_close(ledger);
    check_rmdir(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_memory, tear_down_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_original_is_due_again_after_its_pause),
        TEST(a_directory_retries_what_lies_in_it_and_below_it_and_nothing_else),
        TEST(one_refusal_postpones_its_whole_directory),
        TEST(a_refusal_postpones_nothing_that_was_made_due_since),
        TEST(the_first_try_of_an_original_postpones_no_other_that_is_due),
        TEST(originals_are_counted_by_directory_until_they_moved),
        TEST(an_original_that_was_renamed_is_still_to_be_moved),
        TEST(a_picture_that_has_not_ended_keeps_no_original_waiting),
        TEST(a_queued_picture_that_is_renamed_is_a_new_one),
        TEST(the_next_start_makes_all_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
