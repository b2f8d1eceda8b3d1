/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Known files: this file at this path, and no other one. Ignored ones are counted once, reported
 * once, and forgotten when they are gone. */
#include "daemon/watch/known.h"
#include "tests/unit/check.h"

static const FileId one = { .dev = 1, .ino = 2, .size = 3, .mtime_ns = 4 };
static const FileId changed = { .dev = 1, .ino = 2, .size = 9, .mtime_ns = 4 };

static int count_of(KnownFiles *known, const char *reason)
{
    g_autoptr(GArray) rows = counters_rows(known_counters(known), NULL);

    for (guint i = 0; i < rows->len; i++)
        if (strcmp(g_array_index(rows, ReasonCount, i).reason, reason) == 0)
            return g_array_index(rows, ReasonCount, i).files;
    return 0;
}

static void a_file_is_news_once(void **state)
{
    KnownFiles *known = known_new();

    (void) state;
    assert_true(known_ignore(known, "a", &one, "text"));
    assert_false(known_ignore(known, "a", &changed, "text"));
    assert_int_equal(count_of(known, "text"), 1);
    assert_true(known_ignore(known, "a", &changed, "video"));
    assert_int_equal(count_of(known, "text"), 0);
    assert_int_equal(count_of(known, "video"), 1);
    known_free(known);
}

static void only_the_very_file_is_known(void **state)
{
    KnownFiles *known = known_new();

    (void) state;
    known_ignore(known, "a", &one, "text");
    assert_true(known_is_ignored(known, "a", &one));
    assert_false(known_is_ignored(known, "a", &changed));
    assert_false(known_is_ignored(known, "b", &one));
    assert_false(known_is_ignored(known, "a", NULL));
    known_ignore(known, ".b", NULL, "dot file");
    assert_true(known_is_ignored(known, ".b", NULL));
    known_free(known);
}

static void a_file_that_is_checked_again_is_neither_counted_nor_reported_twice(void **state)
{
    KnownFiles *known = known_new();

    (void) state;
    known_ignore(known, "a", &one, "text");
    known_pause(known, "a");
    known_pause(known, "a");
    known_pause(known, "never left");
    assert_int_equal(count_of(known, "text"), 0);
    assert_false(known_is_ignored(known, "a", &one));
    assert_false(known_ignore(known, "a", &changed, "text"));
    assert_int_equal(count_of(known, "text"), 1);
    known_pause(known, "a");
    known_drop(known, "a");
    assert_int_equal(count_of(known, "text"), 0);
    assert_true(known_ignore(known, "a", &one, "text"));
    known_free(known);
}

static void a_scan_forgets_what_it_did_not_meet(void **state)
{
    KnownFiles *known = known_new();

    (void) state;
    known_ignore(known, "stays", &one, "text");
    known_ignore(known, "goes", &one, "text");
    known_ignore(known, "changes", &one, "text");
    known_ignore(known, "waits", &one, "video");
    known_pause(known, "waits");
    known_scan_begins(known);
    assert_int_equal(count_of(known, "text"), 3);
    assert_true(known_is_ignored(known, "stays", &one));
    known_ignore(known, "changes", &changed, "text");
    known_ignore(known, "comes", &one, "text");
    known_pause(known, "waits");
    known_scan_ended(known);
    assert_false(known_ignore(known, "waits", &changed, "video"));
    assert_int_equal(count_of(known, "text"), 3);
    assert_false(known_is_ignored(known, "goes", &one));
    known_free(known);
}

/* Beyond the limit each scan counts files again, without remembering them. */
static void a_flood_is_counted_and_not_twice(void **state)
{
    enum { FLOOD = 100100 };
    KnownFiles *known = known_new();

    (void) state;
    for (int scan = 0; scan < 2; scan++) {
        known_scan_begins(known);
        for (int i = 0; i < FLOOD; i++) {
            g_autofree char *path = g_strdup_printf("p%d", i);

            if (!known_is_ignored(known, path, &one))
                known_ignore(known, path, &one, "text");
        }
        known_scan_ended(known);
        assert_int_equal(count_of(known, "text"), FLOOD);
    }
    known_free(known);
}

static void only_the_very_file_is_finished(void **state)
{
    KnownFiles *known = known_new();
    FileId other = one;

    (void) state;
    assert_false(known_is_finished(known, "a", &one));
    known_finish(known, "a", &one);
    assert_true(known_is_finished(known, "a", &one));
    assert_false(known_is_finished(known, "b", &one));
    other.dev++; /* a disk may have another number after a restart */
    assert_true(known_is_finished(known, "a", &other));
    other.ino++;
    assert_false(known_is_finished(known, "a", &other));
    other = one;
    other.size++;
    assert_false(known_is_finished(known, "a", &other));
    other = one;
    other.mtime_ns++;
    assert_false(known_is_finished(known, "a", &other));
    known_free(known);
}

