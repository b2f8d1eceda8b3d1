/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs of an attempt that was cut off: published, made again, or taken away by a program. */
#include "daemon/ledger/sqlite_internal.h"
#include "daemon/outputs/publish.h"
#include "daemon/outputs/recover.h"
#include "tests/unit/outputs/bench.h"

/* As a crash between the two renames of a job with two outputs leaves it: the first is back under
 * its hidden name, as if it had never been placed. */
static void unplace(const Bench *bench, const GArray *outputs, unsigned i)
{
    const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, i);
    g_autofree char *from = g_build_filename(bench->dir, output->path, NULL);
    g_autofree char *to = g_build_filename(bench->dir, output->hidden, NULL);

    assert_int_equal(rename(from, to), 0);
}

static void a_crash_between_two_links_is_rolled_forward(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = NULL;
    g_autoptr(Error) error = NULL;
    bool lost = true;

    Staging *staging = staging_of(bench);
    put(staging, "a.jpg", EXISTS_NUMBER, "large");
    put(staging, "thumbs/a.jpg", EXISTS_NUMBER, "small");
    publish(staging);
    staging_free(staging);
    outputs = recorded(bench);
    assert_int_equal(outputs->len, 2);
    unplace(bench, outputs, 1);
    assert_false(check_exists(bench->dir, "thumbs/a.jpg"));
    assert_ok(recover_roll_forward(&bench->folder, bench->ledger, outputs, &lost, &error), error);
    assert_false(lost);
    assert_text(bench, "a.jpg", "large");
    assert_text(bench, "thumbs/a.jpg", "small");
}

/* One output, published and recorded, and not at its name any more. */
static GArray *make_and_take_away(const Bench *bench)
{
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);

    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    assert_int_equal(unlink(path), 0);
    return recorded(bench);
}

static bool is_lost(const Bench *bench, const GArray *outputs)
{
    g_autoptr(Error) error = NULL;
    bool lost = false;

    assert_ok(recover_roll_forward(&bench->folder, bench->ledger, outputs, &lost, &error), error);
    return lost;
}

static void an_output_that_a_program_took_away_is_not_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = make_and_take_away(bench);

    assert_false(is_lost(bench, outputs));
    assert_int_equal(check_entries(bench->dir), 0);
}

/* A commit that reports an error may be on disk all the same. */
static void
an_output_whose_publication_may_be_recorded_stays_where_the_ledger_finds_it(void **state)
{
    const Bench *bench = *state;
    Staging *staging = staging_of(bench);
    g_autoptr(GArray) outputs = NULL;
    g_autoptr(Error) error = NULL;

    put(staging, "a.jpg", EXISTS_NUMBER, "ours");
    assert_ok(database_execute(sqlite_of(bench->ledger)->db,
                               "CREATE TEMP TRIGGER broken BEFORE UPDATE OF state ON job"
                               " BEGIN SELECT RAISE(ABORT, 'broken'); END",
                               &error),
              error);
    assert_false(publish_outputs(staging, &error));
    staging_free(staging);
    outputs = recorded(bench);
    assert_int_equal(outputs->len, 1);
    assert_true(check_exists(bench->dir, g_array_index(outputs, LedgerOutput, 0).hidden));
    recover_remove_hidden(&bench->folder, outputs);
    assert_int_equal(check_entries(bench->dir), 0);
}

static void an_output_whose_name_another_file_took_after_it_is_not_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = make_and_take_away(bench);

    check_write(bench->dir, "a.jpg", "somebody's");
    assert_false(is_lost(bench, outputs));
    assert_text(bench, "a.jpg", "somebody's");
}

static void an_output_that_nothing_proves_to_have_been_placed_is_made_again(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) outputs = make_and_take_away(bench);
    LedgerOutput *output = &g_array_index(outputs, LedgerOutput, 0);
    char *elsewhere = check_mkdir();

    output->file.dev++; /* its file system is not mounted there any more */
    assert_true(is_lost(bench, outputs));
    output->file.dev--;
    g_free(bench->folder.output);
    bench->folder.output = elsewhere; /* the configuration was changed */
    assert_true(is_lost(bench, outputs));
    bench->folder.output = g_strdup(bench->dir);
    check_rmdir(elsewhere);
    assert_false(is_lost(bench, outputs));
    g_clear_pointer(&output->hidden, g_free); /* an older version linked it without one */
    assert_true(is_lost(bench, outputs));
}

static void hidden_files_of_a_broken_attempt_are_swept(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = NULL;

    Staging *staging = staging_of(bench);
    put(staging, "a.jpg", EXISTS_NUMBER, "large");
    put(staging, "b.jpg", EXISTS_NUMBER, "small");
    publish(staging);
    staging_free(staging);
    outputs = recorded(bench);
    unplace(bench, outputs, 0);
    recover_remove_hidden(&bench->folder, outputs);
    assert_int_equal(check_entries(bench->dir), 1);
    assert_text(bench, "b.jpg", "small");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crash_between_two_links_is_rolled_forward),
        TEST(an_output_that_a_program_took_away_is_not_made_again),
        TEST(an_output_whose_publication_may_be_recorded_stays_where_the_ledger_finds_it),
        TEST(an_output_whose_name_another_file_took_after_it_is_not_made_again),
        TEST(an_output_that_nothing_proves_to_have_been_placed_is_made_again),
        TEST(hidden_files_of_a_broken_attempt_are_swept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
