/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures whose originals cannot be moved: a file stands where done/ or failed/ would be, or their
 * own directory gives them no other name. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

enum { BACKLOG = 40 };

/* The original that may not be renamed; NULL: none. */
static const char *fixed;

/* Where a user permits it while the move fails. */
static Ledger *permitted;

static void permit(void)
{
    Ledger *ledger = g_steal_pointer(&permitted);
    g_autoptr(Error) error = NULL;
    bool any = false;

    if (!ledger)
        return;
    fixed = NULL;
    assert_ok(unmoved_make_due(ledger, "inbox", "", &any, &error), error);
}

/* The library's own gives way to this. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (!g_strcmp0(from, fixed)) {
        permit();
        errno = EACCES;
        return -1;
    }
    return (int) syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void shut(const Bench *bench, const char *name)
{
    check_write(bench->in, name, "no directory");
}

static void open_up(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, name, NULL);

    assert_int_equal(unlink(path), 0);
}

static int64_t unmoved(const Bench *bench)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    assert_ok(unmoved_count(bench->ledger, "inbox", 1, &originals, &groups, &error), error);
    return originals;
}

static bool none_is_left(const Bench *bench)
{
    return unmoved(bench) == 0;
}

static bool all_moved(const Bench *bench)
{
    return none_is_left(bench) && dispatch_in_flight(bench->dispatch) == 0;
}

static void an_original_that_stays_does_not_keep_its_picture_from_being_done(void **state)
{
    Bench *bench = *state;

    shut(bench, "done");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_int_equal(unmoved(bench), 1);
    assert_true(check_exists(bench->in, "a.jpg"));
    assert_true(check_exists(bench->out, "a.jpg.out.jpg"));
    open_up(bench, "done");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    assert_true(check_exists(bench->in, "done/a.jpg"));
    check_ended(bench, 1, 0);
    assert_int_equal(atomic_load(&bench->ends), 1); /* it ended once */
}

static void an_original_of_a_failed_picture_moves_later_with_its_report(void **state)
{
    Bench *bench = *state;

    shut(bench, "failed");
    run(bench, "broken.jpg");
    check_ended(bench, 0, 1);
    assert_int_equal(unmoved(bench), 1);
    open_up(bench, "failed");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    assert_true(check_exists(bench->in, "failed/broken.jpg"));
    report_says(bench, "broken.jpg", "To try again");
}

/* ---- the report of an original that stays ---- */

static void drop_half(const Bench *bench, const char *name)
{
    g_autoptr(GByteArray) bytes = sample_webp();

    drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len - 10);
}

static bool is_reported(const Bench *bench, const char *name)
{
    g_autofree char *path = g_strdup_printf("failed/%s.txt", name);

    return check_exists(bench->in, path);
}

static void fail_in_its_place(const Bench *bench)
{
    fixed = "old.jpg";
    drop_half(bench, "old.jpg");
    run_dropped(bench);
    check_ended(bench, 0, 1);
    assert_int_equal(unmoved(bench), 1);
    report_says(bench, "old.jpg", "It is not here yet.", "The picture is still in its place");
}

static void take_away(const Bench *bench)
{
    open_up(bench, "old.jpg");
}

static void rename_it(const Bench *bench)
{
    g_autofree char *from = g_build_filename(bench->in, "old.jpg", NULL);
    g_autofree char *to = g_build_filename(bench->in, "new.jpg", NULL);

    assert_int_equal(rename(from, to), 0);
}

static void try_again(const Bench *bench)
{
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
}

static void an_original_is_tried_at_once_that_a_user_permits_to_move_while_it_fails(void **state)
{
    Bench *bench = *state;

    shut(bench, "done");
    run(bench, "old.jpg");
    open_up(bench, "done");
    fixed = "old.jpg";
    permitted = bench->ledger;
    try_again(bench);
    assert_null(permitted);
    assert_true(check_exists(bench->in, "done/old.jpg"));
}

static void the_report_of_an_original_that_stays_goes_when_the_original_goes(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    take_away(bench);
    try_again(bench);
    assert_false(is_reported(bench, "old.jpg"));
}

static void that_report_goes_where_failed_takes_no_original(void **state)
{
    const Bench *bench = *state;
    g_autofree char *failed = g_build_filename(bench->in, "failed", NULL);

    if (geteuid() != 0)
        skip(); /* only root can give away what it makes */
    fail_in_its_place(bench);
    take_away(bench);
    assert_int_equal(chmod(bench->in, 01777) | chown(failed, 2, 2), 0);
    try_again(bench);
    assert_false(is_reported(bench, "old.jpg"));
}

static void check_moved_as_new(const Bench *bench)
{
    assert_true(check_exists(bench->in, "failed/new.jpg"));
    report_says(bench, "new.jpg", "To try again");
    assert_false(is_reported(bench, "old.jpg"));
    check_ended(bench, 0, 1);
}

