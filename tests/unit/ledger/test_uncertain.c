/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A commit that the disk did not confirm: the caller asks what the ledger has, and goes on. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/unit/ledger/bench.h"

static bool disk_confirms = true;

/* SQLite calls this one, and not that of the C library. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's is reserved */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    if (disk_confirms)
        return (int) syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}

/* The disk confirms nothing, or is full, while this one runs. */
typedef bool (*Change)(const Bench *bench, const LedgerRow *row, Error **err);

static bool change_unconfirmed(const Bench *bench, const LedgerRow *row, Change change, Error **err)
{
    disk_confirms = false;
    bool ok = change(bench, row, err);
    disk_confirms = true;
    return ok;
}

static bool change_on_full_disk(const Bench *bench, const LedgerRow *row, Change change,
                                Error **err)
{
    struct rlimit before;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, before.rlim_max });
    bool ok = change(bench, row, err);
    setrlimit(RLIMIT_FSIZE, &before);
    return ok;
}

static bool publish(const Bench *bench, const LedgerRow *row, Error **err)
{
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    LedgerOutput output = { (char *) (uintptr_t) "a.jpg", NULL, file_number(9), false };

    g_array_append_val(outputs, output);
    return ledger_publish(bench->ledger, row, outputs, NULL, err);
}

static bool finish(const Bench *bench, const LedgerRow *row, Error **err)
{
    return ledger_done(bench->ledger, row, ORIGINAL_MOVED, false, err);
}

/* Its error is the disk's. */
static void failed(bool ok, bool uncertain, Error **err)
{
    assert_false(ok);
    assert_int_equal((*err)->kind, ERROR_ENVIRONMENT);
    assert_int_equal((*err)->uncertain, uncertain);
    g_clear_pointer(err, error_free);
}

/* Makes the change, unless the ledger says that it was made. */
static void go_on(const Bench *bench, LedgerRow *row, LedgerState before, Change change)
{
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_ask(bench->ledger, row, &error), error);
    if (row->state == before)
        assert_ok(change(bench, row, &error), error);
}

static LedgerRow begin(const Bench *bench)
{
    offer_file(bench, "a.jpg", file_number(1));
    return begin_first(bench);
}

static void what_the_disk_did_not_confirm_is_uncertain_and_the_row_knows(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow row = begin(bench);

    failed(change_unconfirmed(bench, &row, publish, &error), true, &error);
    go_on(bench, &row, LEDGER_PROCESSING, publish);
    assert_ok(ledger_ask(bench->ledger, &row, &error), error);
    assert_int_equal(row.state, LEDGER_PUBLISHING);
    failed(change_unconfirmed(bench, &row, finish, &error), true, &error);
    go_on(bench, &row, LEDGER_PUBLISHING, finish);
    reopen(bench);
    assert_int_equal(count_rows(bench).done, 1);
    assert_int_equal(count_rows(bench).queued + count_rows(bench).publishing, 0);
}

static void copy_file(const char *from, const char *to, const char *suffix)
{
    g_autofree char *source = g_strconcat(from, suffix, NULL);
    g_autofree char *target = g_strconcat(to, suffix, NULL), *bytes = NULL;
    gsize size = 0;

    assert_true(g_file_get_contents(source, &bytes, &size, NULL));
    assert_true(g_file_set_contents(target, bytes, (gssize) size, NULL));
}

/* Opens what lies on the disk now, as the next start does after a kill. */
static void kill_it(Bench *bench)
{
    g_autofree char *left = g_build_filename(bench->dir, "left.db", NULL);

    copy_file(bench->path, left, "");
    copy_file(bench->path, left, "-wal");
    ledger_close(g_steal_pointer(&bench->ledger));
    g_free(bench->path);
    bench->path = g_steal_pointer(&left);
    reopen(bench);
}

static void what_was_not_confirmed_is_there_as_a_whole_or_not_at_all(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) outputs = NULL;
    g_autoptr(Error) error = NULL;
    LedgerRow row = begin(bench);

    failed(change_unconfirmed(bench, &row, publish, &error), true, &error);
    kill_it(bench);
    LedgerRow now = take_first(bench);
    assert_int_equal(now.id, row.id);
    assert_true(now.state == LEDGER_PUBLISHING || now.state == LEDGER_QUEUED);
    assert_ok(ledger_read_outputs(bench->ledger, &now, &outputs, &error), error);
    assert_int_equal(outputs->len, now.state == LEDGER_PUBLISHING);
}

static void what_did_not_fit_on_the_disk_is_certain(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    LedgerRow row = begin(bench);

    failed(change_on_full_disk(bench, &row, publish, &error), false, &error);
    assert_ok(publish(bench, &row, &error), error);
    failed(change_on_full_disk(bench, &row, finish, &error), false, &error);
    assert_ok(ledger_ask(bench->ledger, &row, &error), error);
    assert_int_equal(row.state, LEDGER_PUBLISHING);
    assert_ok(finish(bench, &row, &error), error);
    assert_int_equal(count_rows(bench).done, 1);
}

/* A power cut may undo it, and nothing else. */
static void a_take_waits_for_no_disk(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    offer_file(bench, "a.jpg", file_number(1));
    disk_confirms = false;
    LedgerRow row = take_first(bench);
    bool ok = ledger_release(bench->ledger, &row, &error);
    row = take_first(bench);
    disk_confirms = true;
    assert_ok(ok, error);
    assert_ok(ledger_begin(bench->ledger, &row, NULL, &error), error);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_disk_did_not_confirm_is_uncertain_and_the_row_knows),
        TEST(what_was_not_confirmed_is_there_as_a_whole_or_not_at_all),
        TEST(what_did_not_fit_on_the_disk_is_certain),
        TEST(a_take_waits_for_no_disk),
    };

    return cmocka_run_group_tests_name("uncertain", tests, NULL, NULL);
}
