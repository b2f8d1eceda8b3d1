/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users rename pictures at the worst moments: each is made once, and its original moves. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/journal/journal.h"
#include "tests/unit/jobs/bench.h"
#include "tests/unit/openat.h"
#include "tests/unit/sample.h"

/* Just before an output gets its name, the original leaves its name, or its job forgets it: what
 * happens once. */
static struct {
    const char *name; /* of the original; NULL: when an output gets its name */
    void (*happens)(const Bench *bench);
    const Bench *bench;
    pthread_mutex_t mutex; /* a picture may be in progress when a test expects it */
} meanwhile = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void moment(const char *name)
{
    void (*happens)(const Bench *) = NULL;

    pthread_mutex_lock(&meanwhile.mutex);
    if (g_strcmp0(meanwhile.name, name) == 0) {
        happens = meanwhile.happens;
        meanwhile.happens = NULL;
    }
    pthread_mutex_unlock(&meanwhile.mutex);
    if (happens)
        happens(meanwhile.bench);
}

static bool no_unnamed; /* files */

static int before_open(int flags, mode_t mode)
{
    (void) mode;
    return no_unnamed ? no_unnamed_files(flags) : 0;
}

/* The library's own give way to these. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    moment(NULL);
    return (int) syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    moment(from);
    return (int) syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* How many messages there were, by their EventId. The linker has every one sent here. */
static atomic_int messages[EVENT_COUNT];

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own name */
void __wrap_journal_send(EventId id, const EventFields *fields);

void __wrap_journal_send(EventId id, const EventFields *fields)
{
    (void) fields;
    atomic_fetch_add(&messages[id], 1);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static int set_up_counts(void **state)
{
    memset(messages, 0, sizeof(messages));
    no_unnamed = false;
    return set_up(state);
}

static void expect(const Bench *bench, const char *name, void (*happens)(const Bench *bench))
{
    pthread_mutex_lock(&meanwhile.mutex);
    meanwhile.bench = bench;
    meanwhile.name = name;
    meanwhile.happens = happens;
    pthread_mutex_unlock(&meanwhile.mutex);
}

static void it_is_renamed(const Bench *bench)
{
    g_autofree char *from = g_build_filename(bench->in, "old.jpg", NULL);
    g_autofree char *to = g_build_filename(bench->in, "new.jpg", NULL);

    assert_int_equal(rename(from, to), 0);
}

static void check_made_once(const Bench *bench)
{
    g_autofree char *done = g_build_filename(bench->in, "done", NULL);

    check_ended(bench, 1, 0);
    assert_int_equal(messages[EVENT_DONE], 1);
    assert_int_equal(check_entries(bench->out), 1);
    assert_int_equal(check_entries(done), 1);
    assert_true(check_exists(bench->in, "done/new.jpg"));
    assert_false(check_exists(bench->in, "new.jpg"));
}

static void a_picture_that_is_renamed_while_it_is_published_is_made_once_and_moved(void **state)
{
    const Bench *bench = *state;

    expect(bench, NULL, it_is_renamed);
    run(bench, "old.jpg");
    find_file(bench, "new.jpg");
    check_made_once(bench);
}

static void a_picture_that_is_renamed_in_the_moment_of_its_move_is_made_once_and_moved(void **state)
{
    const Bench *bench = *state;

    expect(bench, "old.jpg", it_is_renamed);
    run(bench, "old.jpg");
    find_file(bench, "new.jpg");
    check_made_once(bench);
}

static void a_failed_picture_that_is_renamed_in_that_moment_is_reported_once_and_moved(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GByteArray) bytes = sample_webp();

    expect(bench, "old.jpg", it_is_renamed);
    drop_bytes(bench, &bench->folder, "old.jpg", bytes->data, bytes->len - 10);
    run_dropped(bench);
    find_file(bench, "new.jpg");
    check_ended(bench, 0, 1);
    assert_int_equal(messages[EVENT_FAILED], 1);
    report_says(bench, "new.jpg", "incomplete");
    assert_true(check_exists(bench->in, "failed/new.jpg"));
    assert_false(check_exists(bench->in, "new.jpg"));
}

/* ---- a file that comes back to its name ---- */

static const char gated[] = "gate.jpg", aside[] = "gate-aside.jpg";

static void rename_gated(const Bench *bench, const char *from, const char *to)
{
    g_autofree char *old = g_build_filename(bench->in, from, NULL);
    g_autofree char *new = g_build_filename(bench->in, to, NULL);

    assert_int_equal(rename(old, new), 0);
}

/* The linker has the job forget its picture here, just before the real function does. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
bool __wrap_ledger_forget(Ledger *ledger, const LedgerRow *row, Error **err);
bool __real_ledger_forget(Ledger *ledger, const LedgerRow *row, Error **err);

bool __wrap_ledger_forget(Ledger *ledger, const LedgerRow *row, Error **err)
{
    moment(gated);
    return __real_ledger_forget(ledger, row, err);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static void it_comes_back(const Bench *bench)
{
    rename_gated(bench, aside, gated);
}

static void another_file_comes(const Bench *bench)
{
    check_write(bench->in, gated, "another file");
}

/* Its worker has it open while it is away. */
static void leave_while_in_progress(const Bench *bench, void (*then)(const Bench *bench))
{
    drop(bench, gated);
    start(bench);
    assert_true(turn_until(bench, at_gate));
    rename_gated(bench, gated, aside);
    expect(bench, gated, then);
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    assert_null(meanwhile.happens);
}

