/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs of a picture that is made again: they take the place of what was made, and of nothing
 * that a person has changed. */
#include <fcntl.h>
#include <sys/xattr.h>

#include "daemon/outputs/publish.h"
#include "tests/unit/outputs/bench.h"

static void
what_is_made_again_replaces_what_was_made_and_not_changed_whatever_exists_says(void **state)
{
    static const Exists rules[] = { EXISTS_NUMBER, EXISTS_REPLACE, EXISTS_SKIP };
    Bench *bench = *state;

    for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autofree char *name = g_strdup_printf("%u.jpg", i);

        bench->row.remake = false;
        make(bench, name, EXISTS_NUMBER, "first");
        bench->row.remake = true;
        make(bench, name, rules[i], "second");
        assert_text(bench, name, "second");
        assert_int_equal(check_entries(bench->dir), i + 1);
    }
}

/* The file system may keep no provenance: the ledger knows it, too. */
static void what_is_made_again_finds_its_output_by_the_ledger_alone(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);

    make(bench, "a.jpg", EXISTS_NUMBER, "first");
    if (removexattr(path, "user.hotfolder") < 0)
        skip();
    g_auto(LedgerRow) first = bench->row;
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_done(bench->ledger, &first, ORIGINAL_MOVED, false, &error), error);
    bench->row = add_job(bench, "a.jpg");
    bench->row.remake = true;
    make(bench, "a.jpg", EXISTS_NUMBER, "second");
    assert_text(bench, "a.jpg", "second");
    assert_int_equal(check_entries(bench->dir), 1);
}

static void what_is_made_again_leaves_an_output_that_was_changed(void **state)
{
    Bench *bench = *state;
    g_autoptr(Staging) again = NULL;

    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, ", edited", 8), 8);
    close(fd);
    bench->row.remake = true;
    again = staging_of(bench);
    assert_false(put(again, "a.jpg", EXISTS_REPLACE, "ours again"));
    publish(again);
    assert_text(bench, "a.jpg", "ours, edited");
    assert_int_equal(check_entries(bench->dir), 1);
    assert_string_equal(staging_note(again), "a.jpg was changed since it was made, and stays");
}

static void
what_is_made_again_leaves_a_file_that_a_person_has_put_in_its_outputs_place(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);
    g_autoptr(Staging) again = NULL;

    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    assert_int_equal(unlink(path), 0);
    check_write(bench->dir, "a.jpg", "somebody's");
    bench->row.remake = true;
    again = staging_of(bench);
    assert_false(put(again, "a.jpg", EXISTS_REPLACE, "ours again"));
    publish(again);
    assert_text(bench, "a.jpg", "somebody's");
    assert_int_equal(check_entries(bench->dir), 1);
}

static void what_is_made_again_leaves_an_output_that_is_changed_meanwhile(void **state)
{
    Bench *bench = *state;
    g_autoptr(Staging) again = NULL;

    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    bench->row.remake = true;
    again = staging_of(bench);
    assert_true(put(again, "a.jpg", EXISTS_NUMBER, "ours again"));
    assert_true(put(again, "b.jpg", EXISTS_NUMBER, "another"));
    check_write(bench->dir, "a.jpg", "edited by hand");
    publish(again);
    assert_text(bench, "a.jpg", "edited by hand");
    assert_text(bench, "b.jpg", "another");
    assert_int_equal(check_entries(bench->dir), 2);
    g_autofree char *names = staging_names(again);
    assert_string_equal(names, "b.jpg");
}

/* It had a number, as another picture has the name. */
static void what_is_made_again_keeps_its_number_and_takes_no_name_of_another(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "a.jpg", "somebody's");
    make(bench, "a.jpg", EXISTS_NUMBER, "first");
    bench->row.remake = true;
    make(bench, "a.jpg", EXISTS_NUMBER, "second");
    assert_text(bench, "a.jpg", "somebody's");
    assert_text(bench, "a-1.jpg", "second");
    assert_int_equal(check_entries(bench->dir), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_made_again_replaces_what_was_made_and_not_changed_whatever_exists_says),
        TEST(what_is_made_again_finds_its_output_by_the_ledger_alone),
        TEST(what_is_made_again_leaves_an_output_that_was_changed),
        TEST(what_is_made_again_leaves_a_file_that_a_person_has_put_in_its_outputs_place),
        TEST(what_is_made_again_leaves_an_output_that_is_changed_meanwhile),
        TEST(what_is_made_again_keeps_its_number_and_takes_no_name_of_another),
    };

    return cmocka_run_group_tests_name("remake", tests, NULL, NULL);
}
