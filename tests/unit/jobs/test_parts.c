/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other files of a shot go where its original goes, under one name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "daemon/files/shot.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/answers.h"
#include "daemon/ledger/intake.h"
#include "daemon/ledger/parts.h"
#include "daemon/ledger/unmoved.h"
#include "tests/unit/jobs/parts_bench.h"
#include "tests/unit/sample.h"

/* Whose move is disturbed; NULL: of none. */
static struct {
    const char *from;
    const char *path; /* it gets that file in this moment; NULL: its move fails */
} disturbed;

/* The library's own gives way to this. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): theirs are reserved */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (!g_strcmp0(from, disturbed.from) && !disturbed.path) {
        errno = EACCES;
        return -1;
    }
    if (!g_strcmp0(from, disturbed.from)) {
        assert_true(g_file_set_contents(disturbed.path, "stranger", -1, NULL));
        disturbed.from = disturbed.path = NULL;
    }
    return (int) syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static int set_up_undisturbed(void **state)
{
    disturbed.from = disturbed.path = NULL;
    return set_up_shots(state);
}

static void all_files_of_a_shot_lie_together_in_done(void **state)
{
    const Bench *bench = *state;

    drop_part(bench, "IMG_1.NEF");
    drop_part(bench, "IMG_12.NEF");
    drop_part(bench, "img_1.nef.xmp");
    run(bench, "IMG_1.JPG");
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "done/IMG_1.JPG"));
    assert_true(lies(bench, "done/IMG_1.NEF", "IMG_1.NEF"));
    assert_true(lies(bench, "done/img_1.nef.xmp", "img_1.nef.xmp"));
    assert_true(lies(bench, "IMG_12.NEF", "IMG_12.NEF"));
    assert_false(check_exists(bench->in, "IMG_1.NEF"));
}

static void a_shot_gets_the_first_number_that_is_free_for_all_of_its_files(void **state)
{
    const Bench *bench = *state;

    check_write(bench->in, "done/IMG_1.JPG", "earlier");
    check_write(bench->in, "done/IMG_1-1.NEF", "earlier");
    drop_part(bench, "IMG_1.NEF");
    drop_part(bench, "IMG_1.NEF.xmp");
    run(bench, "IMG_1.JPG");
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "done/IMG_1-2.JPG"));
    assert_true(lies(bench, "done/IMG_1-2.NEF", "IMG_1.NEF"));
    assert_true(lies(bench, "done/IMG_1-2.NEF.xmp", "IMG_1.NEF.xmp"));
}

static void a_failed_picture_takes_its_parts_to_failed(void **state)
{
    const Bench *bench = *state;

    check_write(bench->in, "failed/broken.nef", "earlier");
    drop_part(bench, "broken.nef");
    run(bench, "broken.jpg");
    check_ended(bench, 0, 1);
    assert_true(check_exists(bench->in, "failed/broken-1.jpg"));
    assert_true(lies(bench, "failed/broken-1.nef", "broken.nef"));
    report_says(bench, "broken-1.jpg", "To try again");
}

static void an_original_that_is_kept_keeps_its_parts(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_KEEP;
    drop_part(bench, "a.nef");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "a.nef", "a.nef"));
    assert_int_equal(offer_part(bench, "a.nef"), PART_IS_KNOWN);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "a.nef", "a.nef"));
}

/* The trash of a mount may lie anywhere: a file that it has is found nowhere in the folder. */
static void of_a_shot_in_the_trash_what_nothing_was_made_of_lies_in_done(void **state)
{
    Bench *bench = *state;

    bench->folder.originals = ORIGINALS_TRASH;
    drop_part(bench, "a.heic");
    drop_part(bench, "a.nef");
    drop_part(bench, "a.wav");
    drop_part(bench, "a.xmp");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "done/a.heic", "a.heic"));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
    assert_true(lies(bench, "done/a.wav", "a.wav"));
    assert_false(check_exists(bench->in, "done/a.xmp") || check_exists(bench->in, "a.xmp") ||
                 check_exists(bench->in, "a.jpg"));
}

