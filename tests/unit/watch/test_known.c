/* Ignored files: counted once, reported once, forgotten when they are gone. */
#include "daemon/watch/ignored.h"
#include "tests/unit/check.h"

static const FileId one = { .dev = 1, .ino = 2, .size = 3, .mtime_ns = 4 };
static const FileId changed = { .dev = 1, .ino = 2, .size = 9, .mtime_ns = 4 };

static int count_of(IgnoredFiles *ignored, const char *reason)
{
    g_autoptr(GArray) rows = counters_rows(ignored_counters(ignored), NULL);

    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, ReasonCount, i).reason, reason) == 0)
            return g_array_index(rows, ReasonCount, i).files;
    return 0;
}

static void a_file_is_news_once(void **state)
{
    IgnoredFiles *ignored = ignored_new();

    (void) state;
    assert_true(ignored_add(ignored, "a", &one, "text"));
    assert_false(ignored_add(ignored, "a", &changed, "text"));
    assert_int_equal(count_of(ignored, "text"), 1);
    assert_true(ignored_add(ignored, "a", &changed, "video"));
    assert_int_equal(count_of(ignored, "text"), 0);
    assert_int_equal(count_of(ignored, "video"), 1);
    ignored_free(ignored);
}

static void only_the_very_file_is_known(void **state)
{
    IgnoredFiles *ignored = ignored_new();

    (void) state;
    ignored_add(ignored, "a", &one, "text");
    assert_true(ignored_knows(ignored, "a", &one));
    assert_false(ignored_knows(ignored, "a", &changed));
    assert_false(ignored_knows(ignored, "b", &one));
    assert_false(ignored_knows(ignored, "a", NULL));
    ignored_add(ignored, ".b", NULL, "dot file");
    assert_true(ignored_knows(ignored, ".b", NULL));
    ignored_free(ignored);
}

static void a_file_that_is_checked_again_is_neither_counted_nor_reported_twice(void **state)
{
    IgnoredFiles *ignored = ignored_new();

    (void) state;
    ignored_add(ignored, "a", &one, "text");
    ignored_pause(ignored, "a");
    ignored_pause(ignored, "a");
    ignored_pause(ignored, "never left");
    assert_int_equal(count_of(ignored, "text"), 0);
    assert_false(ignored_knows(ignored, "a", &one));
    assert_false(ignored_add(ignored, "a", &changed, "text"));
    assert_int_equal(count_of(ignored, "text"), 1);
    ignored_pause(ignored, "a");
    ignored_drop(ignored, "a");
    assert_int_equal(count_of(ignored, "text"), 0);
    assert_true(ignored_add(ignored, "a", &one, "text"));
    ignored_free(ignored);
}

static void a_scan_forgets_what_it_did_not_meet(void **state)
{
    IgnoredFiles *ignored = ignored_new();

    (void) state;
    ignored_add(ignored, "stays", &one, "text");
    ignored_add(ignored, "goes", &one, "text");
    ignored_add(ignored, "changes", &one, "text");
    ignored_add(ignored, "waits", &one, "video");
    ignored_pause(ignored, "waits");
    ignored_scan_begins(ignored);
    assert_int_equal(count_of(ignored, "text"), 3);
    assert_true(ignored_knows(ignored, "stays", &one));
    ignored_add(ignored, "changes", &changed, "text");
    ignored_add(ignored, "comes", &one, "text");
    ignored_pause(ignored, "waits");
    ignored_scan_ended(ignored);
    assert_false(ignored_add(ignored, "waits", &changed, "video"));
    assert_int_equal(count_of(ignored, "text"), 3);
    assert_false(ignored_knows(ignored, "goes", &one));
    ignored_free(ignored);
}

/* Beyond the limit each scan counts files again, without remembering them. */
static void a_flood_is_counted_and_not_twice(void **state)
{
    enum { FLOOD = 100100 };
    IgnoredFiles *ignored = ignored_new();

    (void) state;
    for (int scan = 0; scan < 2; scan++) {
        ignored_scan_begins(ignored);
        for (int i = 0; i < FLOOD; i++) {
            g_autofree char *path = g_strdup_printf("p%d", i);

            if (!ignored_knows(ignored, path, &one))
                ignored_add(ignored, path, &one, "text");
        }
        ignored_scan_ended(ignored);
        assert_int_equal(count_of(ignored, "text"), FLOOD);
    }
    ignored_free(ignored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_news_once),
        cmocka_unit_test(only_the_very_file_is_known),
        cmocka_unit_test(a_file_that_is_checked_again_is_neither_counted_nor_reported_twice),
        cmocka_unit_test(a_scan_forgets_what_it_did_not_meet),
        cmocka_unit_test(a_flood_is_counted_and_not_twice),
    };

    return cmocka_run_group_tests_name("ignored", tests, NULL, NULL);
}
