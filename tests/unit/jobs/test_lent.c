/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread lends its worker process to another one while its own job ends. The kernel gives no
 * thread a table of descriptors of its own here, as in many containers. */
#include <errno.h>
#include <pthread.h>

#include "daemon/journal/journal.h"
#include "daemon/process/spawn.h"
#include "tests/unit/jobs/bench.h"

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming) */
int __wrap_unshare(int flags);

int __wrap_unshare(int flags G_GNUC_UNUSED)
{
    errno = EPERM;
    return -1;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

/* The first picture does not end before the second one is made. */
static void wait_for_second(void *user, const Job *job, JobEnd end G_GNUC_UNUSED,
                            const char *names G_GNUC_UNUSED, const Error *error G_GNUC_UNUSED)
{
    while (!strcmp(job->row.source, "first.jpg") && !at_gate(user))
        g_usleep(1000);
}

/* The main loop's timer starts the thread that the second one needs. */
static bool second_is_made(const Bench *bench)
{
    dispatch_look(bench->dispatch);
    return at_gate(bench);
}

static bool one_is_in_flight(const Bench *bench)
{
    return dispatch_in_flight(bench->dispatch) == 1;
}

static void *open_gate_later(void *bench)
{
    g_usleep(50000); /* when the thread of the first picture has ended, or just before */
    open_gate(bench);
    return NULL;
}

static void a_worker_outlives_the_thread_that_started_it(void **state)
{
    Bench *bench = *state;
    pthread_t opener;

    have_one_worker(bench);
    bench->context.ended = wait_for_second;
    drop(bench, "first.jpg");
    drop(bench, "gate.jpg");
    spawn_start();
    start(bench);
    assert_true(turn_until(bench, second_is_made));
    assert_true(turn_until(bench, one_is_in_flight));
    assert_int_equal(pthread_create(&opener, NULL, open_gate_later, bench), 0);
    dispatch_stop(bench->dispatch, LIMIT_MS);
    pthread_join(opener, NULL);
    spawn_stop();
    check_ended(bench, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_worker_outlives_the_thread_that_started_it, set_up,
                                        tear_down),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("lent", tests, NULL, NULL);
}
