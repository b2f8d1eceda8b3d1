/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A disk or share that fails for a moment: a file that cannot be looked for is not taken for one
 * that is gone. */
#include <errno.h>
#include <stdio.h>

#include "daemon/files/beneath.h"
#include "daemon/files/dirs.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/intake.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/sample.h"

/* How the disk fails for each path that begins like `path`. */
static struct {
    const char *path; /* NULL: it does not */
    int code;
    atomic_int looks;  /* that succeed first */
    atomic_int failed; /* times that it did */
} disk;

/* The linker has everything outside of beneath.c ask here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
bool __wrap_beneath_stat(const char *root, const char *path, struct stat *st);
bool __real_beneath_stat(const char *root, const char *path, struct stat *st);
int __wrap_dirs_open(int root_fd, const char *dir, bool make, Error **err);
int __real_dirs_open(int root_fd, const char *dir, bool make, Error **err);
int __wrap_beneath_open(const char *root, const char *path, int flags);
int __real_beneath_open(const char *root, const char *path, int flags);

static bool fails(const char *path)
{
    if (!disk.path || !g_str_has_prefix(path, disk.path) || atomic_fetch_sub(&disk.looks, 1) > 0)
        return false;
    atomic_fetch_add(&disk.failed, 1);
    errno = disk.code;
    return true;
}

bool __wrap_beneath_stat(const char *root, const char *path, struct stat *st)
{
    return !fails(path) && __real_beneath_stat(root, path, st);
}

int __wrap_beneath_open(const char *root, const char *path, int flags)
{
    return fails(path) ? -1 : __real_beneath_open(root, path, flags);
}

/* The directory of an original that moves. */
int __wrap_dirs_open(int root_fd, const char *dir, bool make, Error **err)
{
    if (!fails(dir))
        return __real_dirs_open(root_fd, dir, make, err);
    error_errno(err, disk.code, "cannot open the directory '%s'", dir);
    errno = disk.code;
    return -1;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static char ended_for[256]; /* why the last picture ended */

static void break_disk(const char *path, int code, int looks)
{
    atomic_store(&disk.looks, looks);
    atomic_store(&disk.failed, 0);
    disk.code = code;
    disk.path = path;
}

static bool has_failed(const Bench *bench)
{
    return atomic_load(&disk.failed) > 0 && dispatch_in_flight(bench->dispatch) == 0;
}

/* Whatever the disk broke off is finished when it works again. */
static void repair_disk(const Bench *bench)
{
    assert_true(turn_until(bench, has_failed));
    disk.path = NULL;
    health_begin_trial(bench->health, "inbox");
    assert_true(turn_until(bench, all_ended));
}

/* ---- a picture that is gone ---- */

static void keep_reason(void *user, const Job *job, JobEnd end, const char *names,
                        const Error *error)
{
    (void) user, (void) job, (void) names;
    assert_int_equal(end, JOB_SUPERSEDED);
    g_strlcpy(ended_for, error->what, sizeof(ended_for));
}

static void a_queued_picture_that_is_gone_may_have_been_renamed(void **state)
{
    Bench *bench = *state;
    g_autofree char *from = g_build_filename(bench->in, "a.jpg", NULL);
    g_autofree char *to = g_build_filename(bench->in, "b.jpg", NULL);

    bench->context.ended = keep_reason;
    drop(bench, "a.jpg");
    assert_int_equal(rename(from, to), 0);
    run_dropped(bench);
    assert_string_equal(ended_for, "the file was renamed or removed");
}

/* ---- a picture in progress ---- */

/* The looks at a picture that is made: two when it is opened, one when it was claimed and one when
 * it was made, and three when its original moves; and those at one that fails. */
enum { LOOKS = 7, LOOKS_FAILED = 6 };

/* Its directory fails with `code` at each look in turn. */
static void check_made_once(const Bench *bench, int code)
{
    start(bench);
    for (int i = 0; i < LOOKS; i++) {
        g_autofree char *name = g_strdup_printf("sub/%d.jpg", i);
        g_autofree char *done = g_build_filename("done", name, NULL);

        break_disk("sub", code, i);
        drop(bench, name);
        repair_disk(bench);
        check_ended(bench, i + 1, 0);
        assert_true(check_exists(bench->in, done));
    }
    g_autofree char *outputs = g_build_filename(bench->out, "sub", NULL);
    assert_int_equal(check_entries(outputs), LOOKS);
}

static void a_picture_is_made_once_whenever_its_disk_fails(void **state)
{
    check_made_once(*state, EIO);
}

/* ETIMEDOUT does not hold the folder, as EIO does. */
static void an_original_whose_directory_opens_later_moves_then(void **state)
{
    check_made_once(*state, ETIMEDOUT);
}

static void a_picture_fails_once_whenever_its_disk_fails(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GByteArray) bytes = sample_webp();

    start(bench);
    for (int i = 0; i < LOOKS_FAILED; i++) {
        g_autofree char *name = g_strdup_printf("sub/%d.jpg", i);
        g_autofree char *failed = g_build_filename("failed", name, NULL);

        break_disk("sub", EIO, i);
        drop_bytes(bench, &bench->folder, name, bytes->data, bytes->len - 10);
        repair_disk(bench);
        check_ended(bench, 0, i + 1);
        assert_true(check_exists(bench->in, failed));
        report_says(bench, name, "incomplete", "To try again");
    }
}

