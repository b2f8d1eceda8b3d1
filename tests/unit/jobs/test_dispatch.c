/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the ledger through queue, threads and workers to the outputs, with workers that decode
 * nothing and misbehave on demand (tests/tools/fake_worker.c). */
#include <pthread.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/process/sandbox_report.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

static void every_picture_is_worked_on_exactly_once(void **state)
{
    const Bench *bench = *state;

    drop_many(bench, "sub/", 200);
    run_dropped(bench);
    check_ended(bench, 200, 0);
    g_autofree char *out = g_build_filename(bench->out, "sub", NULL);
    g_autofree char *done = g_build_filename(bench->in, "done/sub", NULL);
    assert_int_equal(check_entries(out), 200);
    assert_int_equal(check_entries(done), 200);
}

static char noted[256];

static void keep_notes(void *user, const Job *job, JobEnd end, const char *names G_GNUC_UNUSED,
                       const Error *error G_GNUC_UNUSED)
{
    g_autofree char *notes = job_notes(job);

    (void) user;
    assert_int_equal(end, JOB_DONE);
    g_snprintf(noted, sizeof(noted), "%s: %s", job->row.source, notes ? notes : "nothing");
}

static void what_the_worker_notes_of_a_picture_comes_with_its_end(void **state)
{
    Bench *bench = *state;

    bench->context.ended = keep_notes;
    drop(bench, "noted.jpg");
    run_dropped(bench);
    assert_string_equal(noted, "noted.jpg: 1 of 24 frames\\x0a");
}

/* All of them have the same bytes. */
static void the_same_content_again_makes_nothing_where_duplicates_are_skipped(void **state)
{
    Bench *bench = *state;

    bench->folder.duplicates = DUPLICATES_SKIP;
    drop_many(bench, "brief", 30);
    run_dropped(bench);
    assert_int_equal(check_entries(bench->out), 1);
    check_ended(bench, 30, 0);
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
    assert_int_equal(counts(bench).queued, 1);
    bench->folder.min_free = 1;
    health_begin_trial(bench->health, "inbox");
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
}

/* The linker has the next worker of an isolated folder started here, after a job has ended. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
void __wrap_process_start_early(Process *process, Settings *settings);

static const char *looked_at; /* the original */
static atomic_int looks, free_looks;

void __wrap_process_start_early(Process *process, Settings *settings)
{
    int fd = open(looked_at, O_RDONLY | O_CLOEXEC);

    (void) process, (void) settings;
    atomic_fetch_add(&free_looks, fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    atomic_fetch_add(&looks, 1);
    close(fd);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static bool was_looked_at(const Bench *bench G_GNUC_UNUSED)
{
    return atomic_load(&looks) > 0;
}

static void a_job_that_has_ended_has_its_files_open_no_longer(void **state)
{
    Bench *bench = *state;
    g_autofree char *original = g_build_filename(bench->in, "done/good.jpg", NULL);

    looked_at = original;
    bench->folder.isolate = true;
    run(bench, "good.jpg");
    assert_true(turn_until(bench, was_looked_at));
    assert_int_equal(atomic_load(&free_looks), 1);
}

/* ---- a ledger that can't be written ---- */

/* Turns until the ledger gets its pause; false when that did not come in time. */
static bool turn_until_paused(const Bench *bench)
{
    for (int64_t limit = clock_ms() + LIMIT_MS; clock_ms() < limit; g_usleep(1000)) {
        g_autoptr(Error) error = NULL;
        int64_t next = 0;
        if (!dispatch_turn(bench->dispatch, &next, &error))
            return dispatch_paused(bench->dispatch);
    }
    return false;
}

/* Until the end of a job could not be recorded; false when that did not come in time. */
static bool waits_until_unrecorded(const Bench *bench)
{
    int64_t limit = g_get_monotonic_time() + (int64_t) LIMIT_MS * 1000;

    while (!atomic_load(&bench->unrecorded) && g_get_monotonic_time() < limit)
        g_usleep(1000);
    return atomic_load(&bench->unrecorded);
}

/* Reading goes well all the time, and so does a change of no row at all. */
static void a_ledger_that_cannot_be_written_is_left_alone_for_a_while(void **state)
{
    Bench *bench = *state;
    struct rlimit before;

    have_ledger_file(bench);
    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    drop_many(bench, "good", 20);
    fill_disk(&before);
    open_gate(bench);
    bool paused = turn_until_paused(bench), unrecorded = waits_until_unrecorded(bench);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(paused && unrecorded);
    health_set(bench->health, "inbox", HEALTH_AVAILABLE, NULL);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 21, 0);
}

/* One is in progress, and the others were given to the pool already. */
static void what_is_in_progress_is_finished_in_a_paused_folder_and_no_other_one_begins(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    drop(bench, "gate.jpg");
    drop_many(bench, "good", 5);
    start(bench);
    assert_true(turn_until(bench, at_gate));
    health_pause(bench->health, "inbox", "ann", 0);
    open_gate(bench);
    assert_true(turn_until(bench, one_is_done));
    while (dispatch_in_flight(bench->dispatch))
        turn(bench);
    check_ended(bench, 1, 0);
    assert_int_equal(counts(bench).queued, 5);
    health_resume(bench->health, "inbox");
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 6, 0);
}

