/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that are not ready: the order in which they wait, and how they are counted. */
#include "base/clock.h"
#include "daemon/watch/pending.h"
#include "tests/unit/check.h"

enum { START = 1000000 };

static void the_first_due_comes_first(void **state)
{
    PendingFiles *pending = pending_new();
    PendingFile *a = pending_add(pending, "a", START);
    PendingFile *b = pending_add(pending, "b", START);

    (void) state;
    pending_schedule(pending, a, "empty", START + 500);
    pending_schedule(pending, b, "incomplete", START + 300);
    assert_ptr_equal(pending_find(pending, "a"), a);
    assert_ptr_equal(pending_add(pending, "a", START), a);
    assert_int_equal(pending_next_ms(pending), START + 300);
    assert_null(pending_due(pending, START + 299));
    assert_ptr_equal(pending_due(pending, START + 300), b);
    pending_schedule(pending, b, "incomplete", CLOCK_NEVER);
    assert_ptr_equal(pending_due(pending, START + 500), a);
    pending_drop(pending, a);
    assert_null(pending_due(pending, START + 1000000));
    pending_drop(pending, b);
    assert_int_equal(pending_next_ms(pending), CLOCK_NEVER);
    pending_free(pending);
}

static int count_of(Counters *counters, const char *reason)
{
    g_autoptr(GArray) rows = counters_rows(counters, NULL);

    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, ReasonCount, i).reason, reason) == 0)
            return g_array_index(rows, ReasonCount, i).files;
    return 0;
}

static void pending_files_are_counted_by_reason(void **state)
{
    PendingFiles *pending = pending_new();
    const char *const paths[] = { "a", "trip/b", "trip/c", "trip2/d" };
    int total = 0;

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        pending_schedule(pending, pending_add(pending, paths[i], START), i ? "empty" : "incomplete",
                         START);
    assert_int_equal(count_of(pending_counters(pending), "empty"), 3);
    assert_int_equal(count_of(pending_counters(pending), "incomplete"), 1);
    pending_drop_below(pending, "trip");
    assert_null(pending_find(pending, "trip/b"));
    assert_non_null(pending_find(pending, "trip2/d"));
    assert_int_equal(count_of(pending_counters(pending), "empty"), 1);
    pending_drop_below(pending, "");
    g_array_unref(counters_rows(pending_counters(pending), &total));
    assert_int_equal(total, 0);
    assert_int_equal(pending_next_ms(pending), CLOCK_NEVER);
    pending_free(pending);
}

static void the_number_of_pending_files_is_bounded(void **state)
{
    PendingFiles *pending = pending_new();

    (void) state;
    for (int i = 0; i < PENDING_MAX; i++) {
        g_autofree char *path = g_strdup_printf("p%d", i);

        assert_non_null(pending_add(pending, path, START));
    }
    assert_null(pending_add(pending, "one more", START));
    pending_drop(pending, pending_find(pending, "p7"));
    assert_non_null(pending_add(pending, "one more", START));
    pending_free(pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_due_comes_first),
        cmocka_unit_test(pending_files_are_counted_by_reason),
        cmocka_unit_test(the_number_of_pending_files_is_bounded),
    };

    return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