static void a_late_part_goes_to_its_original_under_its_name(void **state)
{
    const Bench *bench = *state;

    check_write(bench->in, "done/IMG_1.JPG", "earlier");
    run(bench, "IMG_1.JPG");
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "done/IMG_1-1.JPG"));
    drop_part(bench, "IMG_1.NEF");
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/IMG_1-1.NEF", "IMG_1.NEF"));
    check_write(bench->in, "done/IMG_1-1.xmp", "stranger");
    drop_part(bench, "IMG_1.xmp");
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/IMG_1-1-1.xmp", "IMG_1.xmp"));
    check_ended(bench, 1, 0);
}

static void a_late_part_follows_the_name_that_a_user_gave_its_original(void **state)
{
    const Bench *bench = *state;
    g_autofree char *from = g_build_filename(bench->in, "done/IMG_1.JPG", NULL);
    g_autofree char *to = g_build_filename(bench->in, "done/beach.JPG", NULL);

    run(bench, "IMG_1.JPG");
    assert_int_equal(rename(from, to), 0);
    drop_part(bench, "IMG_1.NEF.xmp");
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/beach.NEF.xmp", "IMG_1.NEF.xmp"));
}

static void a_late_part_of_a_failed_picture_goes_to_failed(void **state)
{
    const Bench *bench = *state;

    run(bench, "broken.jpg");
    drop_part(bench, "broken.nef");
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "failed/broken.nef", "broken.nef"));
    check_ended(bench, 0, 1);
}

static void parts_that_vanish_or_are_other_files_by_now_keep_no_picture_back(void **state)
{
    const Bench *bench = *state;
    g_autofree char *gone = g_build_filename(bench->in, "a.nef", NULL);

    drop_part(bench, "a.nef");
    drop_part(bench, "a.xmp");
    drop_part(bench, "a.wav");
    assert_int_equal(unlink(gone), 0);
    check_write(bench->in, "a.xmp", "another one, which no one has offered yet");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "done/a.wav", "a.wav"));
    assert_false(check_exists(bench->in, "done/a.nef"));
    assert_false(check_exists(bench->in, "done/a.xmp"));
    assert_int_equal(offer_part(bench, "a.xmp"), PART_IS_DUE);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(check_exists(bench->in, "done/a.xmp"));
}

static void a_part_that_cannot_be_moved_is_moved_later(void **state)
{
    const Bench *bench = *state;

    disturbed.from = "a.nef";
    drop_part(bench, "a.nef");
    drop_part(bench, "a.xmp");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(check_exists(bench->in, "done/a.jpg"));
    assert_true(lies(bench, "done/a.xmp", "a.xmp"));
    assert_true(lies(bench, "a.nef", "a.nef"));
    pass_time(job_times.unmoved_retry_ms); /* which fails once more */
    turn(bench);
    disturbed.from = NULL;
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
    check_ended(bench, 1, 0);
}

static void an_original_that_cannot_be_moved_keeps_its_parts_beside_it_until_it_moves(void **state)
{
    const Bench *bench = *state;

    disturbed.from = "a.jpg";
    drop_part(bench, "a.nef");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "a.nef", "a.nef"));
    drop_part(bench, "a.xmp");
    disturbed.from = NULL;
    pass_time(job_times.unmoved_retry_ms);
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(check_exists(bench->in, "done/a.jpg"));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
    assert_true(lies(bench, "done/a.xmp", "a.xmp"));
}

static void a_name_that_is_taken_in_the_last_moment_gives_the_shot_another_one(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "done/a.jpg", NULL);

    disturbed.from = "a.jpg";
    disturbed.path = path;
    drop_part(bench, "a.nef");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "done/a.jpg", "stranger"));
    assert_true(check_exists(bench->in, "done/a-1.jpg"));
    assert_true(lies(bench, "done/a-1.nef", "a.nef"));
}

/* The original has its name already. */
static void a_part_whose_name_is_taken_in_the_last_moment_gets_a_number(void **state)
{
    const Bench *bench = *state;
    g_autofree char *path = g_build_filename(bench->in, "done/a.nef", NULL);

    disturbed.from = "a.nef";
    disturbed.path = path;
    drop_part(bench, "a.nef");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "done/a.nef", "stranger"));
    assert_true(check_exists(bench->in, "done/a.jpg"));
    assert_true(lies(bench, "done/a-1.nef", "a.nef"));
}

static void nothing(void *user)
{
    (void) user;
}

