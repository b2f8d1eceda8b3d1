/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that its picture has taken over says and keeps what it likes: what becomes of that
 * picture, and that nothing becomes of the others. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"

enum { LOOK_US = 1000 };

static atomic_bool no_leases;
static atomic_int speed = 1; /* of the processors, as the daemon sees it */

/* The library's own give way to these. */
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

/* A clock of another process has a negative number: it shows processor time. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int code = (int) syscall(SYS_clock_gettime, clock, time);

    if (!code && clock < 0) {
        int64_t ns = (time->tv_sec * INT64_C(1000000000) + time->tv_nsec) * atomic_load(&speed);
        *time = (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
    }
    return code;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int compute_fast(void **state)
{
    atomic_store(&speed, 20);
    return set_up(state);
}

static int compute_normally(void **state)
{
    atomic_store(&speed, 1);
    return tear_down(state);
}

/* One worker: a process that is just being started has copies of all descriptors, for a moment. */
static void what_a_worker_can_still_write_does_not_appear(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    bench->times.close_outputs_ms = 50;
    run(bench, "keep.jpg", "good.jpg");
    check_ended(bench, 1, 1);
    assert_false(check_exists(bench->out, "keep.jpg.out.jpg"));
    report_says(bench, "keep.jpg", "did not close an output", "attempts: 2");
}

static bool all_ended_or_held(const Bench *bench)
{
    return all_ended(bench) || is_held(bench);
}

/* As the service does it with a folder whose environment works. */
static void end_hold(const Bench *bench)
{
    health_begin_trial(bench->health, "inbox");
    dispatch_wake(bench->dispatch);
}

static int ended_after_holds(const Bench *bench)
{
    int holds = 0;

    for (; turn_until(bench, all_ended_or_held) && !all_ended(bench); holds++)
        end_hold(bench);
    return holds;
}

static void a_disk_that_is_full_for_the_worker_alone_costs_its_picture_attempts(void **state)
{
    Bench *bench = *state;

    bench->folder.retry.attempts = 2;
    drop(bench, "full.jpg");
    drop(bench, "good.jpg");
    start(bench);
    assert_int_equal(ended_after_holds(bench), 2); /* each time it says so after something else */
    check_ended(bench, 1, 1);
    report_says(bench, "full.jpg", "the disk is full", "attempts: 2");
}

static void a_disk_that_is_full_spends_no_attempt(void **state)
{
    Bench *bench = *state;

    bench->folder.retry.attempts = 1;
    drop(bench, "full.jpg");
    assert_int_equal(g_rmdir(bench->out), 0);
    start(bench);
    for (int i = 0; i < 4; i++) {
        assert_true(turn_until(bench, is_held));
        end_hold(bench);
    }
    assert_true(turn_until(bench, is_held));
    check_ended(bench, 0, 0);
}

static void what_was_refused_is_not_done(void **state)
{
    const Bench *bench = *state;

    run(bench, "deaf.jpg");
    check_ended(bench, 0, 1);
    report_says(bench, "deaf.jpg", "the name '../outside.jpg' of an output is not allowed");
}

static void no_program_is_run_that_the_configuration_does_not_name(void **state)
{
    const Bench *bench = *state;

    run(bench, "stranger.jpg", "hollow.jpg");
    check_ended(bench, 0, 2);
    report_says(bench, "stranger.jpg",
                "the worker asked for a program that the configuration does not name");
    report_says(bench, "hollow.jpg", "the worker gave no file to a program");
}

static void what_made_nothing_is_not_done(void **state)
{
    const Bench *bench = *state;

    run(bench, "lazy.jpg");
    check_ended(bench, 0, 1);
    report_says(bench, "lazy.jpg", "the worker reports success, but saved no output");
}

static void a_picture_of_which_a_profile_makes_nothing_is_done(void **state)
{
    const Bench *bench = *state;

    run(bench, "idle.jpg");
    check_ended(bench, 1, 0);
}

static void what_is_said_before_it_is_asked_is_no_answer(void **state)
{
    const Bench *bench = *state;

    drop(bench, "early.jpg");
    for (int i = 0; i < 10; i++) {
        g_autofree char *in_vain = g_strdup_printf("later-%02d.jpg", i);
        g_autofree char *good = g_strdup_printf("on-%02d.jpg", i);
        drop(bench, good);
        drop(bench, in_vain);
    }
    run_dropped(bench);
    check_ended(bench, 11, 10);
    for (int i = 0; i < 10; i++) {
        g_autofree char *name = g_strdup_printf("on-%02d.jpg.out.jpg", i);
        assert_true(check_exists(bench->out, name));
    }
}

static void a_limit_of_time_that_a_worker_ignores_is_met_all_the_same(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_cpu = 1000;
    run(bench, "spite.jpg");
    report_says(bench, "spite.jpg", "no result within 1 s of computing (max_cpu)",
                "raise the folder's `max_cpu`");
}

/* flood* never answers: its end comes before the deadline, of which there is one attempt. */
static void many_outputs_are_too_large_together_while_they_are_written(void **state)
{
    Bench *bench = *state;

    bench->folder.limits.max_output_bytes = 2 << 20;
    run(bench, "flood.jpg");
    report_says(bench, "flood.jpg", "the outputs have ", "MB, more than max_output_bytes = 2MB",
                "attempts: 1");
}