/* ---- pictures that fail ---- */

static void a_damaged_picture_is_failed_at_its_first_attempt(void **state)
{
    const Bench *bench = *state;

    run(bench, "sub/broken.jpg");
    report_says(bench, "sub/broken.jpg", "it is broken", "attempts: 1");
    assert_int_equal(check_entries(bench->out), 0);
}

static void what_may_pass_is_tried_as_often_as_said(void **state)
{
    const Bench *bench = *state;

    run(bench, "later.jpg");
    report_says(bench, "later.jpg", "attempts: 3");
}

static void a_picture_computes_no_longer_than_it_may(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 100;
    bench->folder.retry.attempts = 1;
    run(bench, "spin.jpg", "good.jpg");
    check_ended(bench, 1, 1);
    report_says(bench, "spin.jpg", "no result within 0.1 s of computing (max_cpu)");
}

static void an_output_does_not_grow_beyond_its_limit(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_output_bytes = 1049576; /* and a copy of the picture */
    run(bench, "huge.jpg");
    check_ended(bench, 1, 0);

    bench->folder.limits.max_output_bytes = 512000;
    drop(bench, "huge-2.jpg");
    assert_true(turn_until(bench, all_ended));
    report_says(bench, "huge-2.jpg", "max_output_bytes = 500KB allows\n");
    assert_int_equal(check_entries(bench->out), 1);
}

static void a_worker_that_writes_nothing_publishes_nothing(void **state)
{
    const Bench *bench = *state;

    run(bench, "nothing.jpg");
    check_ended(bench, 0, 1);
    assert_int_equal(check_entries(bench->out), 0);
}

static void cut_short(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_webp();

    drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len - 10);
}

static void a_truncated_file_never_reaches_a_worker(void **state)
{
    const Bench *bench = *state;

    drop(bench, "half.jpg");
    cut_short(bench, "half.jpg");
    run(bench, "good.jpg");
    report_says(bench, "half.jpg", "incomplete");
    assert_int_equal(check_entries(bench->out), 1);
}

static void a_file_without_its_end_mark_is_judged_by_the_worker(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GByteArray) jpeg = sample_jpeg();
    g_autoptr(GByteArray) png = sample_png();

    drop_bytes(bench, &bench->folder, "end.jpg", jpeg->data, jpeg->len - 2);
    drop_bytes(bench, &bench->folder, "end.png", png->data, png->len - 12);
    run(bench, "good.jpg");
    check_ended(bench, 3, 0);
}

/* ---- memory ---- */

static void too_little_memory_is_reported_with_what_was_allowed(void **state)
{
    Bench *bench = *state;

    run(bench, "starve-1.jpg");
    report_says(bench, "starve-1.jpg", "more memory than the 1.0GB that a picture of its size gets",
                "set the folder's `max_memory` to more than that");

    bench->folder.limits.max_memory = INT64_C(300) << 20;
    drop(bench, "starve-2.jpg");
    assert_true(turn_until(bench, all_ended));
    report_says(bench, "starve-2.jpg", "needed more memory than max_memory = 300MB allows",
                "raise `max_memory`", "attempts: 3");
}

