/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Workers that crash, and a daemon that crashed: what it costs, and which picture. */
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "daemon/process/cgroup.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/process/fixture.h"

enum { FIX_BYTES = 200 };

static void a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not(void **state)
{
    const Bench *bench = *state;

    drop(bench, "crash.jpg");
    drop_many(bench, "good", 20);
    run_dropped(bench);
    check_ended(bench, 20, 1);
    report_says(bench, "crash.jpg", "signal 6", "MB of memory at most", "(pretend)", "attempts: 2");
    assert_true(check_exists(bench->in, "failed/crash.jpg"));
}

static void a_decoder_that_gives_up_is_named_with_a_way_out(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.accept |= FORMAT_BIT(FORMAT_JP2);
    drop_jp2(bench, "crash.jp2");
    run_dropped(bench);
    report_says(
        bench, "crash.jp2",
        "was killed by signal 6 (Aborted) over a JPEG 2000, which OpenJPEG decodes (after",
        "open it in a viewer; if that shows it, save it there in another format, or install "
        "updates of OpenJPEG");
}

static void a_worker_that_dies_while_it_saves_does_not_blame_the_decoder(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.accept |= FORMAT_BIT(FORMAT_JP2);
    drop_jp2(bench, "crash-save.jp2");
    run_dropped(bench);
    report_says(bench, "crash-save.jp2",
                "was killed by signal 6 (Aborted) while it saved the picture of a JPEG 2000",
                "raise `max_memory`, or save it in another format");
    g_autofree char *report = report_of(bench, "crash-save.jp2");
    assert_null(strstr(report, "OpenJPEG"));
}

/* A worker with a sanitizer has terabytes anyway, and is held to nothing. */
static void a_death_near_the_limit_of_memory_names_it(void **state)
{
    Bench *bench = *state;

#ifdef HOTFOLDER_INSTRUMENTED
    skip();
#endif
    bench->folder.limits.max_memory = 64 << 20;
    run(bench, "gorge.jpg", "crash.jpg");
    report_says(bench, "gorge.jpg", "signal 6", "needed more memory than max_memory = 64MB",
                "raise `max_memory`", "(pretend)");
    g_autofree char *other = report_of(bench, "crash.jpg");
    assert_null(strstr(other, "max_memory"));
}

/* The memory of earlier pictures of the same worker does not count. */
static void the_memory_in_the_evidence_is_its_own(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    drop(bench, "fill.jpg");
    start(bench);
    assert_true(turn_until(bench, one_is_done));
    bench->folder.retry.attempts = 1;
    drop(bench, "crash.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = report_of(bench, "crash.jpg");
    const char *with = strstr(report, " s, with ");
    assert_non_null(with);
    gint64 memory = g_ascii_strtoll(with + strlen(" s, with "), NULL, 10);
    assert_in_range(memory, 1, 300);
}

static void a_worker_that_outgrows_its_control_group_says_which_limit_that_was(void **state)
{
    const Bench *bench = *state;
    char *root = fake_cgroup("memory pids\n");
    g_autofree char *group = g_build_filename(root, CGROUP_SERVICE, NULL);

    g_setenv("FAKE_GROUP", group, TRUE);
    for (int i = 1; i <= 6; i++) /* as an earlier life left them */
        for (int j = 0; j < 3; j++) {
            const char *file = (const char *[]){ "memory.max", "memory.events", "cgroup.procs" }[j];
            g_autofree char *name = g_strdup_printf(CGROUP_SERVICE "/worker-%d/%s", i, file);
            check_write(root, name, "");
        }
    check_write(root, CGROUP_SERVICE "/daemon/cgroup.procs", "");
    cgroup_start(root);
    run(bench, "outgrow.jpg", "good.jpg");
    dispatch_stop(bench->dispatch, LIMIT_MS);
    cgroup_stop();
    check_rmdir(root);
    check_ended(bench, 1, 1);
    report_says(bench, "outgrow.jpg", "signal 9 (Killed): it used more than the 1.1GB of memory",
                "`max_memory`");
}

/* As when a picture is cut off that its decoder has mapped: it is offered again as what it has
 * become. */
static void a_file_that_changes_under_its_worker_is_not_to_blame_for_its_death(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "gatecrash.jpg", NULL);

    drop(bench, "gatecrash.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    assert_int_equal(truncate(path, 100), 0);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 0, 0);
    assert_int_equal(counts(bench).queued, 0);
    assert_true(check_exists(bench->in, "gatecrash.jpg"));
}

/* ---- alone ---- */

typedef struct Company {
    const Bench *bench;
    atomic_int alone, beside_others; /* pictures that have to be alone: how many were */
} Company;

static void note_company(void *user, const Job *job, JobEnd end, const char *names,
                         const Error *error)
{
    Company *company = user;

    (void) end, (void) names, (void) error;
    if (job->row.alone)
        atomic_fetch_add(dispatch_in_flight(company->bench->dispatch) == 1
                             ? &company->alone
                             : &company->beside_others,
                         1);
}

static void what_is_tried_again_after_a_death_is_alone(void **state)
{
    Bench *bench = *state;
    Company company = { .bench = bench };

    bench->context.ended = note_company;
    bench->context.user = &company;
    drop_many(bench, "crash", 3);
    drop_many(bench, "brief", 60);
    run_dropped(bench);
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 60, 3);
    assert_int_equal(company.alone, 3);
    assert_int_equal(company.beside_others, 0);
}