/* As many as there were when they were counted. */
static void threads_that_a_picture_leaves_behind_are_its_own_doing(void **state)
{
    const Bench *bench = *state;

    drop(bench, "many-threads.jpg");
    drop_many(bench, "good", 9);
    run_dropped(bench);
    check_ended(bench, 9, 1);
    report_says(bench, "many-threads.jpg", "the worker started ",
                " threads, more than any picture needs", "attempts: 2");
}

static void threads_are_counted_while_memory_is_waited_for(void **state)
{
    const Bench *bench = *state;

    assert_int_equal(budget_take(bench->context.budget, 20000, NULL, NULL), GRANT_YES);
    run(bench, "greedy.jpg");
    report_says(bench, "greedy.jpg", " threads, more than any picture needs");
    budget_give(bench->context.budget, 20000);
}

/* A picture that could take none would begin its time of computing again with each request. */
static void no_memory_at_all_is_not_asked_for(void **state)
{
    const Bench *bench = *state;

    run(bench, "needs0-good.jpg");
    report_says(bench, "needs0-good.jpg", "the worker requested memory at a wrong time");
}

/* What decides whether a sandbox will do is the format that was found: no other one is decoded,
 * whatever the file holds by then. */
static void a_worker_takes_the_format_that_was_found_and_no_other(void **state)
{
    const Bench *bench = *state;

    run(bench, "accept.jpg");
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
    run(bench, "pid-1.jpg", "pid-2.jpg");
    check_ended(bench, 2, 0);
    return pid_of(bench, "pid-1.jpg.out.jpg") == pid_of(bench, "pid-2.jpg.out.jpg");
}

/* Whether it runs no more; it is not reaped before the next picture. */
static bool is_zombie(gint64 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int) pid);
    g_autofree char *stat = NULL;

    return g_file_get_contents(path, &stat, NULL, NULL) && strstr(stat, ") Z ");
}

static void a_worker_that_computes_between_pictures_is_ended(void **state)
{
    const Bench *bench = *state;
    int64_t limit = clock_ms() + LIMIT_MS;

    run(bench, "pid-restless.jpg");
    gint64 pid = pid_of(bench, "pid-restless.jpg.out.jpg");
    while (!is_zombie(pid) && clock_ms() < limit) {
        dispatch_end_busy(bench->dispatch);
        g_usleep(LOOK_US);
    }
    assert_true(is_zombie(pid));
    drop(bench, "good.jpg");
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 2, 0);
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
    Process *process = process_new();

    assert_ok(process_ensure_ready(process, bench->settings, true, &error), error);
    gint64 first = only_child();
    assert_ok(process_ensure_ready(process, bench->settings, true, &error), error);
    assert_int_equal(only_child(), first);
    process_set_limits(process, &bench->folder.limits, 0);
    assert_ok(process_ensure_ready(process, bench->settings, false, &error), error);
    assert_int_equal(only_child(), first);
    assert_ok(process_ensure_ready(process, bench->settings, true, &error), error);
    assert_int_not_equal(only_child(), first);
    process_free(process);
}

/* A file system without leases cannot say whether the worker still writes. */
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
    Process *process = process_new();

    assert_ok(process_ensure_ready(process, bench->settings, false, &error), error);
    gint64 first = only_child();
    for (int i = 0; i < 1000; i++) {
        assert_ok(process_ensure_ready(process, bench->settings, false, &error), error);
        assert_int_equal(only_child(), first);
        process_set_limits(process, &bench->folder.limits, 0);
        process_set_limits(process, &bench->folder.limits, 4096);
    }
    assert_ok(process_ensure_ready(process, bench->settings, false, &error), error);
    assert_int_not_equal(only_child(), first);
    process_free(process);
}

int main(void)
{
#define TEST(name)      cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define FAST_TEST(name) cmocka_unit_test_setup_teardown(name, compute_fast, compute_normally)
    const struct CMUnitTest tests[] = {
        TEST(what_a_worker_can_still_write_does_not_appear),
        TEST(a_disk_that_is_full_for_the_worker_alone_costs_its_picture_attempts),
        TEST(a_disk_that_is_full_spends_no_attempt),
        TEST(what_was_refused_is_not_done),
        TEST(no_program_is_run_that_the_configuration_does_not_name),
        TEST(what_made_nothing_is_not_done),
        TEST(a_picture_of_which_a_profile_makes_nothing_is_done),
        FAST_TEST(a_limit_of_time_that_a_worker_ignores_is_met_all_the_same),
        TEST(many_outputs_are_too_large_together_while_they_are_written),
        TEST(threads_that_a_picture_leaves_behind_are_its_own_doing),
        TEST(threads_are_counted_while_memory_is_waited_for),
        TEST(no_memory_at_all_is_not_asked_for),
        TEST(a_worker_takes_the_format_that_was_found_and_no_other),
        TEST(what_is_said_before_it_is_asked_is_no_answer),
        FAST_TEST(a_worker_that_computes_between_pictures_is_ended),
        TEST(a_worker_is_used_again),
        TEST(a_worker_of_an_isolated_folder_is_not_used_again),
        TEST(a_picture_of_an_isolated_folder_gets_a_worker_that_met_no_other),
        TEST(a_worker_that_may_write_on_is_not_used_again),
        TEST(after_a_thousand_pictures_comes_a_fresh_worker),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("hostile worker", tests, NULL, NULL);
}
