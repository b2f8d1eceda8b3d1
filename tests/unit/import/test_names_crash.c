/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A worker that ends while it reads a file costs that file its metadata, and nothing else. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tests/unit/import/naming.h"

/* ---- the worker ---- */

static volatile pid_t worker;

/* The only child that there is; 0: none. */
static pid_t find_worker(void)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int) getpid());
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return (pid_t) g_ascii_strtoll(text, NULL, 10);
}

static void kill_worker(int signal)
{
    (void) signal;
    kill(worker, SIGKILL);
}

/* The worker reads nothing of what it is sent now, until it is killed. */
static void let_it_die(void)
{
    const struct itimerval soon = { .it_value = { .tv_usec = 50000 } };

    worker = find_worker();
    assert_int_not_equal(worker, 0);
    assert_int_equal(kill(worker, SIGSTOP), 0);
    assert_true(signal(SIGALRM, kill_worker) != SIG_ERR);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

/* ---- tests ---- */

static void the_shot_that_ends_a_worker_has_a_note_and_a_name(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);
    g_autoptr(GByteArray) jpeg = photo_jpeg(&nikon);
    g_auto(Shot) first = { 0 }, killer = { 0 }, next = { 0 };
    g_autoptr(Error) error = NULL;

    (void) state;
    shot_begin(&first, "DCIM/DSC_0001.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &first);
    shot_begin(&killer, "DCIM/DSC_0002.JPG", jpeg->data, jpeg->len);
    let_it_die();
    assert_ok(namer_read(bench.namer, &killer.shot, killer.fd, -1, &error), error);
    assert_string_equal(killer.shot.facts.note,
                        "its metadata cannot be read: the worker that read it was killed by signal "
                        "9 (Killed): by another process, or because memory ran out");
    assert_true(killer.shot.facts.is_read && !killer.shot.facts.is_dated);
    assert_ok(namer_name(bench.namer, &killer.shot, killer.fd, -1, &error), error);
    assert_string_equal(killer.shot.stem, "undated/unknown-0002");
    shot_begin(&next, "DCIM/DSC_0003.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &next);
    assert_string_equal(next.shot.stem, "2024/2024-05-01/NIKON Z 9-0003");
}

static void without_a_worker_no_shot_is_read(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0);
    g_auto(Shot) shot = { 0 };
    g_autoptr(Error) error = NULL, again = NULL;

    (void) state;
    shot_begin(&shot, "DCIM/A.MP4", NULL, 0);
    g_setenv("HOTFOLDER_WORKER", "/nowhere/hotfolder-worker", TRUE);
    assert_false(namer_read(bench.namer, &shot.shot, -1, -1, &error));
    assert_int_equal(error->kind, ERROR_ENVIRONMENT);
    assert_false(namer_name(bench.namer, &shot.shot, -1, -1, &again));
    assert_int_equal(again->kind, ERROR_ENVIRONMENT);
    g_unsetenv("HOTFOLDER_WORKER");
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.stem, "undated/unknown-A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shot_that_ends_a_worker_has_a_note_and_a_name),
        cmocka_unit_test(without_a_worker_no_shot_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