/* Only the folder of the picture that hangs has a short deadline: a slow machine exceeds no other.
 */
static void what_took_too_long_is_not_tried_alone(void **state)
{
    Bench *bench = *state;
    Company company = { .bench = bench };

    bench->context.ended = note_company;
    bench->context.user = &company;
    have_other_folder(bench);
    bench->other.deadline_ms = 200;
    drop_into(bench, &bench->other, "hang.jpg");
    drop_many(bench, "brief", 20);
    run_dropped(bench);
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 20, 1);
    assert_int_equal(company.alone + company.beside_others, 0);
}

/* By the daemon's clock: how long pictures take. So many others go between two that are alone, and
 * fewer are allowed for real time that passes as well. All that pass while one worker starts are
 * far from the time that it has for that. */
enum { ALONE_MS = 15000, OTHER_MS = 500, OTHERS_BETWEEN = 10 };

typedef struct Turns {
    pthread_mutex_t lock;
    int left;    /* pictures that are no trouble */
    int alone;   /* that ended so far */
    int between; /* others that ended since the last of those */
    int least;   /* of `between`, as long as others were left */
} Turns;

static void note_turn(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    Turns *turns = user;

    (void) names, (void) error;
    pass_time(job->row.alone ? ALONE_MS : OTHER_MS);
    pthread_mutex_lock(&turns->lock);
    turns->left -= end == JOB_DONE;
    turns->between += !job->row.alone;
    if (job->row.alone) {
        if (turns->alone && turns->left)
            turns->least = MIN(turns->least, turns->between);
        turns->alone++;
        turns->between = 0;
    }
    pthread_mutex_unlock(&turns->lock);
}

/* Those that have to be alone wait for nothing but time when no others are left. */
static bool all_ended_in_time(const Bench *bench)
{
    Turns *turns = bench->context.user;

    pthread_mutex_lock(&turns->lock);
    if (!turns->left)
        pass_time(OTHER_MS);
    pthread_mutex_unlock(&turns->lock);
    return all_ended(bench);
}

/* In another folder: within one, retries and other pictures are given in turn anyway. */
static void those_that_have_to_be_alone_take_turns_with_the_others(void **state)
{
    Bench *bench = *state;
    Turns turns = { .lock = PTHREAD_MUTEX_INITIALIZER, .left = 120, .least = INT_MAX };

    bench->context.ended = note_turn;
    bench->context.user = &turns;
    bench->times.close_outputs_ms = HOUR_MS; /* by a clock that jumps */
    have_other_folder(bench);
    drop_into(bench, &bench->other, "crash-1.jpg");
    drop_into(bench, &bench->other, "crash-2.jpg");
    drop_into(bench, &bench->other, "crash-3.jpg");
    drop_many(bench, "good", 120);
    start(bench);
    assert_true(turn_until(bench, all_ended_in_time));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    check_ended(bench, 120, 3);
    assert_int_equal(turns.alone, 3);
    assert_in_range(turns.least, OTHERS_BETWEEN, 120);
}

/* ---- crash loops ---- */

enum { CRASH_LOOP = 10, IN_FLIGHT = 2 * 3 };

/* However slow the machine is, all crashes fall into one window; none is tried again meanwhile. */
static void crash_in_one_window(Bench *bench)
{
    bench->times.crash_window_ms = bench->times.cool_down_ms = HOUR_MS;
    bench->folder.retry.first_ms = bench->folder.retry.max_ms = HOUR_MS;
    drop_many(bench, "crash", 40);
}

static bool cools_down(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
    return dispatch_in_flight(bench->dispatch) == 0 && next != INT64_MAX &&
           next > clock_ms() + HOUR_MS / 2;
}

static bool crashes_go_on(const Bench *bench)
{
    return bench->deaths > CRASH_LOOP + IN_FLIGHT;
}

static void after_a_crash_loop_the_folder_pauses(void **state)
{
    Bench *bench = *state;

    crash_in_one_window(bench);
    start(bench);
    assert_true(turn_until(bench, cools_down));
    assert_in_range(bench->deaths, CRASH_LOOP, CRASH_LOOP + IN_FLIGHT);
    assert_int_equal(counts(bench).queued, 40);
    pass_time(HOUR_MS);
    assert_true(turn_until(bench, crashes_go_on));
}

static void a_crash_loop_of_one_folder_holds_up_no_other(void **state)
{
    Bench *bench = *state;

    have_other_folder(bench);
    crash_in_one_window(bench);
    start(bench);
    assert_true(turn_until(bench, cools_down));
    drop_into(bench, &bench->other, "good.jpg");
    assert_true(turn_until(bench, one_is_done));
    assert_true(cools_down(bench));
}

