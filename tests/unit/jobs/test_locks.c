/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pictures that another process has locked: a program keeps only its picture waiting, another
 * hotfolder the folder. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/files/lock.h"
#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/other_process.h"
#include "tests/unit/sample.h"

static int open_original(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static bool tried_four_times(const Bench *bench)
{
    return atomic_load(&bench->ends) >= 4;
}

static void a_picture_that_a_program_has_locked_waits_alone_and_spends_nothing(void **state)
{
    Bench *bench = *state;

    bench->folder.retry.attempts = 1;
    bench->times.locked_retry_ms = 1;
    drop(bench, "locked.jpg");
    drop(bench, "good.jpg");
    int fd = open_original(bench, "locked.jpg");
    assert_int_equal(flock(fd, LOCK_EX), 0);
    start(bench);
    assert_true(turn_until(bench, one_is_done));
    assert_true(turn_until(bench, tried_four_times));
    assert_false(is_held(bench));
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "locked.jpg"));
    close(fd);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 2, 0);
    assert_true(check_exists(bench->in, "done/locked.jpg"));
}

static void an_original_that_stays_is_read_whatever_program_has_locked_it(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    drop(bench, "locked.jpg");
    int fd = open_original(bench, "locked.jpg");
    assert_int_equal(flock(fd, LOCK_EX), 0);
    start(bench);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
    close(fd);
}

/* Its content may still change: it is read again when the lock ends. */
static void an_original_that_stays_does_not_fail_while_a_program_has_locked_it(void **state)
{
    Bench *bench = *state;
    g_autoptr(GByteArray) bytes = sample_webp();

    bench->folder.originals = ORIGINALS_KEEP;
    bench->times.locked_retry_ms = 1;
    drop_bytes(bench, &bench->folder, "locked.webp", bytes->data, bytes->len - 10);
    int fd = open_original(bench, "locked.webp");
    assert_int_equal(flock(fd, LOCK_EX), 0);
    start(bench);
    assert_true(turn_until(bench, tried_four_times));
    check_ended(bench, 0, 0);
    assert_true(check_exists(bench->in, "locked.webp"));
    close(fd);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 0, 1);
    assert_true(check_exists(bench->in, "failed/locked.webp"));
}

static bool lock_as_hotfolder(const void *bench)
{
    pid_t holder = 0;

    return file_lock(open_original(bench, "good.jpg"), &holder) == LOCK_NONE;
}

static void a_picture_that_another_hotfolder_has_locked_holds_the_folder_and_names_it(void **state)
{
    Bench *bench = *state;
    g_autofree char *reason = NULL;

    bench->folder.retry.attempts = 1;
    drop(bench, "good.jpg");
    pid_t other = other_process_begin(lock_as_hotfolder, bench);
    g_autofree char *expected = g_strdup_printf(
        "another hotfolder (process %d) has locked a picture in '%s'; ", (int) other, bench->in);
    start(bench);
    assert_true(turn_until(bench, is_held));
    assert_int_equal(health_get(bench->health, "inbox", &reason), HEALTH_HELD);
    assert_true(g_str_has_prefix(reason, expected));
    other_process_end(other);
    health_set(bench->health, "inbox", HEALTH_AVAILABLE, NULL);
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, all_ended));
    check_ended(bench, 1, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_that_a_program_has_locked_waits_alone_and_spends_nothing),
        TEST(an_original_that_stays_is_read_whatever_program_has_locked_it),
        TEST(an_original_that_stays_does_not_fail_while_a_program_has_locked_it),
        TEST(a_picture_that_another_hotfolder_has_locked_holds_the_folder_and_names_it),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("locks", tests, NULL, NULL);
}
