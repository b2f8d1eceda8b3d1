/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other files of a shot come back to their places with its original. */
#include <fcntl.h>
#include <time.h>

#include "daemon/jobs/again.h"
#include "daemon/jobs/undoer.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/parts_bench.h"

static const LedgerEntry *newest(const Bench *bench, const char *name, GArray *entries)
{
    g_autoptr(Error) error = NULL;

    g_array_set_size(entries, 0);
    assert_ok(ledger_history(bench->ledger, "inbox", name, 1, entries, &error), error);
    assert_int_equal(entries->len, 1);
    return &g_array_index(entries, LedgerEntry, 0);
}

static void a_picture_that_is_undone_has_its_parts_back(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    Undoer *undoer = undoer_new(bench->ledger);
    g_autoptr(Error) error = NULL;
    int outputs = 0;

    check_write(bench->in, "done/a.jpg", "earlier");
    drop_part(bench, "a.nef");
    drop_part(bench, "a.xmp");
    run(bench, "a.jpg");
    assert_true(lies(bench, "done/a-1.nef", "a.nef"));
    assert_ok(undoer_undo(undoer, &bench->folder, &newest(bench, "a.jpg", entries)->row, "ann",
                          &outputs, &error),
              error);
    undoer_stop(undoer);
    assert_int_equal(outputs, 1);
    assert_true(check_exists(bench->in, "a.jpg"));
    assert_true(lies(bench, "a.nef", "a.nef"));
    assert_true(lies(bench, "a.xmp", "a.xmp"));
    assert_int_equal(offer_part(bench, "a.nef"), PART_WAITS);
    assert_ok(again_retry(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries), &error),
              error);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_true(check_exists(bench->in, "done/a-1.jpg"));
    assert_true(lies(bench, "done/a-1.nef", "a.nef"));
    assert_true(lies(bench, "done/a-1.xmp", "a.xmp"));
}

/* The one that it was made with stays in done/. */
static void a_picture_whose_sidecar_came_once_more_is_undone_with_the_later_one(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    Undoer *undoer = undoer_new(bench->ledger);
    g_autoptr(Error) error = NULL;
    int outputs = 0;

    drop_part(bench, "a.xmp");
    run(bench, "a.jpg");
    check_write(bench->in, "a.xmp", "five stars");
    assert_int_equal(offer_part(bench, "a.xmp"), PART_IS_DUE);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/a-1.xmp", "five stars"));
    assert_ok(undoer_undo(undoer, &bench->folder, &newest(bench, "a.jpg", entries)->row, "ann",
                          &outputs, &error),
              error);
    undoer_stop(undoer);
    assert_true(check_exists(bench->in, "a.jpg"));
    assert_true(lies(bench, "a.xmp", "five stars"));
    assert_true(lies(bench, "done/a.xmp", "a.xmp"));
    assert_int_equal(offer_part(bench, "a.xmp"), PART_WAITS);
}

static void a_failed_picture_is_tried_again_with_its_parts(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    drop_part(bench, "broken.nef");
    run(bench, "broken.jpg");
    assert_true(lies(bench, "failed/broken.nef", "broken.nef"));
    check_write(bench->in, "broken.nef", "in its way");
    assert_false(
        again_retry(bench->ledger, &bench->folder, newest(bench, "broken.jpg", entries), &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    g_clear_pointer(&error, error_free);
    assert_true(check_exists(bench->in, "failed/broken.jpg"));
    g_autofree char *way = g_build_filename(bench->in, "broken.nef", NULL);
    assert_int_equal(unlink(way), 0);
    assert_ok(
        again_retry(bench->ledger, &bench->folder, newest(bench, "broken.jpg", entries), &error),
        error);
    assert_true(lies(bench, "broken.nef", "broken.nef"));
    assert_int_equal(offer_part(bench, "broken.nef"), PART_WAITS);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_true(check_exists(bench->in, "failed/broken.jpg"));
    assert_true(lies(bench, "failed/broken.nef", "broken.nef"));
}

/* It was changed where it lies. */
static void a_picture_is_made_again_with_its_changed_sidecar(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "done/a.xmp", NULL);
    const time_t then = time(NULL) + 86400;
    const struct timespec tomorrow[] = { { .tv_sec = then }, { .tv_sec = then } };
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    drop_part(bench, "a.nef");
    drop_part(bench, "a.xmp");
    run(bench, "a.jpg");
    assert_false(again_is_changed(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries)));
    check_write(bench->in, "done/a.xmp", "five stars");
    assert_int_equal(utimensat(AT_FDCWD, path, tomorrow, 0), 0);
    assert_true(again_is_changed(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries)));
    assert_ok(again_remake(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries), &error),
              error);
    assert_true(lies(bench, "a.xmp", "five stars"));
    assert_true(lies(bench, "a.nef", "a.nef"));
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_true(lies(bench, "done/a.xmp", "five stars"));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
    assert_true(check_exists(bench->in, "done/a.jpg"));
}

/* A copy that keeps dates brings it. */
static void a_picture_is_made_again_with_a_sidecar_that_came_late(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "a.xmp", NULL);
    const struct timespec past[] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    run(bench, "a.jpg");
    check_write(bench->in, "a.xmp", "a.xmp");
    assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
    assert_int_equal(offer_part(bench, "a.xmp"), PART_IS_DUE);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/a.xmp", "a.xmp"));
    assert_true(again_is_changed(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries)));
    assert_ok(again_remake(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries), &error),
              error);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    assert_true(lies(bench, "done/a.xmp", "a.xmp"));
    assert_false(again_is_changed(bench->ledger, &bench->folder, newest(bench, "a.jpg", entries)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_shots, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_picture_that_is_undone_has_its_parts_back),
        TEST(a_picture_whose_sidecar_came_once_more_is_undone_with_the_later_one),
        TEST(a_failed_picture_is_tried_again_with_its_parts),
        TEST(a_picture_is_made_again_with_its_changed_sidecar),
        TEST(a_picture_is_made_again_with_a_sidecar_that_came_late),
    };

    journal_mute();
    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    return cmocka_run_group_tests_name("parts_back", tests, NULL, NULL);
}