static void an_original_that_is_renamed_takes_its_report_along(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    rename_it(bench);
    find_file(bench, "new.jpg");
    try_again(bench);
    check_moved_as_new(bench);
}

static void an_original_that_is_missed_first_takes_its_report_along(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    rename_it(bench);
    try_again(bench);
    assert_false(is_reported(bench, "old.jpg"));
    find_file(bench, "new.jpg");
    check_moved_as_new(bench);
}

static bool new_is_reported(const Bench *bench)
{
    return is_reported(bench, "new.jpg") && dispatch_in_flight(bench->dispatch) == 0;
}

static void an_original_that_stays_under_its_new_name_takes_its_report_along(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    rename_it(bench);
    fixed = "new.jpg";
    find_file(bench, "new.jpg");
    assert_true(turn_until(bench, new_is_reported));
    report_says(bench, "new.jpg", "It is not here yet.");
    assert_false(is_reported(bench, "old.jpg"));
    assert_int_equal(unmoved(bench), 1);
}

static void the_report_of_an_original_that_is_replaced_goes(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    take_away(bench);
    fixed = NULL;
    drop(bench, "old.jpg");
    assert_true(turn_until(bench, all_ended));
    try_again(bench);
    assert_false(is_reported(bench, "old.jpg"));
    check_ended(bench, 1, 1);
}

static bool one_stays(const Bench *bench)
{
    return unmoved(bench) == 1 && dispatch_in_flight(bench->dispatch) == 0;
}

/* Only the first original is due again when it is forgotten. */
static void the_report_of_the_next_picture_of_the_name_stays(void **state)
{
    const Bench *bench = *state;

    fail_in_its_place(bench);
    take_away(bench);
    pass_time(job_times.unmoved_retry_ms / 2);
    drop_half(bench, "old.jpg");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(unmoved(bench), 2);
    pass_time(job_times.unmoved_retry_ms / 2);
    assert_true(turn_until(bench, one_stays));
    report_says(bench, "old.jpg", "It is not here yet.");
    check_ended(bench, 0, 2);
}

static bool old_is_reported(const Bench *bench)
{
    return is_reported(bench, "old.jpg");
}

static void the_report_of_an_original_that_a_program_had_open_goes(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "old.jpg", NULL);

    drop_half(bench, "old.jpg");
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(writer >= 0);
    start(bench);
    assert_true(turn_until(bench, old_is_reported));
    take_away(bench);
    close(writer);
    assert_true(turn_until(bench, all_ended));
    assert_false(is_reported(bench, "old.jpg"));
}

/* ---- originals that are not waited for ---- */

static void an_original_that_its_owner_took_away_is_not_waited_for(void **state)
{
    Bench *bench = *state;

    shut(bench, "done");
    run(bench, "a.jpg");
    open_up(bench, "a.jpg");
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, all_moved));
    check_ended(bench, 1, 0);
}

static void a_twin_does_not_wait_for_an_original_that_stays(void **state)
{
    Bench *bench = *state;

    bench->folder.duplicates = DUPLICATES_SKIP;
    shut(bench, "done");
    run(bench, "a.jpg");
    drop(bench, "b.jpg");
    assert_true(turn_until(bench, all_ended));
    assert_int_equal(counts(bench).duplicates, 1);
}

static void a_backlog_keeps_no_original_from_moving(void **state)
{
    Bench *bench = *state;

    have_one_worker(bench);
    shut(bench, "done");
    run(bench, "a.jpg");
    open_up(bench, "done");
    drop_many(bench, "p", BACKLOG);
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, none_is_left));
    assert_in_range(counts(bench).done, 1, BACKLOG / 2);
    assert_true(turn_until(bench, all_ended));
}

static int set_up_free(void **state)
{
    fixed = NULL;
    permitted = NULL;
    return set_up(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_free, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_original_that_stays_does_not_keep_its_picture_from_being_done),
        TEST(an_original_of_a_failed_picture_moves_later_with_its_report),
        TEST(an_original_that_its_owner_took_away_is_not_waited_for),
        TEST(an_original_is_tried_at_once_that_a_user_permits_to_move_while_it_fails),
        TEST(the_report_of_an_original_that_stays_goes_when_the_original_goes),
        TEST(that_report_goes_where_failed_takes_no_original),
        TEST(an_original_that_is_renamed_takes_its_report_along),
        TEST(an_original_that_is_missed_first_takes_its_report_along),
        TEST(an_original_that_stays_under_its_new_name_takes_its_report_along),
        TEST(the_report_of_an_original_that_is_replaced_goes),
        TEST(the_report_of_the_next_picture_of_the_name_stays),
        TEST(the_report_of_an_original_that_a_program_had_open_goes),
        TEST(a_twin_does_not_wait_for_an_original_that_stays),
        TEST(a_backlog_keeps_no_original_from_moving),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("unmoved", tests, NULL, NULL);
}