static void one_place_has_one_file(void **state)
{
    KnownFiles *known = known_new();
    FileId other = { .dev = 1, .ino = 5, .size = 6, .mtime_ns = 7 };

    (void) state;
    known_drop(known, "a");
    known_finish(known, "a", &one);
    known_finish(known, "a", &other);
    assert_true(known_is_finished(known, "a", &other));
    assert_false(known_is_finished(known, "a", &one));
    known_drop(known, "a");
    assert_false(known_is_finished(known, "a", &other));
    known_finish(known, "a", &one);
    assert_true(known_is_finished(known, "a", &one));
    known_scan_begins(known);
    assert_false(known_is_finished(known, "a", &one));
    known_free(known);
}

/* Past its end nothing is taken for seen that is not, and it stays as large as it may be. */
static void half_a_million_files_are_too_many_and_none_is_confused(void **state)
{
    KnownFiles *known = known_new();
    int kept = 0;
    char path[32];

    (void) state;
    for (int i = 0; i < 500000; i++) {
        FileId id = { .ino = (ino_t) i, .size = 3, .mtime_ns = 4 };

        snprintf(path, sizeof(path), "d%d/%d.jpg", i % 20, i);
        assert_false(known_is_finished(known, path, &id));
        known_finish(known, path, &id);
        kept += known_is_finished(known, path, &id);
    }
    assert_int_equal(kept, 290000);
    for (int i = 0; i < 100000; i++) {
        FileId id = { .ino = (ino_t) i, .size = 3, .mtime_ns = 4 };

        snprintf(path, sizeof(path), "d%d/%d.jpg", i % 20, i);
        assert_true(known_is_finished(known, path, &id));
        id.size++;
        assert_false(known_is_finished(known, path, &id));
    }
    known_free(known);
}

/* It was finished, and is not accepted any more; then it is accepted again. */
static void a_path_has_one_entry_of_one_kind(void **state)
{
    KnownFiles *known = known_new();

    (void) state;
    known_finish(known, "a", &one);
    assert_true(known_ignore(known, "a", &one, "video"));
    assert_false(known_is_finished(known, "a", &one));
    assert_int_equal(count_of(known, "video"), 1);
    known_finish(known, "a", &one);
    assert_false(known_is_ignored(known, "a", &one));
    assert_true(known_is_finished(known, "a", &one));
    assert_int_equal(count_of(known, "video"), 0);
    known_free(known);
}

/* Dropped entries keep their slots for a while. */
static void a_path_that_comes_and_goes_leaves_nothing_behind(void **state)
{
    KnownFiles *known = known_new();
    char path[32];

    (void) state;
    known_ignore(known, "stays", &one, "text");
    for (int i = 0; i < 10000; i++) {
        snprintf(path, sizeof(path), "%d.jpg", i);
        known_ignore(known, path, &one, "video");
        assert_true(known_is_ignored(known, path, &one));
        known_drop(known, path);
        assert_false(known_is_ignored(known, path, &one));
        assert_true(known_is_ignored(known, "stays", &one));
    }
    assert_int_equal(count_of(known, "video"), 0);
    assert_int_equal(count_of(known, "text"), 1);
    known_free(known);
}

/* Our tables have fewer. The last one that has a row stands for those that follow. */
static void reasons_beyond_the_last_row_are_counted_in_it(void **state)
{
    static char reasons[COUNTERS_MAX + 2][16];
    KnownFiles *known = known_new();
    int total = 0;

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        snprintf(reasons[i], sizeof(reasons[i]), "reason %zu", i);
        assert_true(known_ignore(known, reasons[i], &one, reasons[i]));
        assert_false(known_ignore(known, reasons[i], &changed, reasons[i]));
    }
    assert_int_equal(count_of(known, reasons[0]), 1);
    assert_int_equal(count_of(known, reasons[COUNTERS_MAX - 1]), 3);
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        known_drop(known, reasons[i]);
    g_array_unref(counters_rows(known_counters(known), &total));
    assert_int_equal(total, 0);
    assert_int_equal(count_of(known, reasons[COUNTERS_MAX - 1]), 0);
    known_free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_news_once),
        cmocka_unit_test(only_the_very_file_is_known),
        cmocka_unit_test(a_file_that_is_checked_again_is_neither_counted_nor_reported_twice),
        cmocka_unit_test(a_scan_forgets_what_it_did_not_meet),
        cmocka_unit_test(a_flood_is_counted_and_not_twice),
        cmocka_unit_test(only_the_very_file_is_finished),
        cmocka_unit_test(one_place_has_one_file),
        cmocka_unit_test(half_a_million_files_are_too_many_and_none_is_confused),
        cmocka_unit_test(a_path_has_one_entry_of_one_kind),
        cmocka_unit_test(a_path_that_comes_and_goes_leaves_nothing_behind),
        cmocka_unit_test(reasons_beyond_the_last_row_are_counted_in_it),
    };

    return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
