/* The files that are not ready: the order in which they wait, and how they are counted. */
#include "base/clock.h"
#include "daemon/watch/pending.h"
#include "tests/unit/check.h"

enum { START = 1000000 };

static void the_first_due_comes_first(void **state)
{
    Settle *settle = settle_new();
    Candidate *a = settle_add(settle, "a", START);
    Candidate *b = settle_add(settle, "b", START);

    (void) state;
    settle_wait(settle, a, "empty", START + 500);
    settle_wait(settle, b, "incomplete", START + 300);
    assert_ptr_equal(settle_find(settle, "a"), a);
    assert_ptr_equal(settle_add(settle, "a", START), a);
    assert_int_equal(settle_next_ms(settle), START + 300);
    assert_null(settle_due(settle, START + 299));
    assert_ptr_equal(settle_due(settle, START + 300), b);
    settle_wait(settle, b, "incomplete", CLOCK_NEVER);
    assert_ptr_equal(settle_due(settle, START + 500), a);
    settle_drop(settle, a);
    assert_null(settle_due(settle, START + 1000000));
    settle_drop(settle, b);
    assert_int_equal(settle_next_ms(settle), CLOCK_NEVER);
    settle_free(settle);
}

static int count_of(Tally *tally, const char *reason)
{
    g_autoptr(GArray) rows = tally_rows(tally, NULL);

    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, WatchCount, i).reason, reason) == 0)
            return g_array_index(rows, WatchCount, i).files;
    return 0;
}

static void what_waits_is_counted_by_reason(void **state)
{
    Settle *settle = settle_new();
    const char *const paths[] = { "a", "trip/b", "trip/c", "trip2/d" };
    int total = 0;

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
        settle_wait(settle, settle_add(settle, paths[i], START), i ? "empty" : "incomplete", START);
    assert_int_equal(count_of(settle_tally(settle), "empty"), 3);
    assert_int_equal(count_of(settle_tally(settle), "incomplete"), 1);
    settle_drop_below(settle, "trip");
    assert_null(settle_find(settle, "trip/b"));
    assert_non_null(settle_find(settle, "trip2/d"));
    assert_int_equal(count_of(settle_tally(settle), "empty"), 1);
    settle_drop_below(settle, "");
    g_array_unref(tally_rows(settle_tally(settle), &total));
    assert_int_equal(total, 0);
    assert_int_equal(settle_next_ms(settle), CLOCK_NEVER);
    settle_free(settle);
}

static void memory_is_bounded_when_a_flood_waits(void **state)
{
    Settle *settle = settle_new();

    (void) state;
    for (int i = 0; i < SETTLE_MAX; i++) {
        g_autofree char *path = g_strdup_printf("p%d", i);

        assert_non_null(settle_add(settle, path, START));
    }
    assert_null(settle_add(settle, "one more", START));
    settle_drop(settle, settle_find(settle, "p7"));
    assert_non_null(settle_add(settle, "one more", START));
    settle_free(settle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_due_comes_first),
        cmocka_unit_test(what_waits_is_counted_by_reason),
        cmocka_unit_test(memory_is_bounded_when_a_flood_waits),
    };

    return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
