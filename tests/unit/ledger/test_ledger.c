/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger: one job a file, whatever happens. */
#include "tests/unit/ledger/bench.h"

enum { HOUR_MS = 3600 * 1000 };

/* The due row at `index`, retries first, with the attempts that were begun; id 0 when there is
 * none. It is given back. */
static LedgerRow due(const Bench *bench, unsigned index)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    LedgerRow found = { 0 };

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    take_due(bench->ledger, "inbox", true, rows);
    take_due(bench->ledger, "inbox", false, rows);
    for (guint i = 0; i < rows->len; i++) {
        const LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        g_autoptr(Error) error = NULL;

        if (i == index)
            found = *row;
        assert_ok(ledger_release(bench->ledger, row, &error), error);
    }
    found.attempt -= found.id && found.state == LEDGER_QUEUED;
    found.folder = found.source = NULL;
    return found;
}

static LedgerRow first_due(const Bench *bench)
{
    return due(bench, 0);
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

    assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 1);
    assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 0);
    reopen(bench);
    assert_int_equal(offer_file(bench, "a.jpg", file_number(1)), 0);
    assert_int_equal(count_rows(bench).queued, 1);
}

static void a_replaced_file_that_still_waits_takes_the_place_of_the_old_one(void **state)
{
    const Bench *bench = *state;

    offer_file(bench, "a.jpg", file_number(1));
    assert_int_equal(offer_file(bench, "a.jpg", file_number(2)), 1);
    assert_int_equal(count_rows(bench).queued, 1);
    assert_int_equal(first_due(bench).file.ino, 2);
}

static void a_row_is_taken_by_one_only(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = take_first(bench);
    assert_int_equal(row.attempt, 1);
    assert_true(row.token > 0);
    assert_int_equal(first_due(bench).id, 0);
    assert_ok(ledger_release(bench->ledger, &row, &error), error);
    LedgerRow again = take_first(bench);
    assert_int_equal(again.id, row.id);
    assert_int_equal(again.attempt, 1); /* the first one did not begin */
    assert_true(again.token != row.token);
}

/* Whether it was refused, as the row is another one's now. */
static bool refused(bool ok, Error **err)
{
    bool is = !ok && *err && (*err)->kind == ERROR_TAKEN;

    g_clear_pointer(err, error_free);
    return is;
}

static void a_holder_whose_row_was_taken_again_changes_nothing(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput)), read = NULL;
    g_autoptr(Error) error = NULL, why = reason(), last = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow old = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &old, 0, true, CRASH_NONE, why, &error), error);
    LedgerRow now = begin_first(bench), asked = old;
    assert_true(refused(ledger_begin(bench->ledger, &asked, NULL, &error), &error));
    assert_true(refused(ledger_ask(bench->ledger, &asked, &error), &error));
    assert_true(refused(ledger_stage(bench->ledger, &old, none, &error), &error));
    assert_true(refused(ledger_publish(bench->ledger, &old, none, NULL, &error), &error));
    assert_true(refused(ledger_read_outputs(bench->ledger, &old, &read, &error), &error));
    assert_true(refused(ledger_last_error(bench->ledger, &old, &last, &error), &error));
    assert_true(refused(ledger_done(bench->ledger, &old, ORIGINAL_MOVED, false, &error), &error));
    assert_true(refused(ledger_begin_failing(bench->ledger, &old, why, &error), &error));
    assert_true(refused(ledger_fail(bench->ledger, &old, ORIGINAL_MOVED, why, &error), &error));
    assert_true(refused(ledger_requeue(bench->ledger, &asked, &error), &error));
    assert_true(
        refused(ledger_defer(bench->ledger, &old, 0, false, CRASH_NONE, why, &error), &error));
    assert_true(refused(ledger_release(bench->ledger, &old, &error), &error));
    assert_true(refused(ledger_forget(bench->ledger, &old, &error), &error));
    assert_true(refused(ledger_update_file(bench->ledger, &old, &old.file, &error), &error));
    assert_int_equal(count_rows(bench).processing, 1);
    assert_ok(ledger_publish(bench->ledger, &now, none, NULL, &error), error);
    assert_ok(ledger_done(bench->ledger, &now, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(count_rows(bench).done, 1);
}

static void outputs_are_stored_of_a_row_in_progress_only(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = take_first(bench);
    assert_true(refused(ledger_stage(bench->ledger, &row, none, &error), &error));
    assert_ok(ledger_begin(bench->ledger, &row, NULL, &error), error);
    assert_ok(ledger_stage(bench->ledger, &row, none, &error), error);
}

static void a_row_says_how_far_it_came(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_publish(bench->ledger, &row, none, NULL, &error), error);
    assert_int_equal(row.state, LEDGER_PROCESSING); /* as where the answer was lost */
    assert_ok(ledger_ask(bench->ledger, &row, &error), error);
    assert_int_equal(row.state, LEDGER_PUBLISHING);
    reopen(bench);
    assert_true(refused(ledger_ask(bench->ledger, &row, &error), &error));
}

