/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs: nothing half, nothing over anything, nothing outside, and a crash rolled forward. */
#include <sys/xattr.h>

#include "daemon/ledger/ledger_internal.h"
#include "daemon/outputs/publish.h"
#include "daemon/outputs/recover.h"
#include "daemon/outputs/staging.h"
#include "tests/unit/check.h"

typedef struct Bench {
    char *dir;
    Ledger *ledger;
    ProfileText profile;
    Folder folder;
    LedgerRow row;
    Provenance provenance;
} Bench;

static LedgerRow add_job(const Bench *bench, const char *source)
{
    LedgerOffer offer = { bench->folder.name, (char *) (uintptr_t) source, { .size = 5 }, false };
    g_autoptr(Error) error = NULL;
    LedgerRow row = { 0 };
    bool found = false, claimed = false;

    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    assert_ok(ledger_find(bench->ledger, bench->folder.name, source, &row, &found, &error), error);
    assert_ok(ledger_claim(bench->ledger, &row, &claimed, &error), error);
    assert_true(claimed);
    return row;
}

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autoptr(Error) error = NULL;

    bench->dir = check_mkdir();
    bench->folder = (Folder){ .name = g_strdup("inbox"),
                              .path = g_strdup("/srv/in"),
                              .output = g_strdup(bench->dir),
                              .profile = &bench->profile };
    bench->profile.name = g_strdup("web");
    bench->provenance = (Provenance){ .source = 1, .content = { 2, 3 }, .profile = 4 };
    assert_ok(ledger_open(NULL, &bench->ledger, &error), error);
    bench->row = add_job(bench, "a.jpg");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    ledger_row_clear(&bench->row);
    ledger_close(bench->ledger);
    g_free(bench->folder.name);
    g_free(bench->folder.path);
    g_free(bench->folder.output);
    g_free(bench->profile.name);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

static Staging *staging_of(const Bench *bench)
{
    return staging_new(&bench->folder, &bench->row, &bench->provenance, bench->ledger, false);
}

/* Opens an output and writes `text` into it; whether it was wanted. */
static bool put(Staging *staging, const char *name, Exists exists, const char *text)
{
    g_autoptr(Error) error = NULL;
    int fd = -1;

    assert_ok(staging_open(staging, name, exists, &fd, &error), error);
    if (fd < 0)
        return false;
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_false(staging_is_closed(staging));
    assert_int_equal(close(fd), 0);
    assert_true(staging_is_closed(staging));
    return true;
}

static void publish(Staging *staging)
{
    g_autoptr(Error) error = NULL;

    assert_ok(publish_outputs(staging, &error), error);
}

/* One output of the bench's job, published. */
static void make(const Bench *bench, const char *name, Exists exists, const char *text)
{
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, name, exists, text);
    publish(staging);
}

static void assert_text(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *there = check_read(bench->dir, name);

    assert_non_null(there);
    assert_string_equal(there, text);
}

static void nothing_is_seen_before_all_of_it_is_published(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, "a.jpg", EXISTS_NUMBER, "large");
    put(staging, "b.jpg", EXISTS_NUMBER, "small");
    assert_int_equal(check_entries(bench->dir), 0);
    publish(staging);
    assert_text(bench, "a.jpg", "large");
    assert_text(bench, "b.jpg", "small");
    assert_int_equal(check_entries(bench->dir), 2);
}

static void an_attempt_that_is_given_up_leaves_nothing(void **state)
{
    const Bench *bench = *state;
    Staging *staging = staging_of(bench);

    put(staging, "a.jpg", EXISTS_NUMBER, "large");
    staging_free(staging);
    assert_int_equal(check_entries(bench->dir), 0);
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
    const Bench *bench = *state;

    check_write(bench->dir, "a.jpg", "somebody's");
    check_write(bench->dir, "a-1.jpg", "else's");
    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    assert_text(bench, "a.jpg", "somebody's");
    assert_text(bench, "a-1.jpg", "else's");
    assert_text(bench, "a-2.jpg", "ours");
}

static void a_name_that_is_taken_at_the_last_moment_gets_a_number_too(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, "a.jpg", EXISTS_NUMBER, "ours");
    check_write(bench->dir, "a.jpg", "just now");
    publish(staging);
    assert_text(bench, "a.jpg", "just now");
    assert_text(bench, "a-1.jpg", "ours");
}