/* Whole pictures of these names, as the watcher finds them. */
static void arrive(const Bench *bench, const char *const *names)
{
    Intake *intake = intake_new(bench->ledger, nothing, NULL);
    g_autoptr(GByteArray) bytes = sample_jpeg();
    g_autoptr(Error) error = NULL;

    for (; *names; names++) {
        g_autofree char *path = g_build_filename(bench->in, *names, NULL);
        assert_true(g_file_set_contents(path, (const char *) bytes->data, bytes->len, NULL));
        FileId id = id_of(bench, *names);
        assert_ok(intake_offer(intake, &bench->folder, *names, -1, &id, &error), error);
    }
    assert_ok(intake_flush(intake, &error), error);
    intake_free(intake);
}

static Sequence numbers_of(const Bench *bench, const char *name)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    g_autoptr(Error) error = NULL;

    assert_ok(ledger_history(bench->ledger, "inbox", name, 1, entries, &error), error);
    assert_int_equal(entries->len, 1);
    return g_array_index(entries, LedgerEntry, 0).row.sequence;
}

/* With `prefer = both`. */
static void a_raw_and_a_jpeg_that_are_two_pictures_have_one_number_and_one_name(void **state)
{
    Bench *bench = *state;

    bench->folder.prefer = PREFER_BOTH;
    check_write(bench->in, "done/a.nef", "earlier");
    arrive(bench, (const char *const[]){ "b.jpg", "a.jpg", "a.nef", "b.png", NULL });
    run_dropped(bench);
    check_ended(bench, 4, 0);
    assert_int_equal(numbers_of(bench, "b.jpg").folder, 1);
    assert_int_equal(numbers_of(bench, "a.jpg").folder, 2);
    assert_int_equal(numbers_of(bench, "a.nef").folder, 2);
    assert_int_equal(numbers_of(bench, "a.nef").run, 2);
    assert_int_equal(numbers_of(bench, "b.png").folder, 3);
    assert_true(check_exists(bench->in, "done/a-1.jpg"));
    assert_true(check_exists(bench->in, "done/a-1.nef"));
    assert_true(check_exists(bench->in, "done/b.jpg"));
    assert_true(check_exists(bench->in, "done/b.png"));
}

/* The sidecar is a part of the RAW, which is still in progress. */
static void of_two_pictures_the_first_leaves_room_for_the_parts_of_the_other(void **state)
{
    Bench *bench = *state;

    bench->folder.prefer = PREFER_BOTH;
    check_write(bench->in, "done/gate.xmp", "earlier");
    drop_part(bench, "gate.xmp");
    drop(bench, "gate.nef");
    start(bench);
    assert_true(turn_until(bench, at_gate));
    arrive(bench, (const char *const[]){ "GATE.jpg", NULL });
    dispatch_wake(bench->dispatch);
    assert_true(turn_until(bench, one_is_done));
    open_gate(bench);
    assert_true(turn_until(bench, all_ended));
    assert_true(check_exists(bench->in, "done/GATE-1.jpg"));
    assert_true(check_exists(bench->in, "done/gate-1.nef"));
    assert_true(lies(bench, "done/gate-1.xmp", "gate.xmp"));
}

static void a_sidecar_goes_with_the_picture_that_it_names(void **state)
{
    const Bench *bench = *state;

    check_write(bench->in, "done/logo.png", "earlier");
    drop_part(bench, "logo.jpg.xmp");
    arrive(bench, (const char *const[]){ "logo.png", "logo.jpg", NULL });
    run_dropped(bench);
    check_ended(bench, 2, 0);
    assert_true(check_exists(bench->in, "done/logo-1.png"));
    assert_true(check_exists(bench->in, "done/logo.jpg"));
    assert_true(lies(bench, "done/logo.jpg.xmp", "logo.jpg.xmp"));
}

/* Whether a file of the output has this content. */
static bool is_output(const Bench *bench, const char *name, const char *text)
{
    g_autofree char *whole = g_build_filename(bench->out, name, NULL), *is = NULL;

    return g_file_get_contents(whole, &is, NULL, NULL) && !strcmp(is, text);
}

static void companions_are_copied_beside_the_outputs(void **state)
{
    Bench *bench = *state;

    bench->folder.companions = COMPANIONS_COPY;
    check_write(bench->out, "a.wav", "of another shot");
    drop_part(bench, "a.nef");
    drop_part(bench, "a.wav");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(is_output(bench, "a.nef", "a.nef"));
    assert_true(is_output(bench, "a.wav", "of another shot"));
    assert_true(is_output(bench, "a-1.wav", "a.wav"));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
}