static void a_crash_gives_the_job_back_with_its_attempt_counted(void **state)
{
    Bench *bench = *state;

    offer_file(bench, "a.jpg", file_number(1));
    begin_first(bench);
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
    int64_t delay = 0;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(
        ledger_defer(bench->ledger, &row, INT64_C(5) * HOUR_MS, true, CRASH_NONE, why, &error),
        error);
    pass_time(INT64_C(4) * HOUR_MS);
    assert_int_equal(first_due(bench).id, 0);
    assert_ok(ledger_next_due(bench->ledger, "inbox", &delay, &error), error);
    assert_in_range(delay, 1, HOUR_MS);
    pass_time(delay);
    assert_int_equal(first_due(bench).id, row.id);
    assert_int_equal(first_due(bench).attempt, 1);
}

static void an_attempt_that_was_not_the_jobs_fault_is_given_back(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &row, 0, false, CRASH_NONE, why, &error), error);
    assert_int_equal(first_due(bench).attempt, 0);
}

static void a_waiting_time_does_not_outlive_the_boot_it_was_measured_in(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    g_autofree char *forget = NULL, *said = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &row, INT64_MAX / 2, true, CRASH_NONE, why, &error),
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
    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_publish(bench->ledger, &row, outputs, NULL, &error), error);
    reopen(bench);
    assert_int_equal(ledger_recovered(bench->ledger), 0);
    row = take_first(bench);
    assert_int_equal(row.state, LEDGER_PUBLISHING);
    assert_ok(ledger_read_outputs(bench->ledger, &row, &read, &error), error);
    assert_int_equal(read->len, 2);
    assert_string_equal(g_array_index(read, LedgerOutput, 0).path, "x/a\xff.jpg");
    assert_string_equal(g_array_index(read, LedgerOutput, 0).hidden, "x/.h-1");
    assert_true(g_array_index(read, LedgerOutput, 0).replace);
    assert_int_equal(g_array_index(read, LedgerOutput, 1).file.ino, 8);
    assert_null(g_array_index(read, LedgerOutput, 1).hidden);
}

static void is_called(const Bench *bench, const char *source, const char *new_name)
{
    g_auto(LedgerRow) row = { 0 };
    g_autoptr(Error) error = NULL;
    bool found = false;

    assert_ok(ledger_find(bench->ledger, "inbox", source, &row, &found, &error), error);
    assert_true(found);
    if (g_strcmp0(row.new_name, new_name) != 0)
        fail_msg("%s becomes %s", source, row.new_name ? row.new_name : "itself");
}

static void a_new_name_is_known_from_publishing_on_until_the_outputs_are_made_again(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    row.new_name = (char *) (uintptr_t) "n\xff.jpg";
    offer_file(bench, "b.jpg", file_number(2));
    is_called(bench, "a.jpg", NULL);
    assert_ok(ledger_publish(bench->ledger, &row, none, NULL, &error), error);
    reopen(bench);
    is_called(bench, "a.jpg", "n\xff.jpg");
    is_called(bench, "b.jpg", NULL);
    row = take_first(bench);
    assert_int_equal(row.state, LEDGER_PUBLISHING);
    assert_ok(ledger_requeue(bench->ledger, &row, &error), error);
    is_called(bench, "a.jpg", NULL);
}

