/* Workers that die, and a daemon that died: what it costs, and whom. */
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/jobs/retry.h"
#include "daemon/journal/journal.h"
#include "daemon/process/cgroup.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/process/fixture.h"

static void a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not(void **state)
{
    const Bench *bench = *state;

    drop(bench, "crash.jpg");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 20);
    assert_int_equal(counts(bench).failed, 1);
    g_autofree char *report = check_read(bench->in, "failed/crash.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "signal 6"));
    assert_non_null(strstr(report, "MB of memory at most"));
    assert_non_null(strstr(report, "(pretend)"));
    assert_non_null(strstr(report, "attempts: 2"));
    assert_true(check_exists(bench->in, "failed/crash.jpg"));
}

/* A worker with a sanitizer has terabytes anyway, and is held to nothing. */
static void a_death_near_the_limit_of_memory_names_it(void **state)
{
    Bench *bench = *state;

#ifdef HOTFOLDER_INSTRUMENTED
    skip();
#endif
    bench->folder.limits.max_memory = 64 << 20;
    drop(bench, "gorge.jpg");
    drop(bench, "crash.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/gorge.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "signal 6"));
    assert_non_null(strstr(report, "working on it took more than max_memory = 64MB"));
    assert_non_null(strstr(report, "raise `max_memory`"));
    assert_non_null(strstr(report, "(pretend)"));
    g_autofree char *other = check_read(bench->in, "failed/crash.jpg.txt");
    assert_non_null(other);
    assert_null(strstr(other, "max_memory"));
}

static bool one_done(const Bench *bench)
{
    return counts(bench).done == 1;
}

/* Of a picture, and not of all that its worker had in hand before. */
static void the_memory_in_the_evidence_is_its_own(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    drop(bench, "fill.jpg");
    start(bench);
    assert_true(turn_until(bench, one_done));
    bench->folder.retry.attempts = 1;
    drop(bench, "crash.jpg");
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/crash.jpg.txt");
    const char *with = report ? strstr(report, " s, with ") : NULL;
    assert_non_null(with);
    gint64 memory = g_ascii_strtoll(with + strlen(" s, with "), NULL, 10);
    assert_in_range(memory, 1, 300);
}

typedef struct Company {
    const Bench *bench;
    atomic_int alone, beside_others; /* pictures that were to be alone: how many were */
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
    for (int i = 0; i < 60; i++) {
        g_autofree char *name = g_strdup_printf("%s%02d.jpg", i % 20 ? "slow" : "crash", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(counts(bench).failed, 3);
    assert_int_equal(counts(bench).done, 57);
    assert_int_equal(company.alone, 3);
    assert_int_equal(company.beside_others, 0);
}

static void what_took_too_long_is_not_tried_alone(void **state)
{
    Bench *bench = *state;
    Company company = { .bench = bench };

    bench->context.ended = note_company;
    bench->context.user = &company;
    bench->folder.deadline_ms = 1500;
    drop(bench, "hang.jpg");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("slow%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(counts(bench).failed, 1);
    assert_int_equal(counts(bench).done, 20);
    assert_int_equal(company.alone + company.beside_others, 0);
}

static void a_worker_that_outgrows_its_control_group_says_which_limit_that_was(void **state)
{
    const Bench *bench = *state;
    char *root = cgroup_world("memory pids\n");
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
    drop(bench, "outgrow.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    cgroup_stop();
    check_rmdir(root);
    assert_int_equal(counts(bench).done, 1);
    g_autofree char *report = check_read(bench->in, "failed/outgrow.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "signal 9 (Killed): it took more than the 1.1GB of memory"));
    assert_non_null(strstr(report, "`max_memory`"));
}

static bool is_calm(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    int64_t next = 0;

    assert_ok(dispatch_turn(bench->dispatch, &next, &error), error);
    return dispatch_in_flight(bench->dispatch) == 0 && next != INT64_MAX &&
           next > clock_ms() + 5000;
}

static void a_storm_of_deaths_is_let_pass(void **state)
{
    const Bench *bench = *state;

    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("crash%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, is_calm));
    assert_true(counts(bench).waiting >= 40 - 10 - 2 * 3); /* what was in flight comes to an end */
    assert_int_equal(counts(bench).failed, 0);
}

static bool nothing_is_left(const Bench *bench)
{
    return all_ended(bench) && counts(bench).waiting == 0;
}

/* As when a picture is cut off that its decoder has mapped. */
static void a_file_that_changes_under_its_worker_is_not_to_blame_for_its_death(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "slowcrash.jpg", NULL);

    drop(bench, "slowcrash.jpg");
    start(bench);
    assert_true(turn_until(bench, one_in_work));
    assert_int_equal(truncate(path, 100), 0);
    assert_true(turn_until(bench, nothing_is_left));
    assert_int_equal(counts(bench).failed, 0); /* it is offered anew as what it has become */
    assert_true(check_exists(bench->in, "slowcrash.jpg"));
}

static bool one_is_done(const Bench *bench)
{
    return counts(bench).done == 1;
}

static void a_storm_over_one_folder_holds_up_no_other(void **state)
{
    const Bench *bench = *state;
    Bench other = *bench;

    other.folder.name = (char *) (uintptr_t) "other";
    other.folder.path = other.in = g_build_filename(bench->dir, "other", NULL);
    assert_int_equal(g_mkdir(other.in, 0755), 0);
    g_ptr_array_add(bench->settings->folders, &other.folder);
    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("crash%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, is_calm));
    int64_t waiting = counts(bench).waiting;
    drop(&other, "good.jpg");
    assert_true(turn_until(bench, one_is_done));
    assert_int_equal(counts(bench).waiting, waiting); /* it did not wait for the end of the calm */
    dispatch_stop(bench->dispatch, LIMIT_MS);
    g_free(other.in);
}

/* The order in which pictures ended. */
typedef struct Turns {
    pthread_mutex_t lock;
    bool last_alone;
    int left, alone, in_a_row; /* left: pictures that are no trouble */
} Turns;

static void note_turn(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    Turns *turns = user;

    (void) names, (void) error;
    pthread_mutex_lock(&turns->lock);
    turns->in_a_row += job->row.alone && turns->last_alone && turns->left;
    turns->alone += job->row.alone;
    turns->last_alone = job->row.alone;
    turns->left -= end == JOB_DONE;
    pthread_mutex_unlock(&turns->lock);
}

static void those_that_have_to_be_alone_take_turns_with_the_others(void **state)
{
    Bench *bench = *state;
    Turns turns = { .lock = PTHREAD_MUTEX_INITIALIZER, .left = 40 };

    bench->context.ended = note_turn;
    bench->context.user = &turns;
    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("slowcrash%d.jpg", i);
        drop(bench, name);
    }
    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("slow%02d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(counts(bench).failed, 4);
    assert_int_equal(turns.alone, 4);
    assert_int_equal(turns.in_a_row, 0);
}

static void a_worker_that_hangs_is_ended_at_the_deadline(void **state)
{
    Bench *bench = *state;

    bench->folder.deadline_ms = 200;
    drop(bench, "hang.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/hang.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "no result within 0.2 s"));
}

static void a_worker_that_talks_nonsense_is_replaced(void **state)
{
    const Bench *bench = *state;

    drop(bench, "babble.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).failed, 1);
    assert_true(check_exists(bench->out, "good.jpg.out.jpg"));
}

static void a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason(void **state)
{
    const Bench *bench = *state;

    drop(bench, "good.jpg");
    for (int deaths = 0; deaths < RETRY_UNFINISHED; deaths++) {
        g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
        g_autoptr(Error) error = NULL;
        bool claimed = false;
        int64_t next = 0;
        g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
        assert_ok(ledger_due(bench->ledger, "inbox", 0, 1, rows, &next, &error), error);
        LedgerRow *row = &g_array_index(rows, LedgerRow, 0);
        assert_ok(ledger_claim(bench->ledger, row, &claimed, &error), error);
        /* As ledger_open() does with a row that is `working`. */
        assert_ok(ledger_defer(bench->ledger, row->id, 0, true, DEATH_NONE, NULL, &error), error);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/good.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "in work at 5 stops"));
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
    g_free(reason);
    reason = NULL;
    assert_int_equal(counts(bench).waiting, 1);

    health_trial(bench->health, "inbox");
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
    assert_int_equal(health_ailing(bench->health), 0); /* proved by the picture */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_death_near_the_limit_of_memory_names_it),
        TEST(the_memory_in_the_evidence_is_its_own),
        TEST(a_picture_that_kills_its_worker_twice_is_failed_and_the_others_are_not),
        TEST(what_is_tried_again_after_a_death_is_alone),
        TEST(what_took_too_long_is_not_tried_alone),
        TEST(a_file_that_changes_under_its_worker_is_not_to_blame_for_its_death),
        TEST(a_worker_that_outgrows_its_control_group_says_which_limit_that_was),
        TEST(a_storm_of_deaths_is_let_pass),
        TEST(a_storm_over_one_folder_holds_up_no_other),
        TEST(those_that_have_to_be_alone_take_turns_with_the_others),
        TEST(a_worker_that_hangs_is_ended_at_the_deadline),
        TEST(a_worker_that_talks_nonsense_is_replaced),
        TEST(a_picture_in_hand_at_every_death_of_the_daemon_is_failed_with_that_reason),
        TEST(a_worker_that_cannot_be_started_holds_the_folder),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("deaths", tests, NULL, NULL);
}
