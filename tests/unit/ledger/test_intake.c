/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one door, with the real ledger behind it: what is known, put off, and forgotten. */
#include <fcntl.h>

#include "daemon/ledger/intake.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/check.h"
#include "tests/unit/take.h"

enum { ANY_AGE = -1000 }; /* ms: whatever ended up to now is old enough */
enum { HOUR_MS = 3600 * 1000 };

typedef struct Bench {
    char *dir;
    Folder folder;
    Ledger *ledger;
    Intake *intake;
    int added; /* how often there was new work */
} Bench;

static void added(void *user)
{
    Bench *bench = user;

    bench->added++;
}

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);
    g_autoptr(Error) error = NULL;

    bench->dir = check_mkdir();
    bench->folder = (Folder){ .name = (char *) (uintptr_t) "inbox",
                              .path = g_build_filename(bench->dir, "in", NULL) };
    assert_ok(ledger_open(NULL, &bench->ledger, &error), error);
    bench->intake = intake_new(bench->ledger, added, bench);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    intake_free(bench->intake);
    ledger_close(bench->ledger);
    g_free(bench->folder.path);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

static FileId id_of(const Bench *bench, const char *name)
{
    g_autofree char *path = g_build_filename(bench->folder.path, name, NULL);
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return fileid_of(&st);
}

/* Writes the file and offers it; whether it could be flushed. */
static bool offer(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(bench->folder.path, name, NULL);
    g_autoptr(Error) error = NULL;

    check_write(bench->folder.path, name, text);
    FileId id = id_of(bench, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_ok(intake_offer(bench->intake, &bench->folder, name, fd, &id, &error), error);
    close(fd);
    bool flushed = intake_flush(bench->intake, &error);
    assert_true(flushed || error->kind == ERROR_TRANSIENT);
    return flushed;
}

static LedgerRow row_of(const Bench *bench, const char *name)
{
    g_autoptr(Error) error = NULL;
    g_auto(LedgerRow) row = { 0 };
    bool found = false;

    assert_ok(ledger_find(bench->ledger, "inbox", name, &row, &found, &error), error);
    LedgerRow copy = row;
    copy.folder = copy.source = NULL;
    copy.id = found ? row.id : 0;
    return copy;
}

/* Taken, without its texts. */
static LedgerRow taken(const Bench *bench, const char *name)
{
    LedgerRow row = take_source(bench->ledger, "inbox", name);

    ledger_row_clear(&row);
    return row;
}

static LedgerRow claimed(const Bench *bench, const char *name)
{
    LedgerRow row = taken(bench, name);
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_begin(bench->ledger, &row, NULL, &error), error);
    return row;
}

/* A user renames it; whether the new name could be offered. */
static bool rename_it(const Bench *bench, const char *old, const char *name)
{
    g_autofree char *from = g_build_filename(bench->folder.path, old, NULL);
    g_autofree char *to = g_build_filename(bench->folder.path, name, NULL);
    g_autoptr(Error) error = NULL;

    assert_int_equal(rename(from, to), 0);
    FileId id = id_of(bench, name);
    int fd = open(to, O_RDONLY | O_CLOEXEC);
    bool ok = intake_offer(bench->intake, &bench->folder, name, fd, &id, &error);
    close(fd);
    assert_true(ok || error->kind == ERROR_TRANSIENT);
    assert_ok(intake_flush(bench->intake, &error), error);
    return ok;
}

/* As a picture whose original is kept. */
static void finish(const Bench *bench, const char *name)
{
    g_autoptr(Error) error = NULL;
    LedgerRow row = claimed(bench, name);

    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_STAYS, false, &error), error);
}

static void mark_absent(const Bench *bench)
{
    g_autoptr(Error) error = NULL;

    assert_ok(intake_mark_absent(bench->intake, &bench->folder, ANY_AGE, &error), error);
}

static void what_replaces_a_picture_between_offer_and_flush_is_kept_for_the_next(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = NULL;

    assert_true(offer(bench, "a.jpg", "first"));
    check_write(bench->folder.path, "a.jpg", "the second");
    FileId id = id_of(bench, "a.jpg");
    assert_ok(intake_offer(bench->intake, &bench->folder, "a.jpg", -1, &id, &error), error);
    LedgerRow row = claimed(bench, "a.jpg"); /* a worker was quicker than the flush */
    assert_false(intake_flush(bench->intake, &why));
    assert_int_equal(why->kind, ERROR_TRANSIENT);
    assert_ok(ledger_forget(bench->ledger, &row, &error), error); /* it saw the change */
    assert_ok(intake_flush(bench->intake, &error), error);
    LedgerRow again = row_of(bench, "a.jpg");
    assert_true(again.id != 0 && again.id != row.id);
    assert_true(fileid_same(&again.file, &id));
}

