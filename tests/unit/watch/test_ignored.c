/* What was left in place: counted once, told once, forgotten when it is gone. */
#include "daemon/watch/ignored.h"
#include "tests/unit/check.h"

static const FileId one = { .dev = 1, .ino = 2, .size = 3, .mtime_ns = 4 };
static const FileId changed = { .dev = 1, .ino = 2, .size = 9, .mtime_ns = 4 };

static int count_of(Left *left, const char *reason)
{
    g_autoptr(GArray) rows = tally_rows(left_tally(left), NULL);

    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, WatchCount, i).reason, reason) == 0)
            return g_array_index(rows, WatchCount, i).files;
    return 0;
}

static void a_file_is_news_once(void **state)
{
    Left *left = left_new();

    (void) state;
    assert_true(left_add(left, "a", &one, "text"));
    assert_false(left_add(left, "a", &changed, "text"));
    assert_int_equal(count_of(left, "text"), 1);
    assert_true(left_add(left, "a", &changed, "video"));
    assert_int_equal(count_of(left, "text"), 0);
    assert_int_equal(count_of(left, "video"), 1);
    left_free(left);
}

static void only_the_very_file_is_known(void **state)
{
    Left *left = left_new();

    (void) state;
    left_add(left, "a", &one, "text");
    assert_true(left_knows(left, "a", &one));
    assert_false(left_knows(left, "a", &changed));
    assert_false(left_knows(left, "b", &one));
    assert_false(left_knows(left, "a", NULL));
    left_add(left, ".b", NULL, "dot file");
    assert_true(left_knows(left, ".b", NULL));
    left_free(left);
}

static void a_file_that_is_looked_at_again_is_neither_counted_nor_told_twice(void **state)
{
    Left *left = left_new();

    (void) state;
    left_add(left, "a", &one, "text");
    left_pause(left, "a");
    left_pause(left, "a");
    left_pause(left, "never left");
    assert_int_equal(count_of(left, "text"), 0);
    assert_false(left_knows(left, "a", &one));
    assert_false(left_add(left, "a", &changed, "text"));
    assert_int_equal(count_of(left, "text"), 1);
    left_pause(left, "a");
    left_drop(left, "a");
    assert_int_equal(count_of(left, "text"), 0);
    assert_true(left_add(left, "a", &one, "text"));
    left_free(left);
}

static void a_scan_forgets_what_it_did_not_meet(void **state)
{
    Left *left = left_new();

    (void) state;
    left_add(left, "stays", &one, "text");
    left_add(left, "goes", &one, "text");
    left_add(left, "changes", &one, "text");
    left_add(left, "waits", &one, "video");
    left_pause(left, "waits");
    left_scan_begins(left);
    assert_int_equal(count_of(left, "text"), 3);
    assert_true(left_knows(left, "stays", &one));
    left_add(left, "changes", &changed, "text");
    left_add(left, "comes", &one, "text");
    left_pause(left, "waits");
    left_scan_ended(left);
    assert_false(left_add(left, "waits", &changed, "video"));
    assert_int_equal(count_of(left, "text"), 3);
    assert_false(left_knows(left, "goes", &one));
    left_free(left);
}

/* Beyond the limit files are counted by each scan anew, without being remembered. */
static void a_flood_is_counted_and_not_twice(void **state)
{
    enum { FLOOD = 100100 };
    Left *left = left_new();

    (void) state;
    for (int scan = 0; scan < 2; scan++) {
        left_scan_begins(left);
        for (int i = 0; i < FLOOD; i++) {
            g_autofree char *path = g_strdup_printf("p%d", i);

            if (!left_knows(left, path, &one))
                left_add(left, path, &one, "text");
        }
        left_scan_ended(left);
        assert_int_equal(count_of(left, "text"), FLOOD);
    }
    left_free(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_news_once),
        cmocka_unit_test(only_the_very_file_is_known),
        cmocka_unit_test(a_file_that_is_looked_at_again_is_neither_counted_nor_told_twice),
        cmocka_unit_test(a_scan_forgets_what_it_did_not_meet),
        cmocka_unit_test(a_flood_is_counted_and_not_twice),
    };

    return cmocka_run_group_tests_name("left", tests, NULL, NULL);
}
