/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger: one job a file, whatever happens. */
#include "tests/unit/ledger/bench.h"

static FileId file_number(int number)
{
    return (FileId){ .dev = 1, .ino = (ino_t) number, .size = 1000 + number, .mtime_ns = number };
}

static int offer(const Bench *bench, const char *source, FileId file)
{
    LedgerOffer one = { (char *) (uintptr_t) "inbox", (char *) (uintptr_t) source, file, false };
    g_autoptr(Error) error = NULL;
    int added = -1;

    assert_ok(ledger_add(bench->ledger, &one, 1, &added, &error), error);
    return added;
}

/* The due row at `index`, retries first; id 0 when there is none. */
static LedgerRow due(const Bench *bench, unsigned index, int64_t now, int64_t *next)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    LedgerDue due = { .folder = "inbox", .now = now, .retries = true, .alone = true, .limit = 100 };
    LedgerRow row = { 0 };

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(ledger_list_due(bench->ledger, &due, rows, next, &error), error);
    due.retries = false;
    assert_ok(ledger_list_due(bench->ledger, &due, rows, next, &error), error);
    if (index < rows->len) {
        row = g_array_index(rows, LedgerRow, index);
        row.folder = NULL;
        row.source = NULL;
    }
    return row;
}

static LedgerRow first_due(const Bench *bench)
{
    int64_t next = 0;

    return due(bench, 0, 0, &next);
}

static LedgerRow claimed(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerRow row = first_due(bench);
    bool got = false;

    assert_true(row.id != 0);
    assert_ok(ledger_claim(bench->ledger, &row, &got, &error), error);
    assert_true(got);
    return row;
}

static LedgerCounts counts(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts all = { 0 };

    assert_ok(ledger_count(bench->ledger, "inbox", &all, &error), error);
    return all;
}

static Error *reason(void)
{
    Error *error = NULL;

    error_set(&error, ERROR_TRANSIENT, NULL, "for a test");
    return error;
}

static void the_same_file_offered_twice_is_one_job(void **state)
{
    Bench *bench = *state;

    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 1);
    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 0);
    reopen(bench);
    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 0);
    assert_int_equal(counts(bench).queued, 1);
}

static void a_replaced_file_that_still_waits_takes_the_place_of_the_old_one(void **state)
{
    const Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    assert_int_equal(offer(bench, "a.jpg", file_number(2)), 1);
    assert_int_equal(counts(bench).queued, 1);
    assert_int_equal(first_due(bench).file.ino, 2);
}

static void a_job_is_claimed_by_one_only(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    bool got = true;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow same = first_due(bench);
    LedgerRow row = claimed(bench);
    assert_int_equal(row.attempt, 1);
    assert_ok(ledger_claim(bench->ledger, &same, &got, &error), error);
    assert_false(got);
}

static void a_crash_gives_the_job_back_with_its_attempt_counted(void **state)
{
    Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    claimed(bench);
    reopen(bench); /* its end was not recorded */
    assert_int_equal(ledger_recovered(bench->ledger), 1);
    LedgerRow row = first_due(bench);
    assert_int_equal(row.attempt, 1);
    assert_int_equal(row.crashes, 0); /* no proof that it was this picture's fault */
}

static void a_deferred_job_is_due_at_its_time_and_not_before(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    int64_t next = 0;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_defer(bench->ledger, row.id, 5000, true, CRASH_NONE, why, &error), error);
    assert_int_equal(due(bench, 0, 4999, &next).id, 0);
    assert_int_equal(next, 5000);
    assert_int_equal(due(bench, 0, 5000, &next).id, row.id);
    assert_int_equal(due(bench, 0, 5000, &next).attempt, 1);
}

static void an_attempt_that_was_not_the_jobs_fault_is_given_back(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_defer(bench->ledger, row.id, 0, false, CRASH_NONE, why, &error), error);
    assert_int_equal(first_due(bench).attempt, 0);
}

static void a_waiting_time_does_not_outlive_the_boot_it_was_measured_in(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    g_autofree char *forget = NULL, *said = NULL;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_defer(bench->ledger, row.id, INT64_MAX / 2, true, CRASH_NONE, why, &error),
              error);
    reopen(bench); /* the same boot: it still waits */
    assert_int_equal(first_due(bench).id, 0);

    ledger_close(bench->ledger);
    bench->ledger = NULL;
    forget = g_strdup_printf(
        "sqlite3 '%s' \"UPDATE meta SET value = 'another' WHERE name = 'boot'\"", bench->path);
    if (!g_spawn_command_line_sync("sqlite3 --version", &said, NULL, NULL, NULL))
        skip();
    assert_true(g_spawn_command_line_sync(forget, NULL, NULL, NULL, NULL));
    reopen(bench);
    assert_int_equal(first_due(bench).id, row.id);
}

