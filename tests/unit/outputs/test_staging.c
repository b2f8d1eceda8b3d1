/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Outputs: nothing half, nothing over anything, nothing outside. */
#include <sys/xattr.h>

#include "daemon/outputs/publish.h"
#include "daemon/outputs/recover.h"
#include "tests/unit/outputs/bench.h"

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

/* Two pictures whose outputs have one name, in progress at the same time. */
static void of_two_that_skip_at_the_same_time_one_is_made_and_the_other_says_so(void **state)
{
    Bench *bench = *state;
    g_autoptr(Staging) first = staging_of(bench);
    g_autofree char *path = g_build_filename(bench->dir, "x/a.jpg", NULL);

    assert_true(put(first, "x/a.jpg", EXISTS_SKIP, "first"));
    LedgerRow row = bench->row;
    bench->row = add_job(bench, "other.jpg");
    bench->provenance.source = 77;
    g_autoptr(Staging) second = staging_of(bench);
    assert_true(put(second, "x/a.jpg", EXISTS_SKIP, "second"));
    assert_true(put(second, "x/b.jpg", EXISTS_SKIP, "second"));
    publish(first);
    publish(second);

    assert_text(bench, "x/a.jpg", "first");
    assert_text(bench, "x/b.jpg", "second");
    g_autofree char *dir = g_path_get_dirname(path);
    assert_int_equal(check_entries(dir), 2);
    g_autofree char *names = staging_names(second);
    assert_string_equal(names, "x/b.jpg");
    if (getxattr(path, "user.hotfolder", NULL, 0) >= 0)
        assert_string_equal(staging_note(second),
                            "x/a.jpg is of another picture; exists = skip keeps it");
    g_autoptr(GArray) outputs = recorded(bench);
    assert_int_equal(outputs->len, 1);
    ledger_row_clear(&row);
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
        assert_false(staging_open(staging, names[i], EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
        assert_int_equal(error->kind, ERROR_CONFIG);
    }
    char *outside = check_mkdir();
    assert_int_equal(symlink(outside, link), 0);
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    int fd = -1;
    assert_false(staging_open(staging, "link/a.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
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
        assert_false(staging_open(staging, names[i], EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
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
    assert_false(staging_open(staging, "a.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
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
    assert_false(staging_open(staging, "c.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
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
    assert_false(staging_open(staging, "a.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error));
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

/* As after an output was lost. */
static void begin_again(Bench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_requeue(bench->ledger, &bench->row, &error), error);
    assert_ok(ledger_release(bench->ledger, &bench->row, &error), error);
    ledger_row_clear(&bench->row);
    bench->row = begin_source(bench->ledger, "inbox", "a.jpg");
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
        begin_again(bench);
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
    assert_ok(staging_open(staging, "a.jpg", EXISTS_NUMBER, PROTOCOL_NOW, &fd, &error), error);
    umask(mask);
    assert_int_equal(write(fd, "ours", 4), 4);
    assert_int_equal(fchmod(fd, 0777), 0);
    assert_int_equal(close(fd), 0);
    publish(staging);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

/* ---- the time ---- */

/* Whether the output, which has this time, was to be made. */
static bool make_dated(const Bench *bench, const char *name, int64_t mtime)
{
    g_autoptr(Staging) staging = staging_of(bench);
    g_autoptr(Error) error = NULL;
    int fd = -1;

    assert_ok(staging_open(staging, name, EXISTS_NUMBER, mtime, &fd, &error), error);
    if (fd < 0)
        return false;
    assert_int_equal(write(fd, "ours", 4), 4);
    assert_int_equal(close(fd), 0);
    publish(staging);
    return true;
}

static void a_published_output_has_the_time_that_was_asked_for(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->dir, "a.jpg", NULL);
    struct stat st;

    assert_true(make_dated(bench, "a.jpg", 1500000000));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, 1500000000);
    assert_int_equal(st.st_mtim.tv_nsec, 0);
    g_autoptr(GArray) outputs = recorded(bench);
    FileId file = fileid_of(&st);
    assert_true(fileid_same(&g_array_index(outputs, LedgerOutput, 0).file, &file));
    if (getxattr(path, "user.hotfolder", NULL, 0) >= 0)
        assert_false(make_dated(bench, "a.jpg", 1500000000)); /* it is known again */
}

static void a_time_that_no_file_can_have_is_refused(void **state)
{
    const Bench *bench = *state;
    static const int64_t times[] = { PROTOCOL_TIME_MAX + 1, -PROTOCOL_TIME_MAX - 1, INT64_MAX,
                                     INT64_MIN + 1 };
    g_autoptr(Staging) staging = staging_of(bench);

    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autoptr(Error) error = NULL;
        int fd = -1;
        assert_false(staging_open(staging, "a.jpg", EXISTS_NUMBER, times[i], &fd, &error));
        assert_int_equal(error->kind, ERROR_PICTURE);
        assert_string_equal(error->what, "the output 'a.jpg' cannot have its time: it is too far "
                                         "from 1970");
        assert_int_equal(fd, -1);
    }
    assert_true(make_dated(bench, "late.jpg", PROTOCOL_TIME_MAX));
    assert_true(make_dated(bench, "early.jpg", -PROTOCOL_TIME_MAX));
    assert_int_equal(check_entries(bench->dir), 2);
}

/* ---- the note of a name that is taken ---- */

static void note_is(const Bench *bench, Exists exists, const char *note)
{
    g_autoptr(Staging) staging = staging_of(bench);

    put(staging, "x/a.jpg", exists, "ours");
    if (note)
        assert_string_equal(staging_note(staging), note);
    else
        assert_null(staging_note(staging));
    publish(staging);
}

static void a_number_beside_an_output_of_the_same_source_is_noted(void **state)
{
    Bench *bench = *state;

    note_is(bench, EXISTS_NUMBER, NULL);
    bench->provenance.content[0] = 99;
    note_is(bench, EXISTS_NUMBER,
            "x/a.jpg is of an earlier a.jpg; exists = replace takes its place");
    bench->provenance.content[0] = 98;
    note_is(bench, EXISTS_REPLACE, NULL);
    bench->provenance.profile = 5;
    note_is(bench, EXISTS_SKIP, NULL);
    bench->provenance.source = 77; /* another picture, whose name is taken */
    ledger_row_clear(&bench->row);
    bench->row = add_job(bench, "other.jpg");
    note_is(bench, EXISTS_NUMBER, NULL);
    note_is(bench, EXISTS_SKIP, "x/a.jpg is of another picture; exists = skip keeps it");
}

/* ---- a dry run ---- */

static void plans(const Bench *bench, Planned *planned, Exists exists, const char *names)
{
    g_autoptr(Staging) staging =
        staging_new(&bench->folder, &bench->row, &bench->provenance, bench->ledger, planned);

    assert_false(put(staging, "x/a.jpg", exists, "ours"));
    assert_false(put(staging, "b.jpg", exists, "ours"));
    g_autofree char *is = staging_names(staging);
    if (names)
        assert_string_equal(is, names);
    else
        assert_null(is);
}

static void a_dry_run_makes_nothing_and_knows_the_names(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Planned) planned = planned_new();

    plans(bench, planned, EXISTS_NUMBER, "x/a.jpg, b.jpg");
    plans(bench, planned, EXISTS_NUMBER, "x/a-1.jpg, b-1.jpg");
    plans(bench, planned, EXISTS_REPLACE, "x/a-2.jpg, b-2.jpg");
    plans(bench, planned, EXISTS_SKIP, NULL);
    assert_int_equal(check_entries(bench->dir), 0);
}

static void a_dry_run_gives_no_name_that_a_file_has(void **state)
{
    Bench *bench = *state;
    g_autoptr(Planned) planned = planned_new();

    check_write(bench->dir, "x/a.jpg", "somebody's");
    make(bench, "b.jpg", EXISTS_NUMBER, "ours");
    bench->provenance.content[0] = 99;
    plans(bench, planned, EXISTS_NUMBER, "x/a-1.jpg, b-1.jpg");
    plans(bench, planned, EXISTS_REPLACE, "x/a-2.jpg, b.jpg");
    plans(bench, planned, EXISTS_SKIP, NULL);
    assert_int_equal(check_entries(bench->dir), 2);
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
        TEST(of_two_that_skip_at_the_same_time_one_is_made_and_the_other_says_so),
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
        TEST(a_hidden_name_belongs_to_one_attempt),
        TEST(a_published_output_has_the_mode_it_was_made_with_whatever_its_worker_did),
        TEST(a_published_output_has_the_time_that_was_asked_for),
        TEST(a_time_that_no_file_can_have_is_refused),
        TEST(a_number_beside_an_output_of_the_same_source_is_noted),
        TEST(a_dry_run_makes_nothing_and_knows_the_names),
        TEST(a_dry_run_gives_no_name_that_a_file_has),
    };

    return cmocka_run_group_tests_name("staging", tests, NULL, NULL);
}
