/* The ledger: one job a file, whatever happens. */
#include "check.h"
#include "daemon/ledger.h"

typedef struct Bench {
    char *dir, *path;
    Ledger *ledger;
} Bench;

static void reopen(Bench *bench)
{
    g_autoptr(Error) error = NULL;

    ledger_close(bench->ledger);
    bench->ledger = NULL;
    assert_ok(ledger_open(bench->path, &bench->ledger, &error), error);
}

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    bench->path = g_build_filename(bench->dir, "ledger.db", NULL);
    reopen(bench);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    ledger_close(bench->ledger);
    check_rmdir(bench->dir);
    g_free(bench->path);
    g_free(bench);
    return 0;
}

static FileId file_number(int number)
{
    return (FileId){ .dev = 1, .ino = (ino_t) number, .size = 1000 + number, .mtime_ns = number };
}

static int offer(const Bench *bench, const char *source, FileId file)
{
    LedgerOffer one = { (char *) (uintptr_t) "inbox", (char *) (uintptr_t) source, file };
    g_autoptr(Error) error = NULL;
    int added = -1;

    assert_ok(ledger_add(bench->ledger, &one, 1, &added, &error), error);
    return added;
}

/* The due row at `index`; id 0 when there is none. */
static LedgerRow due(const Bench *bench, unsigned index, int64_t now, int64_t *next)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    LedgerRow row = { 0 };

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_ok(ledger_due(bench->ledger, "inbox", now, 100, rows, next, &error), error);
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

    error_set(&error, ERROR_LATER, NULL, "for a test");
    return error;
}

static void the_same_file_offered_twice_is_one_job(void **state)
{
    Bench *bench = *state;

    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 1);
    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 0);
    reopen(bench);
    assert_int_equal(offer(bench, "a.jpg", file_number(1)), 0);
    assert_int_equal(counts(bench).waiting, 1);
}

static void a_replaced_file_that_still_waits_takes_the_place_of_the_old_one(void **state)
{
    const Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    assert_int_equal(offer(bench, "a.jpg", file_number(2)), 1);
    assert_int_equal(counts(bench).waiting, 1);
    assert_int_equal(first_due(bench).file.ino, 2);
}

static void a_job_is_claimed_by_one_only(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    bool got = true;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow twin = first_due(bench);
    LedgerRow row = claimed(bench);
    assert_int_equal(row.attempt, 1);
    assert_ok(ledger_claim(bench->ledger, &twin, &got, &error), error);
    assert_false(got);
}

static void a_crash_gives_the_job_back_with_its_attempt_counted(void **state)
{
    Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    claimed(bench);
    reopen(bench); /* nobody said how it ended */
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
    assert_ok(ledger_defer(bench->ledger, row.id, 5000, true, false, why, &error), error);
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
    assert_ok(ledger_defer(bench->ledger, row.id, 0, false, false, why, &error), error);
    assert_int_equal(first_due(bench).attempt, 0);
}

static void a_waiting_time_does_not_outlive_the_boot_it_was_measured_in(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = reason();
    g_autofree char *forget = NULL, *said = NULL;

    offer(bench, "a.jpg", file_number(1));
    LedgerRow row = claimed(bench);
    assert_ok(ledger_defer(bench->ledger, row.id, INT64_MAX / 2, true, false, why, &error), error);
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
    assert_ok(ledger_outputs(bench->ledger, row.id, &read, &error), error);
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
    assert_ok(ledger_done(bench->ledger, kept.id, false, &error), error);
    assert_int_equal(offer(bench, "kept.jpg", file_number(1)), 0);
    assert_int_equal(offer(bench, "kept.jpg", file_number(5)), 1);

    offer(bench, "moved.jpg", file_number(2));
    int64_t next = 0;
    LedgerRow moved = due(bench, 1, 0, &next);
    assert_int_equal(moved.file.ino, 2);
    bool got = false;
    assert_ok(ledger_claim(bench->ledger, &moved, &got, &error), error);
    assert_ok(ledger_done(bench->ledger, moved.id, true, &error), error);
    assert_int_equal(offer(bench, "moved.jpg", file_number(2)), 1);
}

static void a_file_in_work_is_not_touched_by_a_new_offer(void **state)
{
    const Bench *bench = *state;

    offer(bench, "a.jpg", file_number(1));
    claimed(bench);
    assert_int_equal(offer(bench, "a.jpg", file_number(2)), 0);
    assert_int_equal(counts(bench).working, 1);
    assert_int_equal(counts(bench).waiting, 0);
}

static void a_jobs_sequence_number_is_given_once(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    int64_t one = 0, again = 0, two = 0, next = 0;

    offer(bench, "a.jpg", file_number(1));
    offer(bench, "b.jpg", file_number(2));
    int64_t first = due(bench, 0, 0, &next).id, second = due(bench, 1, 0, &next).id;
    assert_ok(ledger_sequence(bench->ledger, first, &one, &error), error);
    reopen(bench);
    assert_ok(ledger_sequence(bench->ledger, first, &again, &error), error);
    assert_ok(ledger_sequence(bench->ledger, second, &two, &error), error);
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
    assert_int_equal(error->kind, ERROR_SETUP);
    assert_non_null(strstr(error->what, "another hotfolderd"));
}

static void names_of_any_bytes_are_told_apart(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(offer(bench, "a\xff.jpg", file_number(1)), 1);
    assert_int_equal(offer(bench, "a\xfe.jpg", file_number(2)), 1);
    assert_int_equal(offer(bench, "a\n.jpg", file_number(3)), 1);
    assert_int_equal(counts(bench).waiting, 3);
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
        TEST(names_of_any_bytes_are_told_apart),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