static void skip_leaves_what_is_there(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);

    check_write(bench->dir, "a.jpg", "somebody's");
    assert_false(put(staging, "a.jpg", EXISTS_SKIP, "ours"));
    publish(staging);
    assert_text(bench, "a.jpg", "somebody's");
    assert_int_equal(check_entries(bench->dir), 1);
}

/* A worker that was taken over could have made it, to keep a later picture from its name. */
static void skip_takes_no_directory_for_an_output(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);

    assert_int_equal(mkdir(path, 0755), 0);
    make(bench, "a.jpg", EXISTS_SKIP, "ours");
    assert_text(bench, "a-1.jpg", "ours");
}

static void replace_takes_only_the_place_of_an_output_of_the_same_source(void **state)
{
    Bench *bench = *state;

    check_write(bench->dir, "a.jpg", "somebody's");
    make(bench, "a.jpg", EXISTS_REPLACE, "ours");
    assert_text(bench, "a.jpg", "somebody's");
    assert_text(bench, "a-1.jpg", "ours");

    make(bench, "b.jpg", EXISTS_REPLACE, "first");
    bench->provenance.content[0] = 99; /* the source has new content */
    make(bench, "b.jpg", EXISTS_REPLACE, "second");
    assert_text(bench, "b.jpg", "second");
    assert_false(check_exists(bench->dir, "b-1.jpg"));

    bench->provenance.source = 77; /* another source, another picture */
    ledger_row_clear(&bench->row);
    bench->row = add_job(bench, "other.jpg");
    make(bench, "b.jpg", EXISTS_REPLACE, "third");
    assert_text(bench, "b.jpg", "second");
    assert_text(bench, "b-1.jpg", "third");
    assert_int_equal(check_entries(bench->dir), 4);
}

static void the_very_output_that_is_there_already_is_not_made_again(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);

    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    if (getxattr(path, "user.hotfolder", NULL, 0) < 0)
        skip(); /* this file system has no such attributes */
    g_autoptr(Staging) again = staging_of(bench);
    assert_false(put(again, "a.jpg", EXISTS_NUMBER, "ours"));

    bench->provenance.profile = 5; /* the profile was changed since */
    g_autoptr(Staging) changed = staging_of(bench);
    assert_true(put(changed, "a.jpg", EXISTS_NUMBER, "ours"));

    bench->provenance.profile = 4;
    check_write(bench->dir, "edited.jpg", "edited by hand");
    g_autofree char *mark = g_malloc0(256);
    assert_true(getxattr(path, "user.hotfolder", mark, 255) > 0);
    g_autofree char *edited = g_build_filename(bench->dir, "edited.jpg", NULL);
    assert_int_equal(setxattr(edited, "user.hotfolder", mark, strlen(mark), 0), 0);
    g_autoptr(Staging) other = staging_of(bench);
    assert_true(put(other, "edited.jpg", EXISTS_NUMBER, "ours"));
}

static void a_picture_that_got_a_number_keeps_it_when_it_comes_again(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a-1.jpg", NULL);

    check_write(bench->dir, "a.jpg", "another picture's");
    make(bench, "a.jpg", EXISTS_NUMBER, "ours");
    if (getxattr(path, "user.hotfolder", NULL, 0) < 0)
        skip();
    g_autoptr(Staging) again = staging_of(bench);
    assert_false(put(again, "a.jpg", EXISTS_NUMBER, "ours"));
    bench->provenance.content[0] = 99;
    make(bench, "a.jpg", EXISTS_REPLACE, "ours again");
    assert_text(bench, "a-1.jpg", "ours again");
    assert_int_equal(check_entries(bench->dir), 2);
}

static void a_file_put_where_our_output_was_is_not_replaced(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);

    make(bench, "a.jpg", EXISTS_REPLACE, "ours");
    assert_int_equal(unlink(path), 0);
    check_write(bench->dir, "a.jpg", "somebody's");
    make(bench, "a.jpg", EXISTS_REPLACE, "ours again");
    assert_text(bench, "a.jpg", "somebody's");
    assert_text(bench, "a-1.jpg", "ours again");
}

