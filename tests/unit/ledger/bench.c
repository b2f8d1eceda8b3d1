/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/ledger/bench.h"

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
