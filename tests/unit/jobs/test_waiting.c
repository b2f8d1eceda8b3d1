/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs whose rows are taken and that have not begun: in the queue, or where they do not fit yet. */
#include <sys/resource.h>

#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

static bool two_are_in_flight(const Bench *bench)
{
    return dispatch_in_flight(bench->dispatch) == 2;
}

/* One is in progress, one is in the queue, and one was taken that does not fit. */
static void fill_all_places(Bench *bench)
{
    have_one_worker(bench);
    drop(bench, "gate.jpg");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    drop(bench, "queued.jpg");
    assert_true(turn_until(bench, two_are_in_flight));
    drop(bench, "waiting.jpg");
    turn(bench);
}

/* Its job ends without a word: the row is the new file's. */
static void a_picture_that_is_replaced_before_it_begins_is_the_new_one_only(void **state)
{
    Bench *bench = *state;
    g_autoptr(GByteArray) bytes = sample_jpeg();

    fill_all_places(bench);
    g_byte_array_prepend(bytes, bytes->data, 2); /* one more marker, and another size */
    drop_bytes(bench, &bench->folder, "queued.jpg", bytes->data, bytes->len);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 3, 0);
    assert_int_equal(bench->ends, 3);
}

/* The same settings without their folder. */
static Settings *without_folder(const Bench *bench)
{
    Settings *settings = g_memdup2(bench->settings, sizeof(Settings));

    atomic_init(&settings->refs, 1);
    settings->folders = g_ptr_array_new();
    return settings;
}

static bool none_is_in_flight(const Bench *bench)
{
    return dispatch_in_flight(bench->dispatch) == 0;
}

static void a_job_that_does_not_fit_yet_follows_a_reload(void **state)
{
    Bench *bench = *state;
    Settings *reloaded = without_folder(bench);

    fill_all_places(bench);
    dispatch_reload(bench->dispatch, reloaded);
    open_gate(bench);
    assert_true(turn_until(bench, none_is_in_flight));
    check_ended(bench, 2, 0);
    dispatch_reload(bench->dispatch, bench->settings);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 3, 0);
    g_ptr_array_unref(reloaded->folders);
    g_free(reloaded);
}

static void a_row_that_cannot_be_given_back_is_given_back_later(void **state)
{
    Bench *bench = *state;
    struct rlimit before;

    have_ledger_file(bench);
    fill_all_places(bench);
    fill_disk(&before);
    dispatch_reload(bench->dispatch, bench->settings);
    setrlimit(RLIMIT_FSIZE, &before);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 3, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_that_is_replaced_before_it_begins_is_the_new_one_only),
        TEST(a_job_that_does_not_fit_yet_follows_a_reload),
        TEST(a_row_that_cannot_be_given_back_is_given_back_later),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