static void no_name_leads_out_of_the_output_directory(void **state)
{
    const Bench *bench = *state;
    static const char *const names[] = { "../a.jpg", "/etc/a.jpg", "a/../../b.jpg",   "", ".", "..",
                                         "a//b.jpg", "a/.",        ".hotfolder-x-1-0" };
    g_autofree char *link = g_build_filename(bench->dir, "link", NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Staging) staging = staging_of(bench);
        g_autoptr(Error) error = NULL;
        int fd = -1;
        assert_false(staging_open(staging, names[i], EXISTS_NUMBER, &fd, &error));
        assert_int_equal(error->kind, ERROR_CONFIG);
    }
    char *outside = check_mkdir();
    assert_int_equal(symlink(outside, link), 0);
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    int fd = -1;
    assert_false(staging_open(staging, "link/a.jpg", EXISTS_NUMBER, &fd, &error));
    assert_int_equal(check_entries(outside), 0);
    check_rmdir(outside);
}

static void a_name_that_is_none_for_a_picture_is_refused_before_anything_is_made(void **state)
{
    const Bench *bench = *state;
    g_autofree char *stem = g_strnfill(NAME_MAX - 4, 'n'), *deep = g_strnfill(PATH_MAX, '/');
    g_autofree char *longest = g_strconcat(stem, ".jpg", NULL);
    g_autofree char *longer = g_strconcat("new/n", longest, NULL);
    g_autoptr(GString) levels = g_string_new(NULL);
    g_autoptr(Staging) staging = staging_of(bench);

    for (size_t i = 0; i < PATH_MAX; i += 2)
        deep[i] = 'd';
    for (size_t i = 0; i < 70; i++)
        g_string_append(levels, "d/");
    g_string_append(levels, "a.jpg");
    const char *const names[] = { longer,       deep,        levels->str, "page.html",
                                  "script.svg", ".htaccess", "jpg" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Error) error = NULL;
        int fd = -1;
        assert_false(staging_open(staging, names[i], EXISTS_NUMBER, &fd, &error));
        assert_int_equal(error->kind, ERROR_CONFIG);
    }
    assert_int_equal(check_entries(bench->dir), 0);
    put(staging, longest, EXISTS_NUMBER, "x");
    publish(staging);
    assert_text(bench, longest, "x");
}

