/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes that threads make while the disk keeps another one: it is asked once for all of them. */
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "daemon/ledger/sqlite_internal.h"
#include "tests/unit/ledger/bench.h"

enum { OTHERS = 8, HOUR_MS = 3600 * 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool gate_closed, at_gate, disk_confirms;
static int syncs;

/* SQLite calls this one, and not that of the C library. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's is reserved */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    pthread_mutex_lock(&lock);
    bool confirms = disk_confirms || gate_closed;
    syncs++;
    at_gate = gate_closed;
    pthread_cond_broadcast(&changed);
    while (gate_closed)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    if (confirms)
        return (int) syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}

/* A thread that begins a row. */
typedef struct Beginner {
    pthread_t thread;
    Bench *bench;
    LedgerRow row;
    bool ok;
    Error *error;
} Beginner;

static Beginner beginners[1 + OTHERS]; /* the disk keeps what the first one does */

static void *begin(void *data)
{
    Beginner *beginner = data;

    beginner->ok = ledger_begin(beginner->bench->ledger, &beginner->row, NULL, &beginner->error);
    return NULL;
}

static void start(Beginner *beginner)
{
    assert_int_equal(pthread_create(&beginner->thread, NULL, begin, beginner), 0);
}

static void wait_for_gate(void)
{
    pthread_mutex_lock(&lock);
    while (!at_gate)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void open_gate(void)
{
    pthread_mutex_lock(&lock);
    gate_closed = at_gate = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static int set_up_rows(void **state)
{
    gate_closed = at_gate = false;
    disk_confirms = true;
    int code = set_up(state);
    Bench *bench = *state;

    for (int i = 0; i <= OTHERS; i++) {
        g_autofree char *name = g_strdup_printf("%d.jpg", i);
        offer_file(bench, name, file_number(1 + i));
        beginners[i] = (Beginner){ .bench = bench, .row = take_first(bench) };
    }
    return code;
}

static int tear_down_rows(void **state)
{
    for (int i = 0; i <= OTHERS; i++)
        error_free(beginners[i].error);
    disk_confirms = true;
    return tear_down(state);
}

/* The others come while the disk keeps the first one; then they go on. */
static void begin_together(const Bench *bench)
{
    SqliteLedger *ledger = sqlite_of(bench->ledger);

    gate_closed = true;
    syncs = 0;
    start(&beginners[0]);
    wait_for_gate();
    for (int i = 1; i <= OTHERS; i++)
        start(&beginners[i]);
    while (atomic_load(&ledger->coming) < OTHERS)
        g_usleep(1000);
    open_gate();
    for (int i = 0; i <= OTHERS; i++)
        pthread_join(beginners[i].thread, NULL);
    assert_true(beginners[0].ok);
}

static void the_disk_is_asked_once_for_all_that_came_meanwhile(void **state)
{
    Bench *bench = *state;

    begin_together(bench);
    assert_int_equal(syncs, 2);
    for (int i = 1; i <= OTHERS; i++)
        assert_ok(beginners[i].ok, beginners[i].error);
    assert_int_equal(count_rows(bench).processing, 1 + OTHERS);
}

static void a_change_that_is_refused_takes_no_other_one_along(void **state)
{
    Bench *bench = *state;

    beginners[3].row.token++;
    beginners[OTHERS].row.token++;
    begin_together(bench);
    assert_int_equal(syncs, 2);
    for (int i = 1; i <= OTHERS; i++) {
        bool refused = i == 3 || i == OTHERS;
        assert_int_equal(beginners[i].ok, !refused);
        if (refused)
            assert_int_equal(beginners[i].error->kind, ERROR_TAKEN);
    }
    assert_int_equal(count_rows(bench).processing, 1 + OTHERS - 2);
}

static void what_the_disk_does_not_confirm_is_uncertain_to_each(void **state)
{
    Bench *bench = *state;

    disk_confirms = false; /* what comes behind the gate */
    begin_together(bench);
    for (int i = 1; i <= OTHERS; i++) {
        g_autoptr(Error) error = NULL;
        assert_false(beginners[i].ok);
        assert_int_equal(beginners[i].error->kind, ERROR_ENVIRONMENT);
        assert_true(beginners[i].error->uncertain);
        assert_ok(ledger_ask(bench->ledger, &beginners[i].row, &error), error);
    }
}

/* A change that is not urgent. */
static void *give_back(void *data)
{
    Beginner *beginner = data;

    beginner->ok = ledger_defer(beginner->bench->ledger, &beginner->row, 0, false, CRASH_NONE, NULL,
                                &beginner->error);
    return NULL;
}

/* A transaction is open, and waits for others. */
static void open_transaction(const Bench *bench)
{
    SqliteLedger *ledger = sqlite_of(bench->ledger);
    bool open = false;

    pthread_mutex_lock(&ledger->lock);
    ledger->next_ms = clock_ms() + HOUR_MS;
    pthread_mutex_unlock(&ledger->lock);
    assert_int_equal(pthread_create(&beginners[0].thread, NULL, give_back, &beginners[0]), 0);
    for (; !open; g_usleep(1000)) {
        open = sqlite_lock_to_read(bench->ledger)->waiting != NULL;
        sqlite_unlock(ledger, true);
    }
}

static void commit_what_is_open(const Bench *bench)
{
    sqlite_unlock(sqlite_lock(bench->ledger), true);
}

static void a_change_that_is_not_urgent_waits_for_the_next_picture_to_begin(void **state)
{
    Bench *bench = *state;

    open_transaction(bench);
    syncs = 0;
    begin(&beginners[1]);
    pthread_join(beginners[0].thread, NULL);
    assert_int_equal(syncs, 1);
    assert_ok(beginners[0].ok, beginners[0].error);
    assert_ok(beginners[1].ok, beginners[1].error);
    assert_int_equal(count_rows(bench).processing, 1);
}

static void a_question_about_damage_waits_for_no_disk(void **state)
{
    Bench *bench = *state;

    open_transaction(bench);
    syncs = 0;
    assert_false(ledger_is_damaged(bench->ledger));
    assert_int_equal(syncs, 0);
    commit_what_is_open(bench);
    pthread_join(beginners[0].thread, NULL);
    assert_ok(beginners[0].ok, beginners[0].error);
}

/* Two threads begin pictures by turns, one that is alone begins one after another. */
static void another_picture_is_expected_where_two_threads_have_begun_some(void **state)
{
    Bench *bench = *state;
    SqliteLedger *ledger = sqlite_of(bench->ledger);

    for (int i = 0; i < 2; i++) {
        start(&beginners[i]);
        pthread_join(beginners[i].thread, NULL);
        ledger->begun_ms =
            clock_ms() + HOUR_MS; /* the next one is not late, however slow this is */
        ledger->beginner = (pthread_t) 0;
    }
    assert_true(ledger->next_ms > 0);
    begin(&beginners[2]);
    assert_true(ledger->next_ms > 0);
    begin(&beginners[3]);
    assert_int_equal(ledger->next_ms, 0);
    assert_int_equal(count_rows(bench).processing, 4);
}

static void a_row_that_is_given_back_stays_so_when_the_changes_of_others_are_lost(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    open_transaction(bench);
    disk_confirms = false;
    assert_ok(ledger_release(bench->ledger, &beginners[1].row, &error), error);
    commit_what_is_open(bench);
    pthread_join(beginners[0].thread, NULL);
    assert_false(beginners[0].ok);
    disk_confirms = true;
    LedgerRow row = take_first(bench);
    assert_int_equal(row.id, beginners[1].row.id);
}

/* SQLite rolls back by itself where a read fails on a broken disk. */
static void a_change_that_comes_after_a_lost_transaction_is_made(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    open_transaction(bench);
    SqliteLedger *ledger = sqlite_lock_to_read(bench->ledger);
    assert_ok(database_execute(ledger->db, "ROLLBACK", &error), error);
    sqlite_unlock(ledger, true);
    begin(&beginners[1]);
    pthread_join(beginners[0].thread, NULL);
    assert_false(beginners[0].ok);
    assert_int_equal(beginners[0].error->kind, ERROR_ENVIRONMENT);
    assert_ok(beginners[1].ok, beginners[1].error);
    assert_int_equal(count_rows(bench).processing, 1);
}

/* A restart gives them back: each of them counts as an attempt. */
static void what_was_committed_together_is_there_after_a_restart(void **state)
{
    Bench *bench = *state;

    begin_together(bench);
    reopen(bench);
    for (int i = 0; i <= OTHERS; i++) {
        LedgerRow row = take_first(bench);
        assert_int_equal(row.attempt, 2);
    }
}

static void a_thread_that_is_alone_waits_for_none(void **state)
{
    Bench *bench = *state;

    syncs = 0;
    for (int i = 0; i <= OTHERS; i++) {
        begin(&beginners[i]);
        assert_ok(beginners[i].ok, beginners[i].error);
        assert_int_equal(syncs, i + 1);
    }
    assert_int_equal(count_rows(bench).processing, 1 + OTHERS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_rows, tear_down_rows)
    const struct CMUnitTest tests[] = {
        TEST(the_disk_is_asked_once_for_all_that_came_meanwhile),
        TEST(a_change_that_is_refused_takes_no_other_one_along),
        TEST(what_the_disk_does_not_confirm_is_uncertain_to_each),
        TEST(a_change_that_is_not_urgent_waits_for_the_next_picture_to_begin),
        TEST(a_question_about_damage_waits_for_no_disk),
        TEST(another_picture_is_expected_where_two_threads_have_begun_some),
        TEST(a_row_that_is_given_back_stays_so_when_the_changes_of_others_are_lost),
        TEST(a_change_that_comes_after_a_lost_transaction_is_made),
        TEST(what_was_committed_together_is_there_after_a_restart),
        TEST(a_thread_that_is_alone_waits_for_none),
    };

    return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
