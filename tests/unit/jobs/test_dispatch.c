/* From the ledger through ring, threads and children to the outputs, with children that decode
 * nothing and misbehave on demand (tests/tools/fake_worker.c). */
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

static void every_picture_is_worked_on_exactly_once(void **state)
{
    const Bench *bench = *state;

    for (int i = 0; i < 200; i++) {
        g_autofree char *name = g_strdup_printf("sub/%03d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 200);
    g_autofree char *out = g_build_filename(bench->out, "sub", NULL);
    g_autofree char *done = g_build_filename(bench->in, "done/sub", NULL);
    assert_int_equal(check_entries(out), 200);
    assert_int_equal(check_entries(done), 200);
}

static void the_same_content_again_makes_nothing_where_duplicates_are_skipped(void **state)
{
    Bench *bench = *state;

    bench->folder.duplicates = DUPLICATES_SKIP;
    for (int i = 0; i < 30; i++) {
        g_autofree char *name = g_strdup_printf("slow%02d.jpg", i);
        drop(bench, name); /* all of the same bytes */
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(check_entries(bench->out), 1);
    assert_int_equal(counts(bench).done, 30);
    assert_int_equal(counts(bench).duplicates, 29);
    g_autofree char *done = g_build_filename(bench->in, "done", NULL);
    assert_int_equal(check_entries(done), 30);
}

static void a_disk_that_is_nearly_full_holds_the_folder_before_it_is(void **state)
{
    Bench *bench = *state;
    g_autofree char *reason = NULL;

    bench->folder.min_free = INT64_C(1) << 60;
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, is_held));
    health_get(bench->health, "inbox", &reason);
    assert_non_null(strstr(reason, "less than min_free = 1048576TB"));
    assert_int_equal(counts(bench).waiting, 1);
    bench->folder.min_free = 1;
    health_trial(bench->health, "inbox");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
}

static void count_unrecorded(void *user, const Job *job, JobEnd end, const char *names,
                             const Error *error)
{
    (void) job, (void) names, (void) error;
    atomic_fetch_add((atomic_int *) user, end == JOB_UNRECORDED);
}

/* Turns until it gives the ledger a rest; false when that did not come in time. */
static bool pauses(const Bench *bench)
{
    for (int64_t limit = clock_ms() + LIMIT_MS; clock_ms() < limit; g_usleep(1000)) {
        g_autoptr(Error) error = NULL;
        int64_t next = 0;
        if (!dispatch_turn(bench->dispatch, &next, &error))
            return dispatch_paused(bench->dispatch);
    }
    return false;
}

/* Reading goes well all the time, and so does a change of no row at all. */
static void a_ledger_that_cannot_be_written_is_left_alone_for_a_while(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "ledger.db", NULL);
    g_autoptr(Error) error = NULL;
    atomic_int unrecorded = 0;
    struct rlimit before;

    ledger_close(bench->ledger);
    assert_ok(ledger_open(path, &bench->ledger, &error), error);
    bench->context.ledger = bench->ledger;
    bench->context.ended = count_unrecorded;
    bench->context.user = &unrecorded;
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("%02d.jpg", i);
        drop(bench, name);
    }
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, before.rlim_max });
    start(bench);
    bool paused = pauses(bench);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(paused);
    assert_true(unrecorded >= 1 && unrecorded <= 2 * 3); /* what was in flight */
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 20);
}

static void count_deaths(void *user, const Job *job, JobEnd end, const char *names,
                         const Error *error)
{
    (void) end, (void) names, (void) error;
    atomic_fetch_add((atomic_int *) user, job->render.death != DEATH_NONE);
}

static void a_number_that_the_ledger_cannot_give_is_no_death_of_the_worker(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "ledger.db", NULL);
    g_autoptr(Error) error = NULL;
    atomic_int deaths = 0;
    struct rlimit before;

    ledger_close(bench->ledger);
    assert_ok(ledger_open(path, &bench->ledger, &error), error);
    bench->context.ledger = bench->ledger;
    bench->context.ended = count_deaths;
    bench->context.user = &deaths;
    drop(bench, "slow-number.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, before.rlim_max });
    bool paused = pauses(bench);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(paused);
    assert_int_equal(health_get(bench->health, "inbox", NULL), HEALTH_HELD);
    health_set(bench->health, "inbox", HEALTH_AVAILABLE, NULL);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
    assert_int_equal(deaths, 0);
}

