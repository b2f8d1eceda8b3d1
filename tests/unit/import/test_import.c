/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole imports: copied, proved, known again, continued. */
#include "tests/unit/import/scene.h"

static void a_card_is_copied_proved_and_known_again(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    run(scene, false);
    assert_string_equal(scene->troubles->str, "");
    assert_true(g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 5 of 5 files on 1 disk ("));
    assert_files(scene->a, filled);
    assert_files(scene->b, filled);
    assert_int_equal(scene->record->state, CARD_SAFE);
    assert_false(scene->nothing_new);
    int64_t began = scene->record->began_ms;
    run(scene, false);
    assert_true(scene->nothing_new);
    assert_int_equal(scene->record->began_ms, began);
    assert_true(g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 5 of 5 files on 1 disk ("));
    assert_files(scene->a, filled);
    scene_free(scene);
}

/* What was not proved then is safe from now on: that is said as of a new card. */
static void a_verdict_that_becomes_safe_is_no_known_one(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "min_free = 0\n verify = size";
    run(scene, false);
    assert_int_equal(scene->record->state, CARD_NOT_SAFE);
    run(scene, false);
    assert_true(scene->nothing_new);
    scene->more = "";
    run(scene, false);
    assert_int_equal(scene->record->state, CARD_SAFE);
    assert_false(scene->nothing_new);
    run(scene, false);
    assert_true(scene->nothing_new);
    scene_free(scene);
}

/* A copy on which something was changed is read back, the card is not. */
static void a_copy_that_was_changed_is_not_safe_and_one_that_is_gone_is_made_again(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    run(scene, false);
    check_write(scene->a, "undated/0002.JPG", "twO");
    check_write(scene->b, "undated/0002.JPG", "Two");
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_NOT_SAFE);
    assert_non_null(strstr(scene->verdict->line, "a/undated/0002.JPG' is not what the card gave"));
    g_autofree char *wrong = g_build_filename(scene->a, "undated/0002.JPG", NULL);
    g_autofree char *other = g_build_filename(scene->b, "undated/0002.JPG", NULL);
    assert_int_equal(g_remove(wrong), 0);
    assert_int_equal(g_remove(other), 0);
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_files(scene->a, filled);
    assert_files(scene->b, filled);
    scene_free(scene);
}

/* The card is safe by the other one; from then on nothing rests on the wrong one. */
static void a_wrong_copy_of_a_safe_card_is_made_again_beside_it(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    run(scene, false);
    check_write(scene->a, "undated/0002.JPG", "twO");
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_true(scene->nothing_new);
    assert_non_null(strstr(scene->troubles->str, "0002"));
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_false(scene->nothing_new);
    assert_files(scene->b, filled);
    run(scene, false);
    assert_true(scene->nothing_new);
    scene_free(scene);
}

static void without_a_catalog_nothing_is_copied_twice(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    run(scene, false);
    g_autofree char *catalog = g_build_filename(scene->root, "state/import.db", NULL);
    assert_int_equal(g_remove(catalog), 0);
    run(scene, false);
    assert_true(g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 5 of 5 files on 1 disk ("));
    assert_files(scene->a, filled);
    assert_files(scene->b, filled);
    scene_free(scene);
}

/* The suffix is drawn from the content of the first file, and all files of the shot have it. */
static void the_same_name_with_another_content_is_kept_too(void **state)
{
    static const char both[] =
        "undated/0001-f1a1ded1.JPG=other undated/0001-f1a1ded1.XMP=none undated/0001.JPG=one "
        "undated/0001.XMP=stars undated/0002.JPG=two undated/0003.MOV=film undated/notes.bin=?";
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    check_write(scene->card, "DCIM/101X/A_0001.JPG", "other");
    check_write(scene->card, "DCIM/101X/A_0001.XMP", "none");
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    g_autofree char *first = files_of(scene->a);
    assert_string_equal(first, both);
    g_autofree char *catalog = g_build_filename(scene->root, "state/import.db", NULL);
    assert_int_equal(g_remove(catalog), 0);
    run(scene, false);
    assert_files(scene->a, both);
    assert_files(scene->b, both);
    scene_free(scene);
}

static void the_same_content_is_copied_once(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    check_write(scene->card, "DCIM/101X/B_0009.JPG", "two");
    run(scene, false);
    assert_true(g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 6 of 6 files on 1 disk ("));
    assert_files(scene->a, filled);
    g_free(scene->card);
    scene->card = g_build_filename(scene->root, "card2", NULL);
    check_write(scene->card, "DCIM/100X/C_0007.JPG", "one");
    check_write(scene->card, "DCIM/100X/C_0008.JPG", "two");
    run(scene, false);
    assert_files(scene->a, filled);
    assert_files(scene->b, filled);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_non_null(strstr(scene->verdict->line, "mirrors card"));
    assert_non_null(strstr(scene->verdict->line, "card: 2 of 2"));
    scene_free(scene);
}

/* Two pictures may have the same sidecar, and each needs its own. */
static void a_sidecar_is_no_duplicate_and_neither_is_an_empty_file(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    check_write(scene->card, "DCIM/100X/A_0001.XMP", "stars");
    check_write(scene->card, "DCIM/100X/A_0002.JPG", "two");
    check_write(scene->card, "DCIM/100X/A_0002.XMP", "stars");
    check_write(scene->card, "M1.bin", "");
    check_write(scene->card, "M2.bin", "");
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_files(scene->a, "undated/0001.JPG=one undated/0001.XMP=stars undated/0002.JPG=two "
                           "undated/0002.XMP=stars undated/1.bin= undated/2.bin=");
    scene_free(scene);
}

/* The report of the only card of a destination; newly allocated. */
static char *report_in(const char *destination)
{
    g_autofree char *cards = g_build_filename(destination, "_cards", NULL);
    g_autoptr(GDir) dir = g_dir_open(cards, 0, NULL);
    g_autofree char *name = g_build_filename("_cards", g_dir_read_name(dir), "report.txt", NULL);

    assert_null(g_dir_read_name(dir));
    return check_read(destination, name);
}

static void check_early_report(const Scene *scene, const char *destination)
{
    g_autofree char *report = report_in(destination);

    assert_true(g_str_has_prefix(report, scene->verdict->line));
    assert_non_null(strstr(report, "do not format the card. Put it in again"));
    assert_null(strstr(report, "Reasons:"));
    assert_false(check_exists(destination, "ascmhl"));
    assert_false(check_exists(scene->card, "_cards"));
}

static void a_held_import_leaves_a_report_where_it_can(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "min_free = 1000000TB";
    assert_int_equal(g_rmdir(scene->b), 0);
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_HELD);
    g_autofree char *report = report_in(scene->a);
    assert_true(g_str_has_prefix(report, "NOT SAFE: held: "));
    assert_non_null(strstr(report, "How far it came: 0 of 5 files"));
    assert_non_null(strstr(report, "Remove the cause that the first line names, then put it in"));
    assert_false(check_exists(scene->b, "_cards"));
    scene_free(scene);
}

static void what_was_interrupted_goes_on(void **state)
{
    (void) state;
    for (int after = 1; after < 4; after++) {
        Scene *scene = scene_new();
        fill_card(scene);
        for (int i = 0; i < 40; i++) {
            g_autofree char *name = g_strdup_printf("DCIM/100X/B_%04d.JPG", 100 + i);
            check_write(scene->card, name, name);
        }
        scene->stop_after = after;
        run(scene, false);
        if (scene->verdict->state != CARD_SAFE) {
            check_early_report(scene, scene->a);
            check_early_report(scene, scene->b);
            assert_int_equal(scene->verdict->state, CARD_INTERRUPTED);
            assert_true(g_str_has_prefix(scene->verdict->line, "NOT SAFE: interrupted at "));
            assert_non_null(strstr(scene->verdict->line, " of 45: it was stopped"));
        }
        scene->stop_after = 0;
        run(scene, false);
        assert_true(
            g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 45 of 45 files on 1 disk ("));
        g_autofree char *years = g_build_filename(scene->a, "undated", NULL);
        assert_int_equal(check_entries(years), 45);
        scene_free(scene);
    }
}

static void shots_with_a_picture_are_handed_over_once(void **state)
{
    static const char handed[] = "undated/0001.JPG=one undated/0001.XMP=stars undated/0002.JPG=two";
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "then = inbox min_free = 0";
    run(scene, false);
    assert_string_equal(scene->troubles->str, "");
    assert_files(scene->inbox, handed);
    assert_files(scene->a, filled);
    g_autofree char *taken = g_build_filename(scene->inbox, "undated/0002.JPG", NULL);
    assert_int_equal(g_remove(taken), 0);
    check_write(scene->card, "DCIM/100X/A_0004.JPG", "four");
    run(scene, false);
    assert_files(scene->inbox, "undated/0001.JPG=one undated/0001.XMP=stars undated/0004.JPG=four");
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    scene_free(scene);
}

/* As a kill leaves it: recorded, and not named yet. */
static void a_shot_that_a_kill_left_staged_is_handed_over_once(void **state)
{
    Scene *scene = scene_new();
    struct stat st;

    (void) state;
    scene->more = "then = inbox min_free = 0";
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    check_write(scene->card, "DCIM/100X/A_0002.JPG", "two");
    run(scene, false);
    g_autofree char *one = g_build_filename(scene->inbox, "undated/0001.JPG", NULL);
    g_autofree char *two = g_build_filename(scene->inbox, "undated/0002.JPG", NULL);
    assert_int_equal(stat(one, &st), 0);
    g_autofree char *hidden = g_strdup_printf("%s/undated/.hotfolder-then-%llx", scene->inbox,
                                              (unsigned long long) st.st_ino);
    assert_int_equal(g_rename(one, hidden), 0);
    assert_int_equal(g_remove(two), 0); /* its folder has taken it */
    run(scene, false);
    assert_true(scene->nothing_new);
    assert_string_equal(scene->troubles->str, "");
    assert_files(scene->inbox, "undated/0001.JPG=one");
    assert_int_equal(g_rename(one, hidden), 0);
    g_autofree char *catalog = g_build_filename(scene->root, "state/import.db", NULL);
    assert_int_equal(g_remove(catalog), 0); /* or not even recorded */
    run(scene, false);
    assert_files(scene->inbox, "undated/0001.JPG=one undated/0002.JPG=two");
    scene_free(scene);
}

static void what_cannot_be_handed_over_is_safe_and_goes_next_time(void **state)
{
    Scene *scene = scene_new();
    g_autofree char *in_the_way = g_build_filename(scene->inbox, "undated", NULL);

    (void) state;
    scene->more = "then = inbox min_free = 0";
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    check_write(scene->inbox, "undated", "a file where a directory has to be");
    run(scene, false);
    assert_true(
        g_str_has_prefix(scene->troubles->str, "DCIM/100X/A_0001.JPG copied, not in inbox"));
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_int_equal(g_remove(in_the_way), 0);
    run(scene, false);
    assert_true(scene->nothing_new);
    assert_string_equal(scene->troubles->str, "");
    assert_files(scene->inbox, "undated/0001.JPG=one");
    scene_free(scene);
}

static void a_raw_that_comes_later_goes_after_its_picture(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    scene->more = "then = inbox min_free = 0";
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    run(scene, false);
    assert_files(scene->inbox, "undated/0001.JPG=one");
    check_write(scene->card, "DCIM/100X/A_0001.CR2", "raw");
    run(scene, false);
    assert_string_equal(scene->troubles->str, "");
    assert_files(scene->inbox, "undated/0001.CR2=raw undated/0001.JPG=one");
    scene_free(scene);
}

/* How many manifests for sha256sum a destination has. */
static unsigned count_sums(const char *destination)
{
    g_autofree char *cards = g_build_filename(destination, "_cards", NULL);
    GDir *dir = g_dir_open(cards, 0, NULL);
    unsigned count = 0;

    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *sums = g_build_filename(cards, name, "SHA256SUMS", NULL);
        count += g_file_test(sums, G_FILE_TEST_EXISTS);
    }
    g_clear_pointer(&dir, g_dir_close);
    return count;
}

static void a_safe_card_is_judged_again_where_more_is_promised(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "manifest = none min_free = 0";
    run(scene, false);
    run(scene, false);
    assert_true(scene->nothing_new);
    assert_int_equal(count_sums(scene->a), 0);
    scene->more = "manifest = sha256 min_free = 0";
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_SAFE);
    assert_int_equal(count_sums(scene->a), 1);
    assert_int_equal(count_sums(scene->b), 1);
    assert_files(scene->a, filled);
    scene_free(scene);
}

static void a_dry_run_writes_nothing(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    check_write(scene->a, "undated/0002.JPG", "another one");
    run(scene, true);
    assert_string_equal(scene->planned->str, "DCIM/100X/A_0001.JPG -> undated/0001.JPG\n"
                                             "DCIM/100X/A_0001.XMP -> undated/0001.XMP\n"
                                             "DCIM/100X/A_0002.JPG -> undated/0002-35d5c8cc.JPG\n"
                                             "DCIM/100X/A_0003.MOV -> undated/0003.MOV\n"
                                             "notes.bin -> undated/notes.bin\n");
    assert_files(scene->a, "undated/0002.JPG=another one");
    assert_false(check_exists(scene->root, "state"));
    assert_int_equal(check_entries(scene->b), 0);
    scene_free(scene);
}

static void a_card_without_room_is_held(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "min_free = 900TB";
    run(scene, false);
    assert_int_equal(scene->verdict->state, CARD_HELD);
    assert_int_equal(scene->record->state, CARD_HELD);
    assert_non_null(strstr(scene->record->reason, " needs 9"));
    assert_true(g_str_has_prefix(scene->verdict->line, "NOT SAFE: held: "));
    assert_files(scene->a, ""); /* but the report */
    scene_free(scene);
}

/* The disk is mounted, or its directory is made, while the card waits. */
static void a_card_goes_on_when_its_destination_is_there(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->appears = g_build_filename(scene->root, "mnt", NULL);
    g_free(scene->b);
    scene->b = g_build_filename(scene->appears, "disk", NULL);
    run(scene, false);
    assert_true(g_str_has_prefix(scene->verdict->line, "SAFE TO FORMAT: 5 of 5 files on 1 disk ("));
    assert_non_null(strstr(scene->held, "mnt/disk is missing, and so is the one above it"));
    assert_files(scene->b, filled);
    scene_free(scene);
}

static void other_files_that_are_left_are_named(void **state)
{
    Scene *scene = scene_new();

    (void) state;
    fill_card(scene);
    scene->more = "other = leave min_free = 0";
    run(scene, false);
    assert_string_equal(scene->verdict->line,
                        "NOT SAFE: 2 of 5 files are not safe: 'DCIM/100X/A_0003.MOV': is not "
                        "copied, by other = leave; formatting would lose it; and 1 more");
    assert_files(scene->a, "undated/0001.JPG=one undated/0001.XMP=stars undated/0002.JPG=two");
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_copied_proved_and_known_again),
        cmocka_unit_test(a_verdict_that_becomes_safe_is_no_known_one),
        cmocka_unit_test(a_copy_that_was_changed_is_not_safe_and_one_that_is_gone_is_made_again),
        cmocka_unit_test(a_wrong_copy_of_a_safe_card_is_made_again_beside_it),
        cmocka_unit_test(without_a_catalog_nothing_is_copied_twice),
        cmocka_unit_test(the_same_name_with_another_content_is_kept_too),
        cmocka_unit_test(the_same_content_is_copied_once),
        cmocka_unit_test(a_sidecar_is_no_duplicate_and_neither_is_an_empty_file),
        cmocka_unit_test(what_was_interrupted_goes_on),
        cmocka_unit_test(a_held_import_leaves_a_report_where_it_can),
        cmocka_unit_test(shots_with_a_picture_are_handed_over_once),
        cmocka_unit_test(a_shot_that_a_kill_left_staged_is_handed_over_once),
        cmocka_unit_test(what_cannot_be_handed_over_is_safe_and_goes_next_time),
        cmocka_unit_test(a_raw_that_comes_later_goes_after_its_picture),
        cmocka_unit_test(a_safe_card_is_judged_again_where_more_is_promised),
        cmocka_unit_test(a_dry_run_writes_nothing),
        cmocka_unit_test(a_card_without_room_is_held),
        cmocka_unit_test(a_card_goes_on_when_its_destination_is_there),
        cmocka_unit_test(other_files_that_are_left_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
