/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* History: finished rows whose files are to be checked, in pages. */
#include "tests/unit/ledger/bench.h"

enum { ROWS = 20, PAGE = 4, ANY_AGE = -1000 /* ms */ };

/* Queues and finishes a picture whose original stays. */
static void finish(Ledger *ledger, int number)
{
    g_autofree char *source = g_strdup_printf("%d.jpg", number);
    LedgerOffer offer = { (char *) (uintptr_t) "inbox",
                          source,
                          { .ino = (ino_t) number, .size = 1, .mtime_ns = 1 },
                          false,
                          { 0 } };
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_add(ledger, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) row = begin_source(ledger, "inbox", source);
    assert_ok(ledger_done(ledger, &row, ORIGINAL_STAYS, false, &error), error);
}

/* Many of them end in the same millisecond. */
static void old_rows_are_listed_page_by_page_and_none_twice(void **state)
{
    g_autoptr(GArray) old = g_array_new(FALSE, TRUE, sizeof(LedgerRow));
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(Error) error = NULL;
    LedgerPlace after = { 0 };

    for (int number = 0; number < ROWS; number++)
        finish(*state, number);
    g_array_set_clear_func(old, (GDestroyNotify) ledger_row_clear);
    for (int pages = 0; pages <= ROWS / PAGE; pages++)
        assert_ok(ledger_list_old(*state, "inbox", ANY_AGE, &after, PAGE, old, &error), error);
    for (guint i = 0; i < old->len; i++)
        g_hash_table_add(ids, g_memdup2(&g_array_index(old, LedgerRow, i).id, sizeof(int64_t)));
    assert_int_equal(old->len, ROWS);
    assert_int_equal(g_hash_table_size(ids), ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_rows_are_listed_page_by_page_and_none_twice,
                                        set_up_memory, tear_down_memory),
    };

    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
