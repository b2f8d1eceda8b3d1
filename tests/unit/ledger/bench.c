/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/ledger/bench.h"

#include <stdatomic.h>

#include "daemon/ledger/database.h"
#include "daemon/ledger/schema.h"

/* The linker has everything that asks a clock ask here. */
/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): its own names */
int64_t __wrap_clock_ms(void);
int64_t __real_clock_ms(void);
int64_t __wrap_clock_wall_ms(void);
int64_t __real_clock_wall_ms(void);

static atomic_int_fast64_t passed_ms, stepped_ms;
static atomic_int_fast64_t stopped_ms, stopped_wall_ms; /* 0: it goes on */

int64_t __wrap_clock_ms(void)
{
    int64_t stopped = atomic_load(&stopped_ms);

    return (stopped ? stopped : __real_clock_ms()) + atomic_load(&passed_ms);
}

int64_t __wrap_clock_wall_ms(void)
{
    int64_t stopped = atomic_load(&stopped_wall_ms);

    return (stopped ? stopped : __real_clock_wall_ms()) + atomic_load(&passed_ms) +
           atomic_load(&stepped_ms);
}

void stop_time(void)
{
    if (atomic_load(&stopped_ms))
        return;
    atomic_store(&stopped_ms, __real_clock_ms());
    atomic_store(&stopped_wall_ms, __real_clock_wall_ms());
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

void pass_time(int64_t ms)
{
    atomic_fetch_add(&passed_ms, ms);
}

void step_wall_clock(int64_t ms)
{
    atomic_fetch_add(&stepped_ms, ms);
}

Bench *bench_new(void)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    bench->path = g_build_filename(bench->dir, "ledger.db", NULL);
    return bench;
}

void reopen(Bench *bench)
{
    g_autoptr(Error) error = NULL;

    ledger_close(g_steal_pointer(&bench->ledger));
    assert_ok(ledger_open(bench->path, &bench->ledger, &error), error);
}

int set_up(void **state)
{
    Bench *bench = bench_new();

    reopen(bench);
    *state = bench;
    return 0;
}

int tear_down(void **state)
{
    Bench *bench = *state;

    ledger_close(bench->ledger);
    check_rmdir(bench->dir);
    g_free(bench->path);
    g_free(bench);
    return 0;
}

int set_up_memory(void **state)
{
    g_autoptr(Error) error = NULL;
    Ledger *ledger = NULL;

    assert_ok(ledger_open(NULL, &ledger, &error), error);
    *state = ledger;
    return 0;
}

int tear_down_memory(void **state)
{
    ledger_close(*state);
    return 0;
}

FileId file_number(int number)
{
    return (FileId){ .dev = 1, .ino = (ino_t) number, .size = 1000 + number, .mtime_ns = number };
}

int offer_file(const Bench *bench, const char *source, FileId file)
{
    LedgerOffer one = {
        (char *) (uintptr_t) "inbox", (char *) (uintptr_t) source, file, false, { 0 }
    };
    g_autoptr(Error) error = NULL;
    int added = -1;

    assert_ok(ledger_add(bench->ledger, &one, 1, &added, &error), error);
    return added;
}

LedgerRow take_first(const Bench *bench)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    LedgerTake take = { .folder = "inbox", .retries = true, .alone = true, .limit = 1 };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_take(bench->ledger, &take, rows, &error), error);
    take.retries = false;
    if (!rows->len)
        assert_ok(ledger_take(bench->ledger, &take, rows, &error), error);
    assert_int_equal(rows->len, 1);
    LedgerRow row = g_array_index(rows, LedgerRow, 0);
    ledger_row_clear(&row);
    row.folder = (char *) (uintptr_t) "inbox";
    return row;
}

LedgerRow begin_first(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerRow row = take_first(bench);

    assert_ok(ledger_begin(bench->ledger, &row, NULL, &error), error);
    assert_int_equal(row.state, LEDGER_PROCESSING);
    return row;
}

LedgerCounts count_rows(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    LedgerCounts all = { 0 };

    assert_ok(ledger_count(bench->ledger, "inbox", &all, &error), error);
    return all;
}

char *plan_of(const char *sql)
{
    g_autofree char *explain = g_strconcat("EXPLAIN QUERY PLAN ", sql, NULL);
    g_autoptr(Database) database = NULL;
    g_autoptr(Error) error = NULL;
    GString *plan = g_string_new(NULL);
    DatabaseRow *row = NULL;
    bool found = false;

    assert_ok(database_open(NULL, &database, &error), error);
    assert_ok(database_execute(database, ledger_schema, &error), error);
    assert_ok(database_execute(database, ledger_part_tables, &error), error);
    assert_ok(database_execute(database, ledger_new_names, &error), error);
    assert_ok(database_execute(database, ledger_undo_tables, &error), error);
    assert_ok(database_execute(database, ledger_marks, &error), error);
    assert_ok(database_execute(database, ledger_counters, &error), error);
    assert_ok(database_prepare(database, (const char *const[]){ explain }, 1, &error), error);
    assert_ok(database_first(database, &error, &row, &found, 0, ""), error);
    while (found) {
        g_string_append_printf(plan, "%s\n", database_text(row, 3));
        assert_ok(database_next(database, row, &found, &error), error);
    }
    database_finish(row);
    return g_string_free(plan, FALSE);
}