/* The watcher took it for the picture in progress. */
static void a_file_that_is_back_when_its_job_forgets_it_is_made(void **state)
{
    const Bench *bench = *state;

    leave_while_in_progress(bench, it_comes_back);
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "done/gate.jpg"));
}

/* The watcher did not take that for the picture in progress: it offers it. */
static void another_file_of_its_name_is_left_to_the_watcher(void **state)
{
    const Bench *bench = *state;

    leave_while_in_progress(bench, another_file_comes);
    check_ended(bench, 0, 0);
}

static atomic_int hidden_then;

static void outputs_are_counted(const Bench *bench)
{
    atomic_store(&hidden_then, check_entries(bench->out));
}

static void a_job_has_no_hidden_outputs_when_the_ledger_forgets_it(void **state)
{
    const Bench *bench = *state;

    no_unnamed = true;
    atomic_store(&hidden_then, -1);
    leave_while_in_progress(bench, outputs_are_counted);
    assert_int_equal(atomic_load(&hidden_then), 0);
}

static void a_picture_that_becomes_a_link_to_the_file_of_another_user_is_left_alone(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "old.jpg", NULL);
    g_autofree char *other = g_build_filename(bench->dir, "other.jpg", NULL);

    if (geteuid() != 0)
        skip(); /* only root can give away what it makes */
    drop(bench, "old.jpg");
    assert_int_equal(link(path, other) | chown(path, 2, 2), 0);
    run_dropped(bench);
    check_ended(bench, 0, 0);
    assert_int_equal(atomic_load(&bench->ends), 1);
    assert_true(check_exists(bench->in, "old.jpg"));
}

/* ---- a file that takes the name of one that is queued ---- */

/* What an attempt that was cut off has staged. */
static void have_leftover(const Bench *bench, const char *name, const char *hidden)
{
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    LedgerOutput output = { .path = (char *) (uintptr_t) "new.jpg.out.jpg",
                            .hidden = (char *) (uintptr_t) hidden };
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = begin_source(bench->ledger, "inbox", name);

    g_array_append_val(outputs, output);
    assert_ok(ledger_stage(bench->ledger, &row, outputs, &error), error);
    assert_ok(ledger_defer(bench->ledger, &row, 0, true, CRASH_NONE, NULL, &error), error);
    check_write(bench->out, hidden, "half an output");
}

static void the_hidden_outputs_of_a_queued_picture_go_with_it(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    run(bench, "old.jpg");
    drop(bench, "new.jpg");
    have_leftover(bench, "new.jpg", ".hotfolder-leftover");
    it_is_renamed(bench);
    find_file(bench, "new.jpg");
    check_ended(bench, 1, 0);
    assert_int_equal(counts(bench).queued, 0);
    assert_int_equal(check_entries(bench->out), 1);
}

/* ---- a program that writes into the original ---- */

static int writer = -1;

static void a_program_opens_it(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->in, "old.jpg", NULL);

    writer = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(writer >= 0);
}

static bool has_tried(const Bench *bench)
{
    return atomic_load(&bench->ends) > 0;
}

static void a_picture_that_is_overwritten_during_its_move_is_made_again(void **state)
{
    const Bench *bench = *state;

    expect(bench, "old.jpg", a_program_opens_it);
    drop(bench, "old.jpg");
    start(bench);
    assert_true(turn_until(bench, has_tried));
    assert_true(check_exists(bench->in, "old.jpg"));
    assert_int_equal(write(writer, "more", 4), 4);
    close(writer);
    assert_true(turn_until(bench, all_ended));
    assert_true(check_exists(bench->in, "old.jpg"));
    find_file(bench, "old.jpg");
    check_ended(bench, 2, 0);
    assert_int_equal(check_entries(bench->out), 2);
    assert_false(check_exists(bench->in, "old.jpg"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_counts, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_picture_that_is_renamed_while_it_is_published_is_made_once_and_moved),
        TEST(a_picture_that_is_renamed_in_the_moment_of_its_move_is_made_once_and_moved),
        TEST(a_failed_picture_that_is_renamed_in_that_moment_is_reported_once_and_moved),
        TEST(a_file_that_is_back_when_its_job_forgets_it_is_made),
        TEST(another_file_of_its_name_is_left_to_the_watcher),
        TEST(a_job_has_no_hidden_outputs_when_the_ledger_forgets_it),
        TEST(a_picture_that_becomes_a_link_to_the_file_of_another_user_is_left_alone),
        TEST(the_hidden_outputs_of_a_queued_picture_go_with_it),
        TEST(a_picture_that_is_overwritten_during_its_move_is_made_again),
    };

    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    return cmocka_run_group_tests_name("renamed", tests, NULL, NULL);
}