static void a_finished_file_that_stays_is_known_and_one_that_left_may_come_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "kept.jpg", file_number(1));
    LedgerRow kept = begin_first(bench);
    assert_ok(ledger_done(bench->ledger, &kept, ORIGINAL_STAYS, false, &error), error);
    assert_int_equal(offer_file(bench, "kept.jpg", file_number(1)), 0);
    assert_int_equal(offer_file(bench, "kept.jpg", file_number(5)), 1);

    offer_file(bench, "moved.jpg", file_number(2));
    assert_int_equal(take_first(bench).file.ino, 5);
    LedgerRow moved = begin_first(bench);
    assert_int_equal(moved.file.ino, 2);
    assert_ok(ledger_done(bench->ledger, &moved, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(offer_file(bench, "moved.jpg", file_number(2)), 1);
}

static void a_file_in_work_is_not_touched_by_a_new_offer(void **state)
{
    const Bench *bench = *state;

    offer_file(bench, "a.jpg", file_number(1));
    begin_first(bench);
    assert_int_equal(offer_file(bench, "a.jpg", file_number(2)), 0);
    assert_int_equal(count_rows(bench).processing, 1);
    assert_int_equal(count_rows(bench).queued, 0);
}

static void a_second_daemon_on_one_ledger_is_refused(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    Ledger *second = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    assert_false(ledger_open(bench->path, &second, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "another hotfolderd"));
}

static void names_of_any_bytes_are_distinct(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(offer_file(bench, "a\xff.jpg", file_number(1)), 1);
    assert_int_equal(offer_file(bench, "a\xfe.jpg", file_number(2)), 1);
    assert_int_equal(offer_file(bench, "a\n.jpg", file_number(3)), 1);
    assert_int_equal(count_rows(bench).queued, 3);
}

/* The holder has the old file in mind, would find it replaced, and forget the new one. */
static void a_row_that_was_replaced_since_it_was_taken_is_not_begun(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow stale = take_first(bench);
    offer_file(bench, "a.jpg", file_number(2));
    assert_true(refused(ledger_begin(bench->ledger, &stale, NULL, &error), &error));
    assert_int_equal(count_rows(bench).queued, 1);
    LedgerRow fresh = begin_first(bench);
    assert_int_equal(fresh.id, stale.id);
    assert_int_equal(fresh.file.ino, 2);
    assert_int_equal(fresh.attempt, 1);
}

/* An attempt at a picture was cut off. Its next job waits in the queue when a user gives its name
 * to another picture: a job of its own removes the hidden outputs. */
static void a_row_whose_name_another_one_takes_is_not_begun_and_keeps_its_outputs(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput)), read = NULL;
    LedgerOutput hidden = { .path = (char *) (uintptr_t) "a.jpg",
                            .hidden = (char *) (uintptr_t) ".hidden" };
    g_autoptr(Error) error = NULL;

    g_array_append_val(outputs, hidden);
    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_stage(bench->ledger, &row, outputs, &error), error);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_NONE, NULL, &error), error);
    offer_file(bench, "b.jpg", file_number(2));
    g_auto(LedgerRow) other = begin_source(bench->ledger, "inbox", "b.jpg");
    assert_ok(ledger_done(bench->ledger, &other, ORIGINAL_STAYS, false, &error), error);
    LedgerRow waits = take_first(bench);
    assert_ok(ledger_rename(bench->ledger, &other, "a.jpg", &error), error);
    assert_true(refused(ledger_begin(bench->ledger, &waits, NULL, &error), &error));
    LedgerRow now = take_first(bench);
    assert_int_equal(now.id, row.id);
    assert_ok(ledger_read_outputs(bench->ledger, &now, &read, &error), error);
    assert_int_equal(read->len, 1);
}