static void kept_pictures_that_were_deleted_become_history_and_no_others(void **state)
{
    const Bench *bench = *state;
    g_autofree char *gone = g_build_filename(bench->folder.path, "gone.jpg", NULL);

    for (const char *const *name = (const char *const[]){ "gone.jpg", "here.jpg", NULL }; *name;
         name++) {
        assert_true(offer(bench, *name, *name));
        finish(bench, *name);
    }
    assert_true(offer(bench, "waiting.jpg", "waiting"));
    assert_int_equal(unlink(gone), 0);
    mark_absent(bench);
    assert_int_equal(row_of(bench, "gone.jpg").id, 0);
    assert_true(row_of(bench, "here.jpg").id != 0);
    assert_true(row_of(bench, "waiting.jpg").id != 0);
}

static void a_folder_that_is_unavailable_has_lost_nothing(void **state)
{
    const Bench *bench = *state;
    g_autofree char *elsewhere = g_build_filename(bench->dir, "elsewhere", NULL);

    assert_true(offer(bench, "a.jpg", "a"));
    finish(bench, "a.jpg");
    assert_int_equal(rename(bench->folder.path, elsewhere), 0);
    mark_absent(bench);
    assert_int_equal(rename(elsewhere, bench->folder.path), 0);
    assert_true(row_of(bench, "a.jpg").id != 0);
}

static void a_file_that_a_job_made_is_known_by_the_ledger_alone(void **state)
{
    const Bench *bench = *state;
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(LedgerOutput));
    g_autoptr(Error) error = NULL;

    assert_true(offer(bench, "a.jpg", "a"));
    check_write(bench->folder.path, "made.jpg", "made");
    LedgerOutput output = { .path = (char *) (uintptr_t) "made.jpg",
                            .file = id_of(bench, "made.jpg") };
    g_array_append_val(outputs, output);
    LedgerRow row = claimed(bench, "a.jpg");
    assert_ok(ledger_publish(bench->ledger, &row, outputs, NULL, &error), error);
    assert_true(intake_is_output(bench->intake, &output.file));
    FileId other = id_of(bench, "a.jpg");
    assert_false(intake_is_output(bench->intake, &other));
}

static void a_picture_that_is_renamed_in_progress_waits_until_its_job_has_ended(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    assert_true(offer(bench, "a.jpg", "a"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_false(rename_it(bench, "a.jpg", "b.jpg"));
    assert_int_equal(row_of(bench, "b.jpg").id, 0);
    assert_ok(ledger_forget(bench->ledger, &row, &error), error); /* it made nothing */
    assert_true(rename_it(bench, "b.jpg", "c.jpg"));
    assert_int_equal(row_of(bench, "c.jpg").state, LEDGER_QUEUED);
}

static void an_original_that_could_not_move_is_tried_again_when_it_is_renamed(void **state)
{
    Bench *bench = *state;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(LedgerRow));
    g_autoptr(Error) error = NULL;

    g_array_set_clear_func(rows, (GDestroyNotify) ledger_row_clear);
    assert_true(offer(bench, "a.jpg", "a"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_ok(unmoved_keep(bench->ledger, &row, "", false, NULL, HOUR_MS, &error), error);
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_STAYS, false, &error), error);
    bench->added = 0;
    assert_true(rename_it(bench, "a.jpg", "b.jpg"));
    assert_int_equal(bench->added, 1);
    assert_ok(unmoved_take(bench->ledger, "inbox", 2, rows, &error), error);
    assert_int_equal(rows->len, 1);
}

static void an_original_that_was_renamed_before_it_moved_is_moved_and_not_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL, why = NULL;

    error_set(&why, ERROR_PICTURE, NULL, "for a test");
    assert_true(offer(bench, "done.jpg", "d") && offer(bench, "failed.jpg", "f"));
    LedgerRow done = claimed(bench, "done.jpg"), failed = claimed(bench, "failed.jpg");
    assert_ok(ledger_done(bench->ledger, &done, ORIGINAL_MISSING, false, &error), error);
    assert_ok(ledger_fail(bench->ledger, &failed, ORIGINAL_MISSING, why, &error), error);
    assert_true(rename_it(bench, "done.jpg", "x.jpg") && rename_it(bench, "failed.jpg", "y.jpg"));
    LedgerRow x = row_of(bench, "x.jpg"), y = row_of(bench, "y.jpg");
    assert_true(x.id == done.id && x.state == LEDGER_PUBLISHING && x.missing);
    assert_true(y.id == failed.id && y.state == LEDGER_FAILING && y.missing);
    x = taken(bench, "x.jpg");
    assert_ok(ledger_done(bench->ledger, &x, ORIGINAL_MOVED, false, &error), error);
    assert_true(rename_it(bench, "x.jpg", "again.jpg")); /* it was taken from done/ again */
    assert_int_equal(row_of(bench, "again.jpg").state, LEDGER_QUEUED);
}