static void outputs_are_remembered_with_their_hidden_names(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput)), read = NULL;
    g_autoptr(Error) error = NULL;
    LedgerOutput one = { (char *) (uintptr_t) "x/a\xff.jpg", (char *) (uintptr_t) "x/.h-1",
                         file_number(9), true };
    LedgerOutput two = { (char *) (uintptr_t) "b.jpg", NULL, file_number(8), false };

    g_array_append_val(outputs, one);
    g_array_append_val(outputs, two);
    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_publish(bench->ledger, row.id, outputs, &error), error);
    reopen(bench);
    assert_int_equal(ledger_recovered(bench->ledger), 0);
    assert_int_equal(first_due(bench).state, LEDGER_PUBLISHING);
    assert_ok(ledger_read_outputs(bench->ledger, row.id, &read, &error), error);
    assert_int_equal(read->len, 2);
    assert_string_equal(g_array_index(read, LedgerOutput, 0).path, "x/a\xff.jpg");
    assert_string_equal(g_array_index(read, LedgerOutput, 0).hidden, "x/.h-1");
    assert_true(g_array_index(read, LedgerOutput, 0).replace);
    assert_int_equal(g_array_index(read, LedgerOutput, 1).file.ino, 8);
    assert_null(g_array_index(read, LedgerOutput, 1).hidden);
}

static void a_finished_file_that_stays_is_known_and_one_that_left_may_come_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer(bench, "kept.jpg", file_number(1));
    LedgerRow kept = claimed(bench);
    assert_ok(ledger_done(bench->ledger, kept.id, false, false, &error), error);
    assert_int_equal(offer(bench, "kept.jpg", file_number(1)), 0);
    assert_int_equal(offer(bench, "kept.jpg", file_number(5)), 1);

    offer(bench, "moved.jpg", file_number(2));
    int64_t next = 0;
    LedgerRow moved = due(bench, 1, 0, &next);
    assert_int_equal(moved.file.ino, 2);
    bool got = false;
    assert_ok(ledger_claim(bench->ledger, &moved, &got, &error), error);
    assert_ok(ledger_done(bench->ledger, moved.id, true, false, &error), error);
    assert_int_equal(offer(bench, "moved.jpg", file_number(2)), 1);
}

static void a_file_in_work_is_not_touched_by_a_new_offer(void **state)
{
    const Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    claimed(bench);
    assert_int_equal(offer(bench, "a.jpg", file_number(2)), 0);
    assert_int_equal(counts(bench).processing, 1);
    assert_int_equal(counts(bench).queued, 0);
}

static void a_jobs_sequence_number_is_given_once(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    int64_t one = 0, again = 0, two = 0, next = 0;

    offer(bench, "a.jpg", file_number(1));
    offer(bench, "b.jpg", file_number(2));
    int64_t first = due(bench, 0, 0, &next).id, second = due(bench, 1, 0, &next).id;
    assert_ok(ledger_assign_sequence(bench->ledger, first, &one, &error), error);
    reopen(bench);
    assert_ok(ledger_assign_sequence(bench->ledger, first, &again, &error), error);
    assert_ok(ledger_assign_sequence(bench->ledger, second, &two, &error), error);
    assert_int_equal(one, 1);
    assert_int_equal(again, 1);
    assert_int_equal(two, 2);
}

static void a_second_daemon_on_one_ledger_is_refused(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    Ledger *second = NULL;

    offer(bench, "a.jpg", file_number(1));
    assert_false(ledger_open(bench->path, &second, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "another hotfolderd"));
}

static void names_of_any_bytes_are_distinct(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(offer(bench, "a\xff.jpg", file_number(1)), 1);
    assert_int_equal(offer(bench, "a\xfe.jpg", file_number(2)), 1);
    assert_int_equal(offer(bench, "a\n.jpg", file_number(3)), 1);
    assert_int_equal(counts(bench).queued, 3);
}

/* Read as due, replaced, and only then claimed: who claims it has the old file in mind, would find
 * it replaced, and forget the new one. */
static void a_row_that_was_replaced_since_it_was_read_is_not_claimed(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    bool got = true;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow stale = first_due(bench);
    offer(bench, "a.jpg", file_number(2));
    assert_ok(ledger_claim(bench->ledger, &stale, &got, &error), error);
    assert_false(got);
    assert_int_equal(counts(bench).queued, 1);
    LedgerRow fresh = claimed(bench);
    assert_int_equal(fresh.id, stale.id);
    assert_int_equal(fresh.attempt, 1);
}

