/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/take.h"

#include "tests/unit/check.h"

void take_due(Ledger *ledger, const char *folder, bool retries, GArray *rows)
{
    LedgerTake take = { .folder = folder, .retries = retries, .alone = true, .limit = 1000 };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_take(ledger, &take, rows, &error), error);
}

LedgerRow take_source(Ledger *ledger, const char *folder, const char *source)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    LedgerRow wanted = { 0 };

    take_due(ledger, folder, true, rows);
    take_due(ledger, folder, false, rows);
    for (guint i = 0; i < rows->len; i++) {
        LedgerRow *row = &g_array_index(rows, LedgerRow, i);
        g_autoptr(Error) error = NULL;

        if (!strcmp(row->source, source)) {
            wanted = *row;
            continue;
        }
        assert_ok(ledger_release(ledger, row, &error), error);
        ledger_row_clear(row);
    }
    assert_non_null(wanted.source);
    return wanted;
}

LedgerRow begin_source(Ledger *ledger, const char *folder, const char *source)
{
    LedgerRow row = take_source(ledger, folder, source);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_begin(ledger, &row, NULL, &error), error);
    return row;
}