static void what_comes_for_a_place_in_work_is_put_off_and_not_forgotten(void **state)
{
    Bench *bench = *state;
    LedgerOffer offers[] = {
        { (char *) (uintptr_t) "inbox",
          (char *) (uintptr_t) "a.jpg",
          file_number(2),
          false,
          { 0 } },
        { (char *) (uintptr_t) "inbox", (char *) (uintptr_t) "b.jpg", file_number(3), true, { 0 } },
    };
    g_autoptr(Error) error = NULL;
    int added = 0;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_add(bench->ledger, offers, 2, &added, &error), error);
    assert_int_equal(added, 1);
    assert_true(offers[0].postponed);
    assert_false(offers[1].postponed);
    assert_ok(ledger_forget(bench->ledger, &row, &error), error);
    assert_ok(ledger_add(bench->ledger, offers, 1, &added, &error), error);
    assert_int_equal(added, 1);
    assert_false(offers[0].postponed);
}

static void a_failure_that_was_cut_off_is_due_again_with_its_reason(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = NULL, read = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    error_set(&why, ERROR_PICTURE, "send it again", "it is broken");
    error_set_where(&why, "web.conf:5 (scale)");
    assert_ok(ledger_begin_failing(bench->ledger, &row, why, &error), error);
    reopen(bench);
    assert_int_equal(first_due(bench).state, LEDGER_FAILING);
    row = take_first(bench);
    assert_ok(ledger_last_error(bench->ledger, &row, &read, &error), error);
    assert_int_equal(read->kind, ERROR_PICTURE);
    assert_string_equal(read->what, "it is broken");
    assert_string_equal(read->where, "web.conf:5 (scale)");
    assert_string_equal(read->fix, "send it again");
    assert_ok(ledger_fail(bench->ledger, &row, ORIGINAL_MOVED, why, &error), error);
    assert_int_equal(first_due(bench).id, 0);
    assert_int_equal(count_rows(bench).failed, 1);
    assert_int_equal(count_rows(bench).failing, 0);
}

static void what_was_in_work_at_a_death_is_to_be_alone(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();

    offer_file(bench, "a.jpg", file_number(1));
    assert_false(begin_first(bench).alone);
    reopen(bench);
    LedgerRow row = begin_first(bench);
    assert_true(row.alone);
    assert_int_equal(row.attempt, 2);
    assert_int_equal(row.crashes, 0);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_UNKNOWN, why, &error), error);
    row = first_due(bench);
    assert_true(row.alone);
    assert_int_equal(row.crashes, 1);
    row = begin_first(bench);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_NONE, why, &error), error);
    assert_false(first_due(bench).alone);
}

static void a_picture_that_took_the_daemon_down_has_a_row_even_if_it_had_none(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    FileId file = file_number(1);

    LedgerCrash crash = { .folder = "inbox", .source = "a.jpg", .file = &file };
    for (int deaths = 1; deaths <= 2; deaths++) {
        assert_ok(ledger_record_crash(bench->ledger, &crash, why, &error), error);
        LedgerRow row = first_due(bench);
        assert_int_equal(row.crashes, deaths);
        assert_true(row.alone);
    }
    assert_int_equal(count_rows(bench).queued, 1);
    assert_int_equal(offer_file(bench, "a.jpg", file), 0); /* known: it is not looked at again */
    crash = (LedgerCrash){ .folder = "inbox", .source = "gone.jpg" };
    assert_ok(ledger_record_crash(bench->ledger, &crash, why, &error), error);
    assert_int_equal(count_rows(bench).queued, 1);
}

