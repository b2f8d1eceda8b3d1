/* A worker that its picture has taken over says and keeps what it likes: what becomes of that
 * picture, and that nothing becomes of the others. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"

enum { LOOK_US = 20000 };

static atomic_bool no_leases;

/* The library's own gives way to this. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int fcntl(int fd, int command, ...)
{
    va_list rest;

    va_start(rest, command);
    unsigned long value = va_arg(rest, unsigned long); /* whatever it is */
    va_end(rest);
    if (command == F_SETLEASE && atomic_load(&no_leases)) {
        errno = EINVAL;
        return -1;
    }
    return (int) syscall(SYS_fcntl, fd, command, value);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void what_a_worker_can_still_write_does_not_appear(void **state)
{
    const Bench *bench = *state;

    drop(bench, "keep.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).failed, 1);
    assert_int_equal(counts(bench).done, 1);
    assert_false(check_exists(bench->out, "keep.jpg.out.jpg"));
    g_autofree char *report = check_read(bench->in, "failed/keep.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "did not let go of an output"));
    assert_non_null(strstr(report, "attempts: 2"));
}

static bool all_ended_or_held(const Bench *bench)
{
    return all_ended(bench) || is_held(bench);
}

/* As the service does it with a folder whose world is well. */
static int ended_after_holds(const Bench *bench)
{
    int holds = 0;

    while (turn_until(bench, all_ended_or_held) && !all_ended(bench)) {
        holds++;
        health_trial(bench->health, "inbox");
        dispatch_wake(bench->dispatch);
    }
    return holds;
}

static void a_disk_that_is_full_for_the_worker_alone_costs_its_picture_attempts(void **state)
{
    Bench *bench = *state;

    bench->folder.retry.attempts = 2;
    drop(bench, "world.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_int_equal(ended_after_holds(bench), 2); /* each time it says so after something else */
    assert_int_equal(counts(bench).done, 1);
    g_autofree char *report = check_read(bench->in, "failed/world.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "the disk is full"));
    assert_non_null(strstr(report, "attempts: 2"));
}

static void a_disk_that_is_full_spends_no_attempt(void **state)
{
    Bench *bench = *state;

    bench->folder.retry.attempts = 1;
    drop(bench, "world.jpg");
    assert_int_equal(g_rmdir(bench->out), 0);
    start(bench);
    for (int i = 0; i < 4; i++) {
        assert_true(turn_until(bench, is_held));
        health_trial(bench->health, "inbox");
        dispatch_wake(bench->dispatch);
    }
    assert_true(turn_until(bench, is_held));
    assert_int_equal(counts(bench).failed, 0);
}

static void what_was_refused_is_not_done(void **state)
{
    const Bench *bench = *state;

    drop(bench, "deaf.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 0);
    g_autofree char *report = check_read(bench->in, "failed/deaf.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "'../outside.jpg' is no name for an output"));
}

static void what_made_nothing_is_not_done(void **state)
{
    const Bench *bench = *state;

    drop(bench, "lazy.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 0);
    g_autofree char *report = check_read(bench->in, "failed/lazy.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "the worker made nothing"));
}

static void what_is_said_before_it_is_asked_is_no_answer(void **state)
{
    const Bench *bench = *state;

    drop(bench, "early.jpg");
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("later-on-%02d.jpg", i);
        drop(bench, i % 2 ? name : name + strlen("later-"));
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 11);
    assert_int_equal(counts(bench).failed, 10); /* those that are tried later, in vain */
    for (int i = 0; i < 20; i += 2) {
        g_autofree char *name = g_strdup_printf("on-%02d.jpg.out.jpg", i);
        assert_true(check_exists(bench->out, name));
    }
}

static void a_limit_of_time_that_is_not_heeded_is_met_all_the_same(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 1000;
    drop(bench, "spite.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/spite.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "no result within 1 s of computing (max_cpu)"));
    assert_non_null(strstr(report, "raise the folder's `max_cpu`"));
}

static void many_outputs_are_too_large_together_while_they_are_written(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_output_bytes = 2 << 20;
    drop(bench, "flood.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended)); /* and not at the deadline */
    g_autofree char *report = check_read(bench->in, "failed/flood.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "its outputs have "));
    assert_non_null(strstr(report, "MB, more than max_output_bytes = 2MB"));
    assert_non_null(strstr(report, "attempts: 1"));
}

static void threads_that_a_picture_leaves_behind_are_its_own_doing(void **state)
{
    const Bench *bench = *state;

    drop(bench, "swarm.jpg");
    for (int i = 0; i < 9; i++) {
        g_autofree char *name = g_strdup_printf("good%d.jpg", i);
        drop(bench, name);
    }
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 9);
    g_autofree char *report = check_read(bench->in, "failed/swarm.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "it started ")); /* as many as there were at the first look */
    assert_non_null(strstr(report, " threads, more than any picture needs"));
    assert_non_null(strstr(report, "attempts: 2"));
}

static void threads_are_counted_while_memory_is_waited_for(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(budget_take(bench->context.budget, 20000, NULL, NULL), GRANT_YES);
    drop(bench, "greedy.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/greedy.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, " threads, more than any picture needs"));
    budget_give(bench->context.budget, 20000);
}

/* It would begin its time of computing anew. */
static void no_memory_at_all_is_not_asked_for(void **state)
{
    const Bench *bench = *state;

    drop(bench, "needs0-good.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *report = check_read(bench->in, "failed/needs0-good.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "the worker asked for memory out of turn"));
}

/* What decides whether a sandbox will do is the format that was found: no other one is decoded,
 * whatever the file holds by then. */
static void a_worker_takes_the_format_that_was_found_and_no_other(void **state)
{
    const Bench *bench = *state;

    drop(bench, "accept.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    g_autofree char *text = check_read(bench->out, "accept.jpg.out.jpg");
    assert_non_null(text);
    assert_int_equal(g_ascii_strtoull(text, NULL, 10), FORMAT_BIT(FORMAT_JPEG));
}

static gint64 pid_of(const Bench *bench, const char *name)
{
    g_autofree char *text = check_read(bench->out, name);

    assert_non_null(text);
    return g_ascii_strtoll(text, NULL, 10);
}

/* Works on two pictures, one after the other; whether one worker did both. */
static bool one_worker_does_both(Bench *bench)
{
    have_one_worker(bench);
    drop(bench, "pid-1.jpg");
    drop(bench, "pid-2.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 2);
    return pid_of(bench, "pid-1.jpg.out.jpg") == pid_of(bench, "pid-2.jpg.out.jpg");
}

static void a_worker_that_computes_between_pictures_is_ended(void **state)
{
    const Bench *bench = *state;
    int64_t limit = clock_ms() + LIMIT_MS;

    drop(bench, "pid-restless.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    /* it is not reaped before the next picture */
    g_autofree char *path =
        g_strdup_printf("/proc/%d/stat", (int) pid_of(bench, "pid-restless.jpg.out.jpg"));
    bool ended = false;
    while (!ended && clock_ms() < limit) {
        g_autofree char *stat = NULL;
        dispatch_replace_hung(bench->dispatch);
        ended = g_file_get_contents(path, &stat, NULL, NULL) && strstr(stat, ") Z ");
        g_usleep(LOOK_US);
    }
    assert_true(ended);
    drop(bench, "good.jpg");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 2);
}

static void a_worker_is_used_again(void **state)
{
    assert_true(one_worker_does_both(*state));
}

static void a_worker_of_an_isolated_folder_is_not_used_again(void **state)
{
    Bench *bench = *state;

    bench->folder.isolate = true;
    assert_false(one_worker_does_both(bench));
}

static gint64 only_child(void)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents("/proc/thread-self/children", &text, NULL, NULL));
    return g_ascii_strtoll(text, NULL, 10);
}

static void a_picture_of_an_isolated_folder_gets_a_worker_that_met_no_other(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    Child *child = child_new();

    assert_ok(child_ready(child, bench->settings, true, &error), error);
    gint64 first = only_child();
    assert_ok(child_ready(child, bench->settings, true, &error), error);
    assert_int_equal(only_child(), first);
    child_confine(child, &bench->folder.limits, 0);
    assert_ok(child_ready(child, bench->settings, false, &error), error);
    assert_int_equal(only_child(), first);
    assert_ok(child_ready(child, bench->settings, true, &error), error);
    assert_int_not_equal(only_child(), first);
    child_free(child);
}

/* Each number is a write into the ledger. */
static void a_picture_has_one_number(void **state)
{
    const Bench *bench = *state;

    drop(bench, "count.jpg");
    drop(bench, "number.jpg");
    start(bench);
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).done, 1);
    g_autofree char *report = check_read(bench->in, "failed/count.jpg.txt");
    assert_non_null(report);
    assert_non_null(strstr(report, "the worker asked for a second number"));
}

/* Where a file system has no leases, nobody could say whether it writes on. */
static void a_worker_that_may_write_on_is_not_used_again(void **state)
{
    no_leases = true;
    bool same = one_worker_does_both(*state);
    no_leases = false;
    assert_false(same);
}

static void after_a_thousand_pictures_comes_a_fresh_worker(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    Child *child = child_new();

    assert_ok(child_ready(child, bench->settings, false, &error), error);
    gint64 first = only_child();
    for (int i = 0; i < 1000; i++) {
        assert_ok(child_ready(child, bench->settings, false, &error), error);
        assert_int_equal(only_child(), first);
        child_confine(child, &bench->folder.limits, 0);
        child_confine(child, &bench->folder.limits, 4096);
    }
    assert_ok(child_ready(child, bench->settings, false, &error), error);
    assert_int_not_equal(only_child(), first);
    child_free(child);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_a_worker_can_still_write_does_not_appear),
        TEST(a_disk_that_is_full_for_the_worker_alone_costs_its_picture_attempts),
        TEST(a_disk_that_is_full_spends_no_attempt),
        TEST(what_was_refused_is_not_done),
        TEST(what_made_nothing_is_not_done),
        TEST(a_limit_of_time_that_is_not_heeded_is_met_all_the_same),
        TEST(many_outputs_are_too_large_together_while_they_are_written),
        TEST(threads_that_a_picture_leaves_behind_are_its_own_doing),
        TEST(threads_are_counted_while_memory_is_waited_for),
        TEST(no_memory_at_all_is_not_asked_for),
        TEST(a_worker_takes_the_format_that_was_found_and_no_other),
        TEST(what_is_said_before_it_is_asked_is_no_answer),
        TEST(a_worker_that_computes_between_pictures_is_ended),
        TEST(a_worker_is_used_again),
        TEST(a_worker_of_an_isolated_folder_is_not_used_again),
        TEST(a_picture_of_an_isolated_folder_gets_a_worker_that_met_no_other),
        TEST(a_picture_has_one_number),
        TEST(a_worker_that_may_write_on_is_not_used_again),
        TEST(after_a_thousand_pictures_comes_a_fresh_worker),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("taken over", tests, NULL, NULL);
}