static void what_comes_for_a_place_in_work_is_put_off_and_not_forgotten(void **state)
{
    Bench *bench = *state;
    LedgerOffer offers[] = {
        { (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "a.jpg", file_number(2), false },
        { (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "b.jpg", file_number(3), true },
    };
    g_autoptr(Error) error = NULL;
    int added = 0;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_add(bench->ledger, offers, 2, &added, &error), error);
    assert_int_equal(added, 1);
    assert_true(offers[0].postponed);
    assert_false(offers[1].postponed);
    assert_ok(ledger_forget(bench->ledger, row.id, &error), error);
    assert_ok(ledger_add(bench->ledger, offers, 1, &added, &error), error);
    assert_int_equal(added, 1);
    assert_false(offers[0].postponed);
}

static void a_failure_that_was_cut_off_is_due_again_with_its_reason(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = NULL, read = NULL;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    error_set(&why, ERROR_PICTURE, "send it again", "it is broken");
    error_set_where(&why, "web.conf:5 (scale)");
    assert_ok(ledger_begin_failing(bench->ledger, row.id, why, &error), error);
    reopen(bench);
    assert_int_equal(first_due(bench).state, LEDGER_FAILING);
    assert_ok(ledger_last_error(bench->ledger, row.id, &read, &error), error);
    assert_int_equal(read->kind, ERROR_PICTURE);
    assert_string_equal(read->what, "it is broken");
    assert_string_equal(read->where, "web.conf:5 (scale)");
    assert_string_equal(read->fix, "send it again");
    assert_ok(ledger_fail(bench->ledger, row.id, true, why, &error), error);
    assert_int_equal(first_due(bench).id, 0);
    assert_int_equal(counts(bench).failed, 1);
    assert_int_equal(counts(bench).failing, 0);
}

static void what_was_in_work_at_a_death_is_to_be_alone(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();

    offer(bench, "a.jpg", file_number(1));
    assert_false(claimed(bench).alone);
    reopen(bench);
    LedgerRow row = claimed(bench);
    assert_true(row.alone);
    assert_int_equal(row.attempt, 2);
    assert_int_equal(row.crashes, 0);
    assert_ok(ledger_defer(bench->ledger, row.id, 0, true, CRASH_UNKNOWN, why, &error), error);
    row = first_due(bench);
    assert_true(row.alone);
    assert_int_equal(row.crashes, 1);
    row = claimed(bench);
    assert_ok(ledger_defer(bench->ledger, row.id, 0, true, CRASH_NONE, why, &error), error);
    assert_false(first_due(bench).alone);
}

static void a_picture_that_took_the_daemon_down_has_a_row_even_if_it_had_none(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    FileId file = file_number(1);

    for (int deaths = 1; deaths <= 2; deaths++) {
        assert_ok(ledger_record_crash(bench->ledger, "inbox", "a.jpg", &file, why, &error), error);
        LedgerRow row = first_due(bench);
        assert_int_equal(row.crashes, deaths);
        assert_true(row.alone);
    }
    assert_int_equal(counts(bench).queued, 1);
    assert_int_equal(offer(bench, "a.jpg", file), 0); /* known: it is not looked at again */
    assert_ok(ledger_record_crash(bench->ledger, "inbox", "gone.jpg", NULL, why, &error), error);
    assert_int_equal(counts(bench).queued, 1);
}

static DuplicateState duplicate_of(const Bench *bench, const LedgerRow *row)
{
    g_autoptr(Error) error = NULL;
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };

    assert_ok(ledger_set_hash(bench->ledger, row, &duplicate, &error), error);
    return duplicate.state;
}

static LedgerRow claimed_with_content(const Bench *bench, const char *source, int number)
{
    offer(bench, source, file_number(number));
    LedgerRow row = claimed(bench);
    row.folder = (char *) (uintptr_t) "inbox";
    row.file.hash[0] = row.file.keyed[0] = 7;
    row.file.hash[1] = row.file.keyed[1] = 8;
    return row;
}

static void the_same_content_is_known_under_every_name(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = claimed_with_content(bench, "a.jpg", 1);
    LedgerRow second = claimed_with_content(bench, "b.jpg", 2);

    /* The row that asks first continues, though it was claimed last; the other one waits, or both
     * would. */
    assert_int_equal(duplicate_of(bench, &second), DUPLICATE_NONE);
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_IN_PROGRESS);
    assert_int_equal(duplicate_of(bench, &second), DUPLICATE_NONE);
    assert_ok(ledger_done(bench->ledger, second.id, true, false, &error), error);
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_DONE);
    assert_ok(ledger_done(bench->ledger, first.id, true, true, &error), error);
    assert_int_equal(counts(bench).done, 2);
    assert_int_equal(counts(bench).duplicates, 1);
    LedgerRow other = { .id = 99, .folder = first.folder, .file = file_number(3) };
    assert_int_equal(duplicate_of(bench, &other), DUPLICATE_NONE); /* of unknown content */
}

