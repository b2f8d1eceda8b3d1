/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A picture is undone: its outputs are in the trash, its original is back, and nothing is made of
 * it; or nothing was moved, and the error names the file. */
#include "tests/unit/jobs/undo_bench.h"
#include "tests/unit/take.h"

static const Save one[] = { { "beach.jpg", EXISTS_NUMBER }, { 0 } };
static const Save two[] = { { "beach.jpg", EXISTS_NUMBER },
                            { "web/beach.png", EXISTS_NUMBER },
                            { 0 } };
static const Save replaced[] = { { "beach.jpg", EXISTS_REPLACE }, { 0 } };
static const Save none[] = { { 0 } };

static bool exists_in(const char *dir, const char *name)
{
    return check_exists(dir, name);
}

static void assert_text(const char *dir, const char *name, const char *text)
{
    g_autofree char *there = check_read(dir, name);

    assert_non_null(there);
    assert_string_equal(there, text);
}

static void an_undone_picture_is_where_it_was_and_its_outputs_are_in_trash(void **state)
{
    UndoBench *bench = *state;

    have_no_trash(bench);
    do_picture(bench, "trip/beach.jpg", "picture", two);
    assert_true(exists_in(bench->in, "done/trip/beach.jpg"));
    assert_null(undo_it(bench, "trip/beach.jpg"));
    assert_text(bench->in, "trip/beach.jpg", "picture");
    assert_false(exists_in(bench->in, "done/trip/beach.jpg"));
    assert_false(exists_in(bench->out, "beach.jpg"));
    assert_text(bench->out, "trash/beach.jpg", "beach.jpg of picture");
    assert_text(bench->out, "trash/web/beach.png", "web/beach.png of picture");
    assert_int_equal(state_of(bench, "trip/beach.jpg"), LEDGER_CANCELLED);
}

static void nothing_new_is_made_of_it_and_people_see_who_undid_it(void **state)
{
    UndoBench *bench = *state;
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    do_picture(bench, "beach.jpg", "picture", two);
    assert_null(undo_it(bench, "beach.jpg"));
    assert_false(is_new_work(bench, "beach.jpg"));
    assert_ok(ledger_history(bench->ledger, "inbox", "beach.jpg", 9, entries, &error), error);
    assert_int_equal(entries->len, 1);
    const LedgerEntry *entry = &g_array_index(entries, LedgerEntry, 0);
    assert_string_equal(entry->cancelled_by, "ann");
    assert_int_equal(entry->cancelled_why, CANCEL_UNDONE);
    assert_true(entry->present);
    close_ledger(bench);
    open_ledger(bench);
    assert_false(is_new_work(bench, "beach.jpg"));
    check_write(bench->in, "beach.jpg", "a new picture");
    assert_true(is_new_work(bench, "beach.jpg"));
}

static void a_touch_changes_nothing_and_another_copy_is_a_new_picture(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "beach.jpg", NULL);
    g_autofree char *other = g_build_filename(bench->in, "other", NULL);

    do_picture(bench, "beach.jpg", "picture", one);
    assert_null(undo_it(bench, "beach.jpg"));
    assert_int_equal(utimensat(AT_FDCWD, path, NULL, 0), 0);
    assert_false(is_new_work(bench, "beach.jpg"));
    check_write(bench->in, "other", "picture"); /* while the first one has its number */
    assert_int_equal(rename(other, path), 0);
    assert_true(is_new_work(bench, "beach.jpg"));
}

static void one_that_was_kept_stays_where_it_is(void **state)
{
    UndoBench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    do_picture(bench, "beach.jpg", "picture", one);
    assert_null(undo_it(bench, "beach.jpg"));
    assert_text(bench->in, "beach.jpg", "picture");
    assert_false(exists_in(bench->out, "beach.jpg"));
    assert_false(is_new_work(bench, "beach.jpg"));
}

static void one_comes_back_from_the_trash(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *info = g_strdup_printf("%s/.Trash-%u/info", bench->dir, geteuid());

    bench->folder.originals = ORIGINALS_TRASH;
    if (!bench->mounted)
        skip(); /* the trash of a mount of our own needs root */
    do_picture(bench, "beach.jpg", "picture", one);
    assert_false(exists_in(bench->in, "beach.jpg"));
    assert_null(undo_it(bench, "beach.jpg"));
    assert_text(bench->in, "beach.jpg", "picture");
    assert_false(exists_in(bench->out, "beach.jpg"));
    assert_int_equal(check_entries(info), 1); /* of the output */
}