static void a_late_companion_is_copied_beside_the_outputs_too(void **state)
{
    Bench *bench = *state;

    bench->folder.companions = COMPANIONS_COPY;
    run(bench, "a.jpg");
    check_write(bench->out, "a.nef", "of another shot");
    drop_part(bench, "a.nef");
    assert_true(turn_until(bench, nothing_is_due));
    assert_true(lies(bench, "done/a.nef", "a.nef"));
    assert_true(is_output(bench, "a.nef", "of another shot"));
    assert_true(is_output(bench, "a-1.nef", "a.nef"));
    assert_int_equal(check_entries(bench->out), 3);
}

static void a_late_companion_keeps_a_date_before_1970(void **state)
{
    Bench *bench = *state;
    const struct timespec date = { .tv_sec = -2, .tv_nsec = 500000000 };
    g_autofree char *path = g_build_filename(bench->in, "a.nef", NULL);
    g_autofree char *copy = g_build_filename(bench->out, "a.nef", NULL);
    struct stat st;

    bench->folder.companions = COMPANIONS_COPY;
    run(bench, "a.jpg");
    check_write(bench->in, "a.nef", "a.nef");
    const struct timespec both[] = { date, date };
    assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
    offer_part(bench, "a.nef");
    assert_true(turn_until(bench, nothing_is_due));
    assert_int_equal(stat(copy, &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, date.tv_sec);
    assert_int_equal(st.st_mtim.tv_nsec, date.tv_nsec);
}

static void a_failed_picture_has_no_copies_of_its_companions(void **state)
{
    Bench *bench = *state;

    bench->folder.companions = COMPANIONS_COPY;
    drop_part(bench, "broken.nef");
    run(bench, "broken.jpg");
    check_ended(bench, 0, 1);
    assert_int_equal(check_entries(bench->out), 0);
    assert_true(lies(bench, "failed/broken.nef", "broken.nef"));
}

static void a_folder_whose_shots_are_apart_moves_pictures_alone(void **state)
{
    Bench *bench = *state;

    bench->folder.shots = SHOTS_APART;
    drop_part(bench, "a.nef");
    run(bench, "a.jpg");
    check_ended(bench, 1, 0);
    assert_true(lies(bench, "a.nef", "a.nef"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_undisturbed, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_files_of_a_shot_lie_together_in_done),
        TEST(a_shot_gets_the_first_number_that_is_free_for_all_of_its_files),
        TEST(a_failed_picture_takes_its_parts_to_failed),
        TEST(an_original_that_is_kept_keeps_its_parts),
        TEST(of_a_shot_in_the_trash_what_nothing_was_made_of_lies_in_done),
        TEST(a_late_part_goes_to_its_original_under_its_name),
        TEST(a_late_part_follows_the_name_that_a_user_gave_its_original),
        TEST(a_late_part_of_a_failed_picture_goes_to_failed),
        TEST(parts_that_vanish_or_are_other_files_by_now_keep_no_picture_back),
        TEST(a_part_that_cannot_be_moved_is_moved_later),
        TEST(an_original_that_cannot_be_moved_keeps_its_parts_beside_it_until_it_moves),
        TEST(a_name_that_is_taken_in_the_last_moment_gives_the_shot_another_one),
        TEST(a_part_whose_name_is_taken_in_the_last_moment_gets_a_number),
        TEST(a_raw_and_a_jpeg_that_are_two_pictures_have_one_number_and_one_name),
        TEST(of_two_pictures_the_first_leaves_room_for_the_parts_of_the_other),
        TEST(a_sidecar_goes_with_the_picture_that_it_names),
        TEST(companions_are_copied_beside_the_outputs),
        TEST(a_late_companion_is_copied_beside_the_outputs_too),
        TEST(a_late_companion_keeps_a_date_before_1970),
        TEST(a_failed_picture_has_no_copies_of_its_companions),
        TEST(a_folder_whose_shots_are_apart_moves_pictures_alone),
    };

    journal_mute();
    g_setenv("HOTFOLDER_WORKER", FAKE_WORKER, TRUE);
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