/* ---- an original that could not be moved ---- */

static int64_t unmoved(const Bench *bench)
{
    g_autoptr(GArray) groups = NULL;
    g_autoptr(Error) error = NULL;
    int64_t originals = 0;

    assert_ok(unmoved_count(bench->ledger, "inbox", 1, &originals, &groups, &error), error);
    return originals;
}

/* A file stands where done/ would be. */
static void stay(const Bench *bench)
{
    check_write(bench->in, "done", "no directory");
    run(bench, "a.jpg");
    assert_int_equal(unmoved(bench), 1);
}

static void take_away(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->in, name, NULL);

    assert_int_equal(unlink(path), 0);
}

static void try_again(const Bench *bench)
{
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, has_failed));
}

static void an_original_that_cannot_be_looked_for_is_still_to_be_moved(void **state)
{
    const Bench *bench = *state;

    stay(bench);
    take_away(bench, "done");
    break_disk("a.jpg", EACCES, 0);
    try_again(bench);
    assert_int_equal(unmoved(bench), 1);
}

/* It may lie under its hidden name. */
static void an_original_that_may_have_been_set_aside_is_still_to_be_moved(void **state)
{
    const Bench *bench = *state;

    stay(bench);
    take_away(bench, "a.jpg");
    break_disk(".hotfolder-", EACCES, 0);
    try_again(bench);
    assert_int_equal(unmoved(bench), 1);
}

/* ---- what the watcher finds ---- */

static void a_second_name_is_another_picture_while_the_first_cannot_be_looked_for(void **state)
{
    Bench *bench = *state;
    g_autofree char *first = g_build_filename(bench->in, "a.jpg", NULL);
    g_autofree char *second = g_build_filename(bench->in, "b.jpg", NULL);

    bench->folder.originals = ORIGINALS_KEEP;
    run(bench, "a.jpg");
    assert_int_equal(link(first, second), 0);
    break_disk("a.jpg", EIO, 0);
    find_file(bench, "b.jpg");
    check_ended(bench, 2, 0);
}

static void nothing(void *user)
{
    (void) user;
}

/* Whether a scan's end leaves the picture in the ledger as one that lies in the folder. */
static bool stays_known(const Bench *bench, const char *name)
{
    Intake *intake = intake_new(bench->ledger, nothing, NULL);
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    pass_time(1000);
    assert_ok(intake_mark_absent(intake, &bench->folder, 0, &error), error);
    assert_ok(ledger_find(bench->ledger, "inbox", name, &row, &found, &error), error);
    intake_free(intake);
    return found;
}

static void a_kept_original_stays_known_while_it_cannot_be_looked_for(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    run(bench, "a.jpg");
    break_disk("a.jpg", EIO, 0);
    assert_true(stays_known(bench, "a.jpg"));
    assert_true(has_failed(bench));
    disk.path = NULL;
    take_away(bench, "a.jpg");
    assert_false(stays_known(bench, "a.jpg"));
}

static int set_up_whole(void **state)
{
    disk.path = NULL;
    return set_up(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_whole, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_queued_picture_that_is_gone_may_have_been_renamed),
        TEST(a_picture_is_made_once_whenever_its_disk_fails),
        TEST(an_original_whose_directory_opens_later_moves_then),
        TEST(a_picture_fails_once_whenever_its_disk_fails),
        TEST(an_original_that_cannot_be_looked_for_is_still_to_be_moved),
        TEST(an_original_that_may_have_been_set_aside_is_still_to_be_moved),
        TEST(a_second_name_is_another_picture_while_the_first_cannot_be_looked_for),
        TEST(a_kept_original_stays_known_while_it_cannot_be_looked_for),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    journal_mute();
    return cmocka_run_group_tests_name("absent", tests, NULL, NULL);
}