static void one_without_outputs_comes_back_too(void **state)
{
    UndoBench *bench = *state;

    do_picture(bench, "beach.jpg", "picture", none);
    assert_null(undo_it(bench, "beach.jpg"));
    assert_text(bench->in, "beach.jpg", "picture");
}

static void one_that_is_processed_once_more_can_be_undone_once_more(void **state)
{
    UndoBench *bench = *state;

    do_picture(bench, "beach.jpg", "picture", one);
    assert_null(undo_it(bench, "beach.jpg"));
    do_picture(bench, "beach.jpg", "better", one);
    assert_null(undo_it(bench, "beach.jpg"));
    assert_text(bench->in, "beach.jpg", "better");
    assert_false(exists_in(bench->out, "beach.jpg"));
}

/* What is refused: the file is named, and nothing is moved. */

static void assert_refused(UndoBench *bench, const char *what)
{
    g_autoptr(Error) error = undo_it(bench, "beach.jpg");

    assert_non_null(error);
    g_autofree char *text = error_text(error);
    if (!strstr(text, what))
        print_error("%s\n", text);
    assert_non_null(strstr(text, what));
    assert_int_equal(state_of(bench, "beach.jpg"), LEDGER_DONE);
    assert_false(exists_in(bench->out, "trash"));
}

static void one_whose_output_was_changed_stays_done(void **state)
{
    UndoBench *bench = *state;

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", two);
    check_write(bench->out, "web/beach.png", "edited");
    assert_refused(bench, "/out/web/beach.png' was changed, renamed or removed");
    assert_text(bench->out, "beach.jpg", "beach.jpg of picture");
    assert_text(bench->in, "done/beach.jpg", "picture");
}

static void one_whose_output_was_removed_stays_done(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *output = g_build_filename(bench->out, "beach.jpg", NULL);

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", two);
    assert_int_equal(unlink(output), 0);
    assert_refused(bench, "/out/beach.jpg' was changed, renamed or removed");
}

static void one_whose_output_was_removed_with_its_directory_stays_done(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *web = g_build_filename(bench->out, "web", NULL);
    g_autofree char *output = g_build_filename(web, "beach.png", NULL);

    bench->folder.output_links = true;
    do_picture(bench, "beach.jpg", "picture", two);
    assert_int_equal(unlink(output) | rmdir(web), 0);
    assert_refused(bench, "/out/web/beach.png' was changed, renamed or removed");
    assert_text(bench->out, "beach.jpg", "beach.jpg of picture");
}

static void one_whose_original_was_changed_stays_done(void **state)
{
    UndoBench *bench = *state;

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", one);
    check_write(bench->in, "done/beach.jpg", "edited");
    assert_refused(bench, "/in/beach.jpg' as it was processed is no longer in done/");
    assert_text(bench->out, "beach.jpg", "beach.jpg of picture");
}

static void one_whose_name_has_a_new_file_stays_done(void **state)
{
    UndoBench *bench = *state;

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", one);
    check_write(bench->in, "beach.jpg", "a new one");
    assert_refused(bench, "/in/beach.jpg' now");
    assert_text(bench->in, "beach.jpg", "a new one");
}

static void one_whose_trash_was_emptied_stays_done(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *trash = g_strdup_printf("%s/trash", bench->in);

    have_no_trash(bench);
    bench->folder.originals = ORIGINALS_TRASH;
    if (!bench->mounted)
        skip(); /* else it may lie in the trash of the machine */
    do_picture(bench, "beach.jpg", "picture", one);
    check_rmdir(g_steal_pointer(&trash));
    assert_refused(bench, "/in/beach.jpg' as it was processed is no longer in done/ or trash/");
}

static void one_whose_output_a_program_writes_stays_done(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *output = g_build_filename(bench->out, "beach.jpg", NULL);

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", one);
    int fd = open(output, O_WRONLY | O_CLOEXEC);
    assert_refused(bench, "/out/beach.jpg' open for writing");
    close(fd);
    assert_null(undo_it(bench, "beach.jpg"));
}

static void one_whose_output_a_later_picture_replaced_names_that_one(void **state)
{
    UndoBench *bench = *state;

    do_picture(bench, "beach.jpg", "picture", replaced);
    g_auto(LedgerRow) first = row_of(bench, "beach.jpg");
    do_picture(bench, "beach.jpg", "better", replaced);
    g_autoptr(Error) error = NULL;
    int outputs = 0;
    assert_false(undoer_undo(bench->undoer, &bench->folder, &first, "ann", &outputs, &error));
    assert_non_null(strstr(error->what, "/out/beach.jpg' was made of a later picture: beach.jpg"));
    assert_text(bench->out, "beach.jpg", "beach.jpg of better");
    assert_null(undo_it(bench, "beach.jpg")); /* the later one; what it replaced is gone */
    assert_false(exists_in(bench->out, "beach.jpg"));
}