static void two_outputs_of_one_name_are_an_error(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    int fd = -1;

    put(staging, "a.jpg", EXISTS_NUMBER, "one");
    assert_false(staging_open(staging, "a.jpg", EXISTS_NUMBER, &fd, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
}

static void there_are_as_many_outputs_as_the_folder_allows(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;
    int fd = -1;

    bench->folder.limits.max_outputs = 2;
    g_autoptr(Staging) staging = staging_of(bench);
    put(staging, "a.jpg", EXISTS_NUMBER, "hello");
    put(staging, "b.jpg", EXISTS_NUMBER, "hello");
    assert_false(staging_open(staging, "c.jpg", EXISTS_NUMBER, &fd, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_string_equal(error->what, "the picture has more outputs than max_outputs = 2 allows");
}

static void outputs_are_as_large_together_as_the_folder_allows(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    bench->folder.limits.max_output_bytes = 10;
    g_autoptr(Staging) staging = staging_of(bench);
    put(staging, "a.jpg", EXISTS_NUMBER, "hello");
    put(staging, "b.jpg", EXISTS_NUMBER, "hello");
    assert_true(staging_within_limits(staging, &error));
    put(staging, "c.jpg", EXISTS_NUMBER, "!");
    assert_false(publish_outputs(staging, &error));
    assert_int_equal(error->kind, ERROR_PICTURE);
    assert_string_equal(error->what, "the outputs have 11B, more than max_output_bytes = 10B "
                                     "allows");
    assert_int_equal(check_entries(bench->dir), 0);
}

static void directories_are_made_and_names_may_be_any_bytes(void **state)
{
    const Bench *bench = *state;
    const char name[] = {
        '2', '/', 'a', '\n', '\xff', '\xe2', '\x80', '\xae', '.', 'j', 'p', 'g', 0
    }; /* right to left */

    make(bench, name, EXISTS_NUMBER, "ours");
    assert_text(bench, name, "ours");
}

static void a_missing_output_directory_is_the_environments_fault(void **state)
{
    Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    int fd = -1;

    assert_int_equal(g_rmdir(bench->dir), 0);
    assert_false(staging_open(staging, "a.jpg", EXISTS_NUMBER, &fd, &error));
    assert_int_equal(error->kind, ERROR_ENVIRONMENT);
    assert_int_equal(g_mkdir(bench->dir, 0755), 0);
}

static void a_worker_that_wrote_nothing_publishes_nothing(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;

    put(staging, "a.jpg", EXISTS_NUMBER, "");
    assert_false(publish_outputs(staging, &error));
    assert_int_equal(error->kind, ERROR_INTERNAL);
    assert_int_equal(check_entries(bench->dir), 0);
}

/* What the ledger says of a job's outputs. */
static GArray *recorded(const Bench *bench)
{
    g_autoptr(Error) error = NULL;
    GArray *outputs = NULL;

    assert_ok(ledger_read_outputs(bench->ledger, bench->row.id, &outputs, &error), error);
    return outputs;
}

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
    assert_ok(database_execute(bench->ledger->db,
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

/* Whatever happens to be there: it was not made by this attempt. */
static void a_hidden_name_belongs_to_one_attempt(void **state)
{
    Bench *bench = *state;
    g_autofree char *first = NULL, *second = NULL;

    for (char **name = &first; name; name = name == &first ? &second : NULL) {
        make(bench, "a.jpg", EXISTS_NUMBER, "ours");
        g_autoptr(GArray) outputs = recorded(bench);
        *name = g_strdup(g_array_index(outputs, LedgerOutput, 0).hidden);
        bench->row.attempt++;
        bench->provenance.content[0]++;
    }
    assert_string_not_equal(first, second);
}

static void a_published_output_has_the_mode_it_was_made_with_whatever_its_worker_did(void **state)
{
    Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    struct stat st;
    int fd = -1;

    mode_t mask = umask(027);
    assert_ok(staging_open(staging, "a.jpg", EXISTS_NUMBER, &fd, &error), error);
    umask(mask);
    assert_int_equal(write(fd, "ours", 4), 4);
    assert_int_equal(fchmod(fd, 0777), 0);
    assert_int_equal(close(fd), 0);
    publish(staging);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
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

static void a_dry_run_makes_nothing_and_knows_the_names(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Staging) staging =
        staging_new(&bench->folder, &bench->row, &bench->provenance, bench->ledger, true);

    assert_false(put(staging, "x/a.jpg", EXISTS_NUMBER, "ours"));
    assert_false(put(staging, "b.jpg", EXISTS_NUMBER, "ours"));
    g_autofree char *names = staging_names(staging);
    assert_string_equal(names, "x/a.jpg, b.jpg");
    assert_int_equal(check_entries(bench->dir), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_seen_before_all_of_it_is_published),
        TEST(an_attempt_that_is_given_up_leaves_nothing),
        TEST(a_name_that_is_taken_gets_a_number),
        TEST(a_name_that_is_taken_at_the_last_moment_gets_a_number_too),
        TEST(skip_leaves_what_is_there),
        TEST(skip_takes_no_directory_for_an_output),
        TEST(replace_takes_only_the_place_of_an_output_of_the_same_source),
        TEST(the_very_output_that_is_there_already_is_not_made_again),
        TEST(a_picture_that_got_a_number_keeps_it_when_it_comes_again),
        TEST(a_file_put_where_our_output_was_is_not_replaced),
        TEST(no_name_leads_out_of_the_output_directory),
        TEST(a_name_that_is_none_for_a_picture_is_refused_before_anything_is_made),
        TEST(two_outputs_of_one_name_are_an_error),
        TEST(there_are_as_many_outputs_as_the_folder_allows),
        TEST(outputs_are_as_large_together_as_the_folder_allows),
        TEST(directories_are_made_and_names_may_be_any_bytes),
        TEST(a_missing_output_directory_is_the_environments_fault),
        TEST(a_worker_that_wrote_nothing_publishes_nothing),
        TEST(a_crash_between_two_links_is_rolled_forward),
        TEST(an_output_that_a_program_took_away_is_not_made_again),
        TEST(an_output_whose_publication_may_be_recorded_stays_where_the_ledger_finds_it),
        TEST(an_output_whose_name_another_file_took_after_it_is_not_made_again),
        TEST(an_output_that_nothing_proves_to_have_been_placed_is_made_again),
        TEST(a_hidden_name_belongs_to_one_attempt),
        TEST(a_published_output_has_the_mode_it_was_made_with_whatever_its_worker_did),
        TEST(hidden_files_of_a_broken_attempt_are_swept),
        TEST(a_dry_run_makes_nothing_and_knows_the_names),
    };

    return cmocka_run_group_tests_name("staging", tests, NULL, NULL);
}