static void a_content_that_waits_again_is_in_no_way(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow first = claimed_with_content(bench, "a.jpg", 1);

    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_NONE);
    assert_ok(ledger_defer(bench->ledger, first.id, 0, true, CRASH_NONE, NULL, &error), error);
    first = claimed(bench); /* its hash is that of the attempt before */
    LedgerRow second = claimed_with_content(bench, "b.jpg", 2);
    assert_int_equal(duplicate_of(bench, &second), DUPLICATE_NONE);
}

static void a_duplicate_that_is_stuck_says_until_when(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL, why = NULL;
    g_auto(LedgerDuplicate) duplicate = { .state = DUPLICATE_NONE };
    LedgerRow first = claimed_with_content(*state, "a.jpg", 1);
    LedgerRow second = claimed_with_content(*state, "b.jpg", 1);

    error_set(&why, ERROR_CONFIG, NULL, "'done' belongs to another user");
    assert_int_equal(duplicate_of(bench, &first), DUPLICATE_NONE);
    assert_ok(ledger_publish(bench->ledger, first.id, none, &error), error);
    assert_ok(ledger_postpone(bench->ledger, first.id, 5000, why, &error), error);
    assert_ok(ledger_set_hash(bench->ledger, &second, &duplicate, &error), error);
    assert_int_equal(duplicate.state, DUPLICATE_IN_PROGRESS);
    assert_int_equal(duplicate.next_try, 5000);
}

static int pruned(const Bench *bench, int64_t age_ms)
{
    g_autoptr(Error) error = NULL;
    int rows = -1;

    assert_ok(ledger_prune(bench->ledger, age_ms, 100, &rows, &error), error);
    return rows;
}

static void history_ends_but_what_lies_in_the_folder_is_remembered(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) old = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    offer(bench, "kept.jpg", file_number(1));
    LedgerRow kept = claimed(bench);
    assert_ok(ledger_done(bench->ledger, kept.id, false, false, &error), error);
    offer(bench, "moved.jpg", file_number(2));
    assert_ok(ledger_done(bench->ledger, claimed(bench).id, true, false, &error), error);
    offer(bench, "waiting.jpg", file_number(3));

    assert_int_equal(pruned(bench, 3600000), 0); /* not old enough */
    assert_int_equal(pruned(bench, -1000), 1);
    assert_int_equal(counts(bench).done, 1);
    assert_int_equal(counts(bench).queued, 1);

    g_array_set_clear_func(old, (GDestroyNotify) ledger_row_clear);
    LedgerPlace after = { 0 };
    assert_ok(ledger_list_old(bench->ledger, "inbox", -1000, &after, 10, old, &error), error);
    assert_int_equal(old->len, 1);
    assert_int_equal(g_array_index(old, LedgerRow, 0).id, kept.id);
    assert_ok(ledger_mark_absent(bench->ledger, kept.id, &error), error);
    assert_int_equal(pruned(bench, -1000), 1);
    assert_int_equal(counts(bench).done, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_file_offered_twice_is_one_job),
        TEST(a_replaced_file_that_still_waits_takes_the_place_of_the_old_one),
        TEST(a_job_is_claimed_by_one_only),
        TEST(a_crash_gives_the_job_back_with_its_attempt_counted),
        TEST(a_deferred_job_is_due_at_its_time_and_not_before),
        TEST(an_attempt_that_was_not_the_jobs_fault_is_given_back),
        TEST(a_waiting_time_does_not_outlive_the_boot_it_was_measured_in),
        TEST(outputs_are_remembered_with_their_hidden_names),
        TEST(a_finished_file_that_stays_is_known_and_one_that_left_may_come_again),
        TEST(a_file_in_work_is_not_touched_by_a_new_offer),
        TEST(a_jobs_sequence_number_is_given_once),
        TEST(a_second_daemon_on_one_ledger_is_refused),
        TEST(names_of_any_bytes_are_distinct),
        TEST(a_row_that_was_replaced_since_it_was_read_is_not_claimed),
        TEST(what_comes_for_a_place_in_work_is_put_off_and_not_forgotten),
        TEST(a_failure_that_was_cut_off_is_due_again_with_its_reason),
        TEST(what_was_in_work_at_a_death_is_to_be_alone),
        TEST(a_picture_that_took_the_daemon_down_has_a_row_even_if_it_had_none),
        TEST(the_same_content_is_known_under_every_name),
        TEST(a_content_that_waits_again_is_in_no_way),
        TEST(a_duplicate_that_is_stuck_says_until_when),
        TEST(history_ends_but_what_lies_in_the_folder_is_remembered),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