/* The next folder of a chain takes the output: of one that waits there nothing was made. */
static void one_whose_output_became_a_picture_names_that_one(void **state)
{
    UndoBench *bench = *state;
    g_autofree char *output = g_build_filename(bench->out, "beach.jpg", NULL);
    g_autoptr(Error) error = NULL;
    struct stat st;

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", one);
    assert_int_equal(stat(output, &st), 0);
    LedgerOffer offer = {
        (char *) (uintptr_t) "next", (char *) (uintptr_t) "beach.jpg", fileid_of(&st), false, { 0 }
    };
    assert_ok(ledger_add(bench->ledger, &offer, 1, NULL, &error), error);
    g_auto(LedgerRow) next = begin_source(bench->ledger, "next", "beach.jpg");
    assert_refused(bench, "the folder 'next' has made a picture of '");
    assert_ok(ledger_done(bench->ledger, &next, ORIGINAL_STAYS, false, &error), error);
    assert_refused(bench, "/out/beach.jpg': beach.jpg; undo that picture first");
    g_auto(LedgerRow) now = { 0 };
    bool found = false;
    assert_ok(ledger_find(bench->ledger, "next", "beach.jpg", &now, &found, &error), error);
    g_autoptr(GArray) moves = undo_moves_new();
    assert_ok(undo_begin(bench->ledger, &now, "ann", moves, &error) &&
                  undo_finish(bench->ledger, now.id, &now.file, &error),
              error);
    assert_null(undo_it(bench, "beach.jpg"));
}

static void one_that_is_not_done_is_not_undone(void **state)
{
    UndoBench *bench = *state;

    do_picture(bench, "beach.jpg", "picture", one);
    assert_null(undo_it(bench, "beach.jpg"));
    g_autoptr(Error) error = undo_it(bench, "beach.jpg");
    assert_non_null(error);
    assert_text(bench->in, "beach.jpg", "picture");
}

/* A disk that fails between the moves. */

static void what_was_moved_goes_back_where_a_move_fails(void **state)
{
    UndoBench *bench = *state;

    have_no_trash(bench);
    do_picture(bench, "beach.jpg", "picture", two);
    check_write(bench->out, "trash/web", "no directory");
    g_autoptr(Error) error = undo_it(bench, "beach.jpg");
    assert_non_null(error);
    assert_int_equal(state_of(bench, "beach.jpg"), LEDGER_DONE);
    assert_text(bench->in, "done/beach.jpg", "picture");
    assert_false(exists_in(bench->in, "beach.jpg"));
    assert_text(bench->out, "beach.jpg", "beach.jpg of picture");
    assert_text(bench->out, "web/beach.png", "web/beach.png of picture");
    assert_int_equal(undoer_go_on(bench->undoer), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_undo, tear_down_undo)
    const struct CMUnitTest tests[] = {
        TEST(an_undone_picture_is_where_it_was_and_its_outputs_are_in_trash),
        TEST(nothing_new_is_made_of_it_and_people_see_who_undid_it),
        TEST(a_touch_changes_nothing_and_another_copy_is_a_new_picture),
        TEST(one_that_was_kept_stays_where_it_is),
        TEST(one_comes_back_from_the_trash),
        TEST(one_without_outputs_comes_back_too),
        TEST(one_that_is_processed_once_more_can_be_undone_once_more),
        TEST(one_whose_output_was_changed_stays_done),
        TEST(one_whose_output_was_removed_stays_done),
        TEST(one_whose_output_was_removed_with_its_directory_stays_done),
        TEST(one_whose_original_was_changed_stays_done),
        TEST(one_whose_name_has_a_new_file_stays_done),
        TEST(one_whose_trash_was_emptied_stays_done),
        TEST(one_whose_output_a_program_writes_stays_done),
        TEST(one_whose_output_a_later_picture_replaced_names_that_one),
        TEST(one_whose_output_became_a_picture_names_that_one),
        TEST(one_that_is_not_done_is_not_undone),
        TEST(what_was_moved_goes_back_where_a_move_fails),
    };

    return cmocka_run_group_tests_name("undoing", tests, NULL, NULL);
}