/* Turns until all have ended; whether any picture had to wait for memory meanwhile. */
static bool some_waited(const Bench *bench)
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
        g_usleep(1000);
    }
    assert_true(all_ended(bench));
    assert_int_equal(dispatch_memory(bench->dispatch).used, 0);
    return waited;
}

/* Of 100,000 bytes. */
static void pictures_wait_for_their_memory(void **state)
{
    const Bench *bench = *state;

    drop_many(bench, "needs60000-", 4);
    start(bench);
    assert_true(some_waited(bench));
    check_ended(bench, 4, 0);
}

static void small_pictures_do_not_wait_for_memory(void **state)
{
    const Bench *bench = *state;

    drop_many(bench, "needs30000-", 6);
    start(bench);
    assert_false(some_waited(bench));
    check_ended(bench, 6, 0);
}

static bool one_waits(const Bench *bench)
{
    return dispatch_memory(bench->dispatch).waiting == 1;
}

static void the_wait_for_memory_is_not_a_pictures_own_time(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(budget_take(bench->context.budget, 60000, NULL, NULL), GRANT_YES);
    drop(bench, "needs60000-good.jpg");
    start(bench);
    assert_true(turn_until(bench, one_waits));
    pass_time(INT64_C(2) * HOUR_MS);
    budget_give(bench->context.budget, 60000);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
    assert_int_equal(bench->ends, 1);
}

static void what_never_fits_into_the_memory_is_failed(void **state)
{
    Bench *bench = *state;

    run(bench, "needs200000-a.jpg");
    report_says(bench, "needs200000-a.jpg",
                "needs about 195.3KB of memory, more than memory = 97.7KB", "raise `memory`",
                "attempts: 1");

    bench->folder.limits.max_memory = 256 << 20;
    drop(bench, "needs268435457-b.jpg");
    assert_true(turn_until(bench, all_ended));
    report_says(bench, "needs268435457-b.jpg", "more than max_memory = 256.0MB allows");
}

/* ---- stops ---- */

/* They are due, and no attempt was spent. */
static void check_given_back(const Bench *bench, unsigned count)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    take_due(bench->ledger, "inbox", false, rows);
    assert_int_equal(rows->len, count);
    for (guint i = 0; i < rows->len; i++) {
        assert_int_equal(g_array_index(rows, LedgerRow, i).attempt, 1); /* it would be the first */
        assert_int_equal(g_array_index(rows, LedgerRow, i).crashes, 0);
    }
}

static bool two_wait(const Bench *bench)
{
    return dispatch_memory(bench->dispatch).waiting == 2;
}

static void a_stop_does_not_wait_for_memory(void **state)
{
    const Bench *bench = *state;

    drop_many(bench, "needs60000-hang", 3);
    start(bench);
    assert_true(turn_until(bench, two_wait));
    dispatch_stop(bench->dispatch, 100);
    check_given_back(bench, 3);
}

static void a_stop_gives_back_what_is_in_hand(void **state)
{
    const Bench *bench = *state;

    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    dispatch_stop(bench->dispatch, 100);
    check_given_back(bench, 1);
    assert_true(check_exists(bench->in, "gate.jpg"));
}

static void *open_gate_later(void *bench)
{
    g_usleep(50000); /* when the stop waits already, or just before */
    open_gate(bench);
    return NULL;
}

static void a_stop_lets_what_is_in_hand_be_finished(void **state)
{
    Bench *bench = *state;
    pthread_t opener;

    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    assert_int_equal(pthread_create(&opener, NULL, open_gate_later, bench), 0);
    dispatch_stop(bench->dispatch, LIMIT_MS);
    pthread_join(opener, NULL);
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->out, "gate.jpg.out.jpg"));
}

/* ---- what changes meanwhile ---- */