static void a_damaged_picture_is_failed_at_its_first_attempt(void **state)
{
    const Bench *bench = *state;

    drop(bench, "sub/broken.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/sub/broken.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "it is broken"));
    assert_non_null(strstr(report, "attempts: 1"));
    assert_int_equal(check_entries(bench->out), 0);
}

static void what_may_pass_is_tried_as_often_as_said(void **state)
{
    const Bench *bench = *state;

    drop(bench, "later.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/later.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "attempts: 3"));
}

/* Drops a picture for which the worker gets no memory, and says what is in failed/ about it then.
 */
static char *starved(const Bench *bench, const char *name)
{
    g_autofree char *text = g_strdup_printf("failed/%s.txt", name);

    drop(bench, name);
    assert_true(turn_until(bench, all_ended));
    return check_read(bench->in, text);
}

static void want_of_memory_is_told_with_what_was_allowed(void **state)
{
    Bench *bench = *state;

    start(bench);
    g_autofree char *by_size = starved(bench, "starve-1.jpg");
    bench->folder.limits.max_memory = INT64_C(300) << 20;
    g_autofree char *by_limit = starved(bench, "starve-2.jpg");
    assert_non_null(by_size);
    assert_non_null(strstr(by_size, "took more than the 1.0GB that one of its size is given"));
    assert_non_null(strstr(by_size, "set the folder's `max_memory` to more than that"));
    assert_non_null(by_limit);
    assert_non_null(strstr(by_limit, "took more than max_memory = 300MB"));
    assert_non_null(strstr(by_limit, "raise `max_memory`"));
    assert_non_null(strstr(by_limit, "attempts: 3"));
}

/* Turns until all have ended; whether anybody had to wait for memory meanwhile. */
static bool somebody_waited(const Bench *bench)
{
    int64_t limit = clock_ms() + LIMIT_MS;
    bool waited = false;

    while (!all_ended(bench) && clock_ms() < limit) {
        g_autoptr(Error) error = NULL;
        int64_t next = 0;
        BudgetUse use = dispatch_memory(bench->dispatch);
        assert_true(use.used <= use.bytes);
        waited |= use.waiting > 0;
        assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
        usleep(1000);
    }
    assert_true(all_ended(bench));
    assert_int_equal(dispatch_memory(bench->dispatch).used, 0);
    return waited;
}

/* Each of them holds its memory for 100 ms; the last of six waits for longer than it may take. */
static void a_picture_waits_for_its_memory_and_that_is_not_its_time(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 400;
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("needs60000-%d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(somebody_waited(bench));
    assert_int_equal(counts(bench).done, 6);
}

static void small_pictures_do_not_wait_for_memory(void **state)
{
    const Bench *bench = *state;

    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("needs30000-%d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_false(somebody_waited(bench));
    assert_int_equal(counts(bench).done, 6);
}

static void what_never_fits_into_the_memory_is_failed(void **state)
{
    Bench *bench = *state;

    drop(bench, "needs200000-a.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/needs200000-a.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "takes about 195.3KB of memory, more than memory = 97.7KB"));
    assert_non_null(strstr(report, "raise `memory`"));
    assert_non_null(strstr(report, "attempts: 1"));

    bench->folder.limits.max_memory = 256 << 20;
    drop(bench, "needs268435457-b.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *other = check_read(bench->in, "failed/needs268435457-b.jpg.txt");
    assert_non_null(other);
    assert_non_null(strstr(other, "more than max_memory = 256.0MB allows"));
}

static bool two_wait(const Bench *bench)
{
    return dispatch_memory(bench->dispatch).waiting == 2;
}

static void a_stop_waits_for_nobodys_memory(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    drop(bench, "needs60000-hang-1.jpg");
    drop(bench, "needs60000-hang-2.jpg");
    drop(bench, "needs60000-hang-3.jpg");
    start(bench);
    assert_true(turn_until(bench, two_wait));
    dispatch_stop(bench->dispatch, 100);
    assert_ok(ledger_due(bench->ledger, "inbox", 0, 10, rows, &next, &error), error);
    assert_int_equal(rows->len, 3);
    for (guint i = 0; i < rows->len; i++) {
        assert_int_equal(g_array_index(rows, LedgerRow, i).attempt, 0);
        assert_int_equal(g_array_index(rows, LedgerRow, i).crashes, 0);
    }
}

static void a_picture_computes_no_longer_than_it_may(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 100;
    bench->folder.retry.attempts = 1;
    drop(bench, "spin.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/spin.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "no result within 0.1 s of computing (max_cpu)"));
    assert_int_equal(counts(bench).done, 1);
}

static void an_output_does_not_grow_beyond_its_limit(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_output_bytes = 1049576; /* and a copy of the picture */
    drop(bench, "huge.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);

    bench->folder.limits.max_output_bytes = 512000;
    drop(bench, "huge-2.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/huge-2.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "max_output_bytes = 500KB allows\n"));
    assert_int_equal(check_entries(bench->out), 1);
}

static void a_stop_gives_back_what_is_in_hand(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    drop(bench, "hang.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    dispatch_stop(bench->dispatch, 100);
    assert_ok(ledger_due(bench->ledger, "inbox", 0, 10, rows, &next, &error), error);
    assert_int_equal(rows->len, 1);
    assert_int_equal(g_array_index(rows, LedgerRow, 0).attempt, 0);
    assert_int_equal(g_array_index(rows, LedgerRow, 0).crashes, 0);
    assert_true(check_exists(bench->in, "hang.jpg"));
}

static void a_stop_lets_what_is_in_hand_be_finished(void **state)
{
    const Bench *bench = *state;

    drop(bench, "slow.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(counts(bench).done, 1);
    assert_true(check_exists(bench->out, "slow.jpg.out.jpg"));
}

static void a_missing_output_directory_holds_the_folder_and_spends_nothing(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(g_rmdir(bench->out), 0);
    for (int i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, is_held));
    assert_int_equal(counts(bench).waiting, 5);
    assert_int_equal(g_mkdir(bench->out, 0755), 0);
    health_set(bench->health, "inbox", HEALTH_AVAILABLE, NULL);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 5);
    assert_int_equal(check_entries(bench->out), 5);
}

static void a_file_replaced_while_it_is_worked_on_is_never_published(void **state)
{
    const Bench *bench = *state;

    drop(bench, "slow.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    check_write(bench->in, "slow.jpg", "something else");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(check_entries(bench->out), 0);
    assert_int_equal(counts(bench).done + counts(bench).failed, 0); /* it is offered anew */
    g_autofree char *there = check_read(bench->in, "slow.jpg");
    assert_string_equal(there, "something else");
}

static void count_ends(void *user, const Job *job, JobEnd end, const char *names,
                       const Error *error)
{
    (void) job, (void) end, (void) names, (void) error;
    atomic_fetch_add((atomic_int *) user, 1);
}

/* As wget does, and cp -p. */
static void a_file_that_gets_another_date_while_it_is_worked_on_is_the_same_picture(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "slow.jpg", NULL);
    const struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    atomic_int ends = 0;

    bench->context.ended = count_ends;
    bench->context.user = &ends;
    drop(bench, "slow.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
    assert_int_equal(ends, 1);
    assert_true(check_exists(bench->in, "done/slow.jpg"));
}

static void a_worker_that_writes_nothing_publishes_nothing(void **state)
{
    const Bench *bench = *state;

    drop(bench, "nothing.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).failed, 1);
    assert_int_equal(check_entries(bench->out), 0);
}

static void a_truncated_file_never_reaches_a_worker(void **state)
{
    const Bench *bench = *state;

    drop(bench, "good.jpg");
    g_autofree char *path = g_build_filename(bench->in, "half.jpg", NULL);
    g_autoptr(GByteArray) bytes = sample_jpeg();
    assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len - 10, NULL));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    LedgerOffer offer = { bench->folder.name, (char *) (uintptr_t) "half.jpg", fileid_of(&st),
                          false };
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/half.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "incomplete"));
    assert_int_equal(check_entries(bench->out), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_picture_is_worked_on_exactly_once),
        TEST(the_same_content_again_makes_nothing_where_duplicates_are_skipped),
        TEST(a_disk_that_is_nearly_full_holds_the_folder_before_it_is),
        TEST(a_ledger_that_cannot_be_written_is_left_alone_for_a_while),
        TEST(a_number_that_the_ledger_cannot_give_is_no_death_of_the_worker),
        TEST(a_damaged_picture_is_failed_at_its_first_attempt),
        TEST(what_may_pass_is_tried_as_often_as_said),
        TEST(want_of_memory_is_told_with_what_was_allowed),
        TEST(a_picture_waits_for_its_memory_and_that_is_not_its_time),
        TEST(small_pictures_do_not_wait_for_memory),
        TEST(what_never_fits_into_the_memory_is_failed),
        TEST(a_stop_waits_for_nobodys_memory),
        TEST(a_picture_computes_no_longer_than_it_may),
        TEST(an_output_does_not_grow_beyond_its_limit),
        TEST(a_stop_gives_back_what_is_in_hand),
        TEST(a_stop_lets_what_is_in_hand_be_finished),
        TEST(a_missing_output_directory_holds_the_folder_and_spends_nothing),
        TEST(a_file_replaced_while_it_is_worked_on_is_never_published),
        TEST(a_file_that_gets_another_date_while_it_is_worked_on_is_the_same_picture),
        TEST(a_worker_that_writes_nothing_publishes_nothing),
        TEST(a_truncated_file_never_reaches_a_worker),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
