/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures that arrive while all workers are busy, where one of them may come first. */
#include <pthread.h>

#include "daemon/jobs/attempt.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GString *began; /* the letter of each picture, in the order in which they began */

/* The one worker is free again before its last picture has ended: only their beginnings have an
 * order. NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming) */
bool __real_attempt_make(Job *job, Process *process);
bool __wrap_attempt_make(Job *job, Process *process);

bool __wrap_attempt_make(Job *job, Process *process)
{
    pthread_mutex_lock(&lock);
    g_string_append_c(began, *job->row.source);
    pthread_mutex_unlock(&lock);
    return __real_attempt_make(job, process);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static void check_end(void *user, const Job *job, JobEnd end, const char *names, const Error *error)
{
    (void) user, (void) job, (void) names, (void) error;
    assert_int_equal(end, JOB_DONE);
}

static int set_up_notes(void **state)
{
    int code = set_up(state);
    Bench *bench = *state;

    began = g_string_new(NULL);
    bench->context.ended = check_end;
    return code;
}

static int tear_down_notes(void **state)
{
    int code = tear_down(state);

    g_string_free(began, TRUE);
    return code;
}

/* The only worker is busy, and the pictures behind it have been looked at. */
static void have_a_busy_worker(Bench *bench, const char *behind)
{
    have_one_worker(bench);
    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    for (; *behind; behind++) {
        g_autofree char *name = g_strdup_printf("%c.jpg", *behind);
        drop(bench, name);
        dispatch_wake(bench->dispatch);
        turn(bench);
    }
}

static void arrive(const Bench *bench, const Folder *folder, const char *name)
{
    drop_into(bench, folder, name);
    dispatch_wake(bench->dispatch);
    turn(bench);
}

static void end_all(const Bench *bench, const char *expected)
{
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    assert_string_equal(began->str, expected);
}

static void the_newest_begins_next_whatever_was_chosen_before(void **state)
{
    Bench *bench = *state;

    bench->folder.order = ORDER_NEWEST;
    have_a_busy_worker(bench, "abcd");
    arrive(bench, &bench->folder, "1.jpg");
    assert_int_equal(dispatch_in_flight(bench->dispatch), 1);
    end_all(bench, "g1dcba");
}

static void a_higher_priority_begins_next_whatever_was_chosen_before(void **state)
{
    Bench *bench = *state;

    have_other_folder(bench);
    bench->other.priority = 9;
    have_a_busy_worker(bench, "abcd");
    arrive(bench, &bench->other, "1.jpg");
    arrive(bench, &bench->other, "2.jpg");
    end_all(bench, "g12abcd");
}

static Folder reordered;   /* the folder with another order */
static Settings *reloaded; /* the settings with that */

static void reload(const Bench *bench, Order order)
{
    reordered = bench->folder;
    reordered.order = order;
    reloaded = g_memdup2(bench->settings, sizeof(Settings));
    atomic_init(&reloaded->refs, 1);
    reloaded->folders = g_ptr_array_new();
    g_ptr_array_add(reloaded->folders, &reordered);
    dispatch_reload(bench->dispatch, reloaded);
}

/* Its workers have the snapshot as long as they run. */
static void end_reload(const Bench *bench)
{
    dispatch_reload(bench->dispatch, bench->settings);
    dispatch_stop(bench->dispatch, LIMIT_MS);
    assert_int_equal(atomic_load(&reloaded->refs), 1);
    g_ptr_array_unref(reloaded->folders);
    g_free(reloaded);
}

static void an_order_counts_after_a_reload_for_all_that_did_not_begin(void **state)
{
    Bench *bench = *state;

    have_a_busy_worker(bench, "abcde"); /* a is queued behind it */
    reload(bench, ORDER_NEWEST);
    end_all(bench, "gaedcb");
    end_reload(bench);
}

static void after_a_reload_to_the_oldest_a_worker_finds_its_next_picture_queued(void **state)
{
    Bench *bench = *state;

    bench->folder.order = ORDER_NEWEST;
    have_a_busy_worker(bench, "abcde");
    assert_int_equal(dispatch_in_flight(bench->dispatch), 1);
    reload(bench, ORDER_OLDEST);
    turn(bench);
    assert_int_equal(dispatch_in_flight(bench->dispatch), 2);
    end_all(bench, "gabcde");
    end_reload(bench);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_notes, tear_down_notes)
    const struct CMUnitTest tests[] = {
        TEST(the_newest_begins_next_whatever_was_chosen_before),
        TEST(a_higher_priority_begins_next_whatever_was_chosen_before),
        TEST(an_order_counts_after_a_reload_for_all_that_did_not_begin),
        TEST(after_a_reload_to_the_oldest_a_worker_finds_its_next_picture_queued),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("chosen", tests, NULL, NULL);
}