static void a_finished_picture_that_stays_is_known_by_its_new_name(void **state)
{
    const Bench *bench = *state;

    assert_true(offer(bench, "a.jpg", "a") && offer(bench, "old.jpg", "old"));
    finish(bench, "a.jpg");
    LedgerRow row = row_of(bench, "a.jpg");
    assert_true(rename_it(bench, "a.jpg", "old.jpg")); /* over one that waits */
    assert_int_equal(row_of(bench, "a.jpg").id, 0);
    LedgerRow now = row_of(bench, "old.jpg");
    assert_true(now.id == row.id && now.state == LEDGER_DONE);
}

static void an_original_that_comes_back_to_its_name_is_moved_and_not_made_again(void **state)
{
    const Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    assert_true(offer(bench, "a.jpg", "a"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MISSING, false, &error), error);
    assert_true(rename_it(bench, "a.jpg", "a.jpg"));
    LedgerRow now = row_of(bench, "a.jpg");
    assert_true(now.id == row.id && now.state == LEDGER_PUBLISHING && now.missing);
}

/* One after the other gets the name of another one that was finished, too. */
static void finished_pictures_that_exchange_their_names_are_both_known(void **state)
{
    const Bench *bench = *state;
    g_autofree char *a = g_build_filename(bench->folder.path, "a.jpg", NULL);
    g_autofree char *aside = g_build_filename(bench->folder.path, "aside", NULL);

    assert_true(offer(bench, "a.jpg", "first") && offer(bench, "b.jpg", "second"));
    finish(bench, "a.jpg");
    finish(bench, "b.jpg");
    LedgerRow first = row_of(bench, "a.jpg"), second = row_of(bench, "b.jpg");
    assert_int_equal(rename(a, aside), 0);
    assert_true(rename_it(bench, "b.jpg", "a.jpg") && rename_it(bench, "aside", "b.jpg"));
    assert_int_equal(row_of(bench, "a.jpg").id, second.id);
    assert_int_equal(row_of(bench, "b.jpg").id, first.id);
}