static void a_missing_output_directory_holds_the_folder_and_spends_nothing(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(g_rmdir(bench->out), 0);
    drop_many(bench, "good", 5);
    start(bench);
    assert_true(turn_until(bench, is_held));
    assert_int_equal(counts(bench).queued, 5);
    assert_int_equal(g_mkdir(bench->out, 0755), 0);
    health_set(bench->health, "inbox", HEALTH_AVAILABLE, NULL);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 5, 0);
    assert_int_equal(check_entries(bench->out), 5);
}

static bool tried_four_times(const Bench *bench)
{
    return atomic_load(&bench->ends) >= 4;
}

/* A worker that was started before may say only now what its sandbox lacks. */
static bool all_ended_in_a_sandbox(const Bench *bench)
{
    sandbox_report_set("");
    return all_ended(bench);
}

/* A sanitized worker has no sandbox, and every format is decoded without it. */
static void a_format_that_the_sandbox_is_too_weak_for_waits_and_spends_nothing(void **state)
{
    Bench *bench = *state;

#ifdef HOTFOLDER_INSTRUMENTED
    skip();
#endif
    g_setenv("FAKE_LACKS", "landlock (Function not implemented)", TRUE);
    bench->folder.retry.attempts = 1;
    bench->times.unconfined_retry_ms = 1;
    drop_heic(bench, "a.heic");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, tried_four_times));
    assert_true(turn_until(bench, one_is_done));
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "a.heic"));
    g_unsetenv("FAKE_LACKS");
    assert_true(turn_until(bench, all_ended_in_a_sandbox));
    check_ended(bench, 2, 0);
}

/* It is offered again as another picture. */
static void a_file_replaced_while_it_is_worked_on_is_never_published(void **state)
{
    const Bench *bench = *state;

    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    check_write(bench->in, "gate.jpg", "something else");
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(check_entries(bench->out), 0);
    check_ended(bench, 0, 0);
    g_autofree char *there = check_read(bench->in, "gate.jpg");
    assert_string_equal(there, "something else");
}

/* As wget does, and cp -p. */
static void a_file_that_gets_another_date_while_it_is_worked_on_is_the_same_picture(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "gate.jpg", NULL);
    const struct timespec times[] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
    assert_int_equal(bench->ends, 1);
    assert_true(check_exists(bench->in, "done/gate.jpg"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_picture_is_worked_on_exactly_once),
        TEST(what_the_worker_notes_of_a_picture_comes_with_its_end),
        TEST(the_same_content_again_makes_nothing_where_duplicates_are_skipped),
        TEST(a_job_that_has_ended_has_its_files_open_no_longer),
        TEST(a_disk_that_is_nearly_full_holds_the_folder_before_it_is),
        TEST(a_ledger_that_cannot_be_written_is_left_alone_for_a_while),
        TEST(what_is_in_progress_is_finished_in_a_paused_folder_and_no_other_one_begins),
        TEST(a_damaged_picture_is_failed_at_its_first_attempt),
        TEST(what_may_pass_is_tried_as_often_as_said),
        TEST(too_little_memory_is_reported_with_what_was_allowed),
        TEST(pictures_wait_for_their_memory),
        TEST(the_wait_for_memory_is_not_a_pictures_own_time),
        TEST(small_pictures_do_not_wait_for_memory),
        TEST(what_never_fits_into_the_memory_is_failed),
        TEST(a_stop_does_not_wait_for_memory),
        TEST(a_picture_computes_no_longer_than_it_may),
        TEST(an_output_does_not_grow_beyond_its_limit),
        TEST(a_stop_gives_back_what_is_in_hand),
        TEST(a_stop_lets_what_is_in_hand_be_finished),
        TEST(a_missing_output_directory_holds_the_folder_and_spends_nothing),
        TEST(a_format_that_the_sandbox_is_too_weak_for_waits_and_spends_nothing),
        TEST(a_file_replaced_while_it_is_worked_on_is_never_published),
        TEST(a_file_that_gets_another_date_while_it_is_worked_on_is_the_same_picture),
        TEST(a_worker_that_writes_nothing_publishes_nothing),
        TEST(a_truncated_file_never_reaches_a_worker),
        TEST(a_file_without_its_end_mark_is_judged_by_the_worker),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