/* The crash record names the row and its token: the name alone may be another picture's by now. */
static void a_crash_is_counted_to_the_row_that_was_taken_then(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    const LedgerCrash crash = { row.id, row.token, "inbox", "a.jpg", NULL };
    reopen(bench);
    assert_ok(ledger_record_crash(bench->ledger, &crash, why, &error), error);
    assert_int_equal(first_due(bench).crashes, 1);
    assert_ok(ledger_record_crash(bench->ledger, &crash, why, &error), error);
    assert_int_equal(first_due(bench).crashes, 1); /* it was taken again since */
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

    offer_file(bench, "kept.jpg", file_number(1));
    LedgerRow kept = begin_first(bench);
    assert_ok(ledger_done(bench->ledger, &kept, ORIGINAL_STAYS, false, &error), error);
    offer_file(bench, "moved.jpg", file_number(2));
    LedgerRow moved = begin_first(bench);
    assert_ok(ledger_done(bench->ledger, &moved, ORIGINAL_MOVED, false, &error), error);
    offer_file(bench, "waiting.jpg", file_number(3));

    assert_int_equal(pruned(bench, 3600000), 0); /* not old enough */
    assert_int_equal(pruned(bench, -1000), 1);
    assert_int_equal(count_rows(bench).done, 1);
    assert_int_equal(count_rows(bench).queued, 1);

    g_array_set_clear_func(old, (GDestroyNotify) ledger_row_clear);
    LedgerPlace after = { 0 };
    assert_ok(ledger_list_old(bench->ledger, "inbox", -1000, &after, 10, old, &error), error);
    assert_int_equal(old->len, 1);
    assert_int_equal(g_array_index(old, LedgerRow, 0).id, kept.id);
    assert_ok(ledger_mark_absent(bench->ledger, &kept, &error), error);
    assert_int_equal(pruned(bench, -1000), 1);
    assert_int_equal(count_rows(bench).done, 0);
}

/* Its original was missing, and has another name now: its job, which moves it, has begun. */
static void a_row_that_is_in_progress_again_is_neither_renamed_nor_old(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    LedgerRow row = begin_first(bench);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MISSING, false, &error), error);
    assert_ok(ledger_rename(bench->ledger, &row, "b.jpg", &error), error);
    assert_int_equal(count_rows(bench).publishing, 1);
    offer_file(bench, "c.jpg", file_number(2));
    assert_true(refused(ledger_rename(bench->ledger, &row, "c.jpg", &error), &error));
    assert_int_equal(count_rows(bench).queued, 1);

    g_autoptr(GArray) old = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    LedgerPlace after = { 0 };
    assert_ok(ledger_list_old(bench->ledger, "inbox", -1000, &after, 10, old, &error), error);
    assert_int_equal(old->len, 0); /* it has not ended */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_file_offered_twice_is_one_job),
        TEST(a_replaced_file_that_still_waits_takes_the_place_of_the_old_one),
        TEST(a_row_is_taken_by_one_only),
        TEST(a_holder_whose_row_was_taken_again_changes_nothing),
        TEST(outputs_are_stored_of_a_row_in_progress_only),
        TEST(a_row_says_how_far_it_came),
        TEST(a_crash_gives_the_job_back_with_its_attempt_counted),
        TEST(a_deferred_job_is_due_at_its_time_and_not_before),
        TEST(an_attempt_that_was_not_the_jobs_fault_is_given_back),
        TEST(a_waiting_time_does_not_outlive_the_boot_it_was_measured_in),
        TEST(outputs_are_remembered_with_their_hidden_names),
        TEST(a_new_name_is_known_from_publishing_on_until_the_outputs_are_made_again),
        TEST(a_finished_file_that_stays_is_known_and_one_that_left_may_come_again),
        TEST(a_file_in_work_is_not_touched_by_a_new_offer),
        TEST(a_second_daemon_on_one_ledger_is_refused),
        TEST(names_of_any_bytes_are_distinct),
        TEST(a_row_that_was_replaced_since_it_was_taken_is_not_begun),
        TEST(a_row_whose_name_another_one_takes_is_not_begun_and_keeps_its_outputs),
        TEST(what_comes_for_a_place_in_work_is_put_off_and_not_forgotten),
        TEST(a_failure_that_was_cut_off_is_due_again_with_its_reason),
        TEST(what_was_in_work_at_a_death_is_to_be_alone),
        TEST(a_picture_that_took_the_daemon_down_has_a_row_even_if_it_had_none),
        TEST(a_crash_is_counted_to_the_row_that_was_taken_then),
        TEST(history_ends_but_what_lies_in_the_folder_is_remembered),
        TEST(a_row_that_is_in_progress_again_is_neither_renamed_nor_old),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