/* Whether that name is offered while the job of the first one runs, or after it. */
static void a_hard_link_and_a_copy_are_pictures_of_their_own(void **state)
{
    const Bench *bench = *state;
    g_autofree char *from = g_build_filename(bench->folder.path, "a.jpg", NULL);
    g_autofree char *in = g_build_filename(bench->folder.path, "link.jpg", NULL);
    g_autofree char *after = g_build_filename(bench->folder.path, "later.jpg", NULL);

    assert_true(offer(bench, "a.jpg", "a"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_int_equal(link(from, in) | link(from, after), 0);
    assert_true(rename_it(bench, "link.jpg", "second.jpg"));
    g_autoptr(Error) error = NULL;
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    assert_int_equal(unlink(from), 0);
    assert_true(rename_it(bench, "later.jpg", "third.jpg"));
    assert_true(offer(bench, "copy.jpg", "a"));
    for (const char *const *name =
             (const char *const[]){ "second.jpg", "third.jpg", "copy.jpg", NULL };
         *name; name++)
        assert_int_equal(row_of(bench, *name).state, LEDGER_QUEUED);
}

/* ---- shots ---- */

static IntakePart offer_part(const Bench *bench, const char *name)
{
    g_autoptr(Error) error = NULL;
    IntakePart part = INTAKE_PART_ALONE;

    check_write(bench->folder.path, name, "part");
    FileId id = id_of(bench, name);
    assert_ok(
        intake_offer_part(bench->intake, &bench->folder, name, shot_kind(name), &id, &part, &error),
        error);
    return part;
}

static void a_shot_is_known_by_any_of_its_names(void **state)
{
    const Bench *bench = *state;
    g_auto(IntakeShot) before = { 0 }, after = { 0 };
    g_autoptr(Error) error = NULL;

    assert_int_equal(offer_part(bench, "IMG_1.NEF"), INTAKE_PART_ALONE);
    assert_ok(intake_shot(bench->intake, &bench->folder, "img_1.jpg", &before, &error), error);
    assert_false(before.known);
    assert_true(before.raw);
    assert_false(before.sidecar);
    assert_true(offer(bench, "IMG_1.JPG", "picture"));
    assert_int_equal(offer_part(bench, "IMG_1.NEF.xmp"), INTAKE_PART_WAITS);
    assert_ok(intake_shot(bench->intake, &bench->folder, "IMG_1.NEF", &after, &error), error);
    assert_true(after.known && !after.finished && after.raw && after.sidecar);
    assert_string_equal(after.picture, "IMG_1.JPG");
}

static void a_late_part_is_new_work(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    assert_true(offer(bench, "a.jpg", "picture"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    int added_before = bench->added;
    assert_int_equal(offer_part(bench, "a.nef"), INTAKE_PART_IS_LATE);
    assert_int_equal(bench->added, added_before + 1);
    g_auto(IntakeShot) shot = { 0 };
    assert_ok(intake_shot(bench->intake, &bench->folder, "a.nef", &shot, &error), error);
    assert_true(shot.known && shot.finished && !shot.raw);
}

static bool knows_part(const Bench *bench, const char *name)
{
    FileId id = id_of(bench, name);

    return intake_knows_part(bench->intake, &bench->folder, name, &id);
}

static void a_part_that_is_held_is_of_no_picture_that_has_ended(void **state)
{
    Bench *bench = *state;
    g_autoptr(Error) error = NULL;

    assert_true(offer(bench, "a.jpg", "picture"));
    LedgerRow row = claimed(bench, "a.jpg");
    assert_ok(ledger_done(bench->ledger, &row, ORIGINAL_MOVED, false, &error), error);
    check_write(bench->folder.path, "a.xmp", "part");
    FileId id = id_of(bench, "a.xmp");
    assert_ok(intake_hold_part(bench->intake, &bench->folder, "a.xmp", SHOT_XMP, &id, &error),
              error);
    g_auto(IntakeShot) held = { 0 };
    assert_ok(intake_shot(bench->intake, &bench->folder, "a.xmp", &held, &error), error);
    assert_true(held.sidecar);
    assert_false(knows_part(bench, "a.xmp"));
    assert_int_equal(offer_part(bench, "a.nef"), INTAKE_PART_IS_LATE);
    assert_true(knows_part(bench, "a.nef"));
    check_write(bench->folder.path, "a.nef", "another one");
    assert_false(knows_part(bench, "a.nef"));
    assert_false(knows_part(bench, "a.jpg"));
}

static void a_part_without_a_picture_is_forgotten_when_it_is_gone(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->folder.path, "a.nef", NULL);
    g_auto(IntakeShot) there = { 0 }, gone = { 0 };
    g_autoptr(Error) error = NULL;

    offer_part(bench, "a.nef");
    offer_part(bench, "b.nef");
    assert_int_equal(unlink(path), 0);
    assert_ok(intake_mark_absent(bench->intake, &bench->folder, ANY_AGE, &error), error);
    assert_ok(intake_shot(bench->intake, &bench->folder, "a.nef", &gone, &error), error);
    assert_ok(intake_shot(bench->intake, &bench->folder, "b.nef", &there, &error), error);
    assert_false(gone.raw);
    assert_true(there.raw);
    intake_forget_part(bench->intake, &bench->folder, "b.nef");
    assert_ok(intake_shot(bench->intake, &bench->folder, "b.nef", &gone, &error), error);
    assert_false(gone.raw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_replaces_a_picture_between_offer_and_flush_is_kept_for_the_next),
        TEST(kept_pictures_that_were_deleted_become_history_and_no_others),
        TEST(a_folder_that_is_unavailable_has_lost_nothing),
        TEST(a_picture_that_is_renamed_in_progress_waits_until_its_job_has_ended),
        TEST(an_original_that_could_not_move_is_tried_again_when_it_is_renamed),
        TEST(an_original_that_was_renamed_before_it_moved_is_moved_and_not_made_again),
        TEST(a_finished_picture_that_stays_is_known_by_its_new_name),
        TEST(an_original_that_comes_back_to_its_name_is_moved_and_not_made_again),
        TEST(finished_pictures_that_exchange_their_names_are_both_known),
        TEST(a_hard_link_and_a_copy_are_pictures_of_their_own),
        TEST(a_file_that_a_job_made_is_known_by_the_ledger_alone),
        TEST(a_shot_is_known_by_any_of_its_names),
        TEST(a_late_part_is_new_work),
        TEST(a_part_that_is_held_is_of_no_picture_that_has_ended),
        TEST(a_part_without_a_picture_is_forgotten_when_it_is_gone),
    };

    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