/* ---- workers that do not answer, and a daemon that crashed ---- */

static void a_worker_that_hangs_is_ended_at_the_deadline(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 200;
    run(bench, "hang.jpg");
    report_says(bench, "hang.jpg", "no result within 0.2 s (deadline)");
}

static void keep_fix(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    (void) job, (void) end, (void) names;
    g_strlcpy(user, error->fix, FIX_BYTES);
}

/* What is to be done about a picture of a batch that ends so; newly allocated. */
static char *fix_in_batch(Bench *bench, const char *source)
{
    char fix[FIX_BYTES] = "";

    bench->context.ended = keep_fix;
    bench->context.user = fix;
    bench->folder.originals = ORIGINALS_UNTOUCHED;
    run(bench, source);
    return g_strdup(fix);
}

static void check_fix_in_batch(Bench *bench, const char *source, const char *setting)
{
    g_autofree char *fix = fix_in_batch(bench, source);

    assert_non_null(strstr(fix, setting));
    assert_non_null(strstr(fix, "--config"));
}

static void the_deadline_of_a_batch_is_raised_in_its_configuration(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 200;
    check_fix_in_batch(bench, "hang.jpg", "a larger one, as in defaults { deadline = 400ms }");
}

static void the_processor_time_of_a_batch_is_raised_there_too(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 100;
    check_fix_in_batch(bench, "spin.jpg", "a larger one, as in defaults { max_cpu = 200ms }");
}

static void no_limit_above_the_largest_is_advised(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = ATTEMPT_MS_MAX / 2 + 1;
    check_fix_in_batch(bench, "spent.jpg", "a larger one, as in defaults { max_cpu = 1d }");
}

static void where_a_limit_is_the_largest_the_picture_has_to_be_smaller(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = ATTEMPT_MS_MAX;
    g_autofree char *fix = fix_in_batch(bench, "spent.jpg");
    assert_string_equal(fix, "make the picture smaller: `max_cpu` cannot be more");
}

static void a_worker_that_talks_nonsense_is_replaced(void **state)
{
    const Bench *bench = *state;

    run(bench, "babble.jpg", "good.jpg");
    check_ended(bench, 1, 1);
    assert_true(check_exists(bench->out, "good.jpg.out.jpg"));
}

/* As ledger_open() does with a row that is `processing`. */
static void crash_daemon_over(const Bench *bench, const char *source)
{
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", source);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_NONE, NULL, &error), error);
}

static void a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason(void **state)
{
    const Bench *bench = *state;

    drop(bench, "good.jpg");
    for (int deaths = 0; deaths < RETRY_UNFINISHED; deaths++)
        crash_daemon_over(bench, "good.jpg");
    run_dropped(bench);
    report_says(bench, "good.jpg", "killed or lost power 5 times");
}

static void a_worker_that_cannot_be_started_holds_the_folder(void **state)
{
    const Bench *bench = *state;
    g_autofree char *worker = g_strdup(g_getenv("HOTFOLDER_WORKER")), *reason = NULL;

    g_setenv("HOTFOLDER_WORKER", "/nonexistent/hotfolder-worker", TRUE);
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, is_held));
    g_setenv("HOTFOLDER_WORKER", worker, TRUE);
    health_get(bench->health, "inbox", &reason);
    assert_non_null(strstr(reason, "install hotfolder-worker"));
    assert_int_equal(counts(bench).queued, 1);

    health_begin_trial(bench->health, "inbox");
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
    assert_int_equal(health_count_degraded(bench->health), 0); /* proved by the picture */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not),
        TEST(a_decoder_that_gives_up_is_named_with_a_way_out),
        TEST(a_worker_that_dies_while_it_saves_does_not_blame_the_decoder),
        TEST(a_death_near_the_limit_of_memory_names_it),
        TEST(the_memory_in_the_evidence_is_its_own),
        TEST(a_worker_that_outgrows_its_control_group_says_which_limit_that_was),
        TEST(a_file_that_changes_under_its_worker_is_not_to_blame_for_its_death),
        TEST(what_is_tried_again_after_a_death_is_alone),
        TEST(what_took_too_long_is_not_tried_alone),
        TEST(those_that_have_to_be_alone_take_turns_with_the_others),
        TEST(after_a_crash_loop_the_folder_pauses),
        TEST(a_crash_loop_of_one_folder_holds_up_no_other),
        TEST(a_worker_that_hangs_is_ended_at_the_deadline),
        TEST(the_deadline_of_a_batch_is_raised_in_its_configuration),
        TEST(the_processor_time_of_a_batch_is_raised_there_too),
        TEST(no_limit_above_the_largest_is_advised),
        TEST(where_a_limit_is_the_largest_the_picture_has_to_be_smaller),
        TEST(a_worker_that_talks_nonsense_is_replaced),
        TEST(a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason),
        TEST(a_worker_that_cannot_be_started_holds_the_folder),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("crashes", tests, NULL, NULL);
}
