/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole imports of small cards into two directories, with a real worker. */
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "daemon/import/import.h"
#include "daemon/settings/load.h"
#include "tests/unit/check.h"

/* A card, two destinations, and what an import of it said. */
typedef struct Scene {
    char *root; /* of all directories */
    char *card, *a, *b, *inbox, *state;
    const char *from; /* what the configuration says; NULL: `card` */
    const char *more; /* settings of the import; "": min_free = 0 */
    int stop_after;   /* reports of progress; 0: never */
    int reports;
    volatile int stop;
    char *appears; /* a directory that is made when the card is held for it */
    char *held;    /* the reason of that */
    GString *planned, *troubles;
    CardRecord *record;
    Verdict *verdict;
    bool nothing_new;
} Scene;

static Scene *scene_new(void)
{
    Scene *scene = g_new0(Scene, 1);
    const char *const names[] = { "card", "a", "b", "inbox" };
    char **const paths[] = { &scene->card, &scene->a, &scene->b, &scene->inbox };

    scene->root = check_mkdir_on_disk();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        *paths[i] = g_build_filename(scene->root, names[i], NULL);
        assert_int_equal(g_mkdir(*paths[i], 0755), 0);
    }
    scene->state = g_build_filename(scene->root, "state", NULL);
    scene->more = "";
    scene->planned = g_string_new(NULL);
    scene->troubles = g_string_new(NULL);
    return scene;
}

static void forget_result(Scene *scene)
{
    card_record_free(scene->record);
    verdict_free(scene->verdict);
    scene->record = NULL;
    scene->verdict = NULL;
    scene->reports = 0;
    scene->stop = 0;
    g_string_truncate(scene->planned, 0);
    g_string_truncate(scene->troubles, 0);
}

static void scene_free(Scene *scene)
{
    forget_result(scene);
    g_string_free(scene->planned, TRUE);
    g_string_free(scene->troubles, TRUE);
    g_free(scene->card);
    g_free(scene->a);
    g_free(scene->b);
    g_free(scene->inbox);
    g_free(scene->state);
    g_free(scene->held);
    check_rmdir(scene->root);
    g_free(scene);
}

/* ---- an import ---- */

static void progress(void *user, const CardRecord *record)
{
    Scene *scene = user;

    if (record->state == CARD_HELD && scene->appears) {
        g_free(scene->held);
        scene->held = g_strdup(record->reason);
        assert_int_equal(g_mkdir(scene->appears, 0755), 0);
        g_clear_pointer(&scene->appears, g_free);
    }
    if (scene->stop_after && ++scene->reports >= scene->stop_after)
        scene->stop = 1;
}

static void planned(void *user, const CardFile *file, const char *name)
{
    Scene *scene = user;

    g_string_append_printf(scene->planned, "%s -> %s\n", file->path, name);
}

static void trouble(void *user, const CardFile *file, const char *destination, const Error *error)
{
    Scene *scene = user;
    g_autofree char *text = error_text(error);

    g_string_append_printf(scene->troubles, "%s in %s: %s\n", file->path,
                           destination ? destination : "the card", text);
}

static Settings *read_settings(const Scene *scene)
{
    g_autofree char *text = g_strdup_printf(
        "folder \"inbox\" {\n path = \"%s\"\n recursive = yes\n output = \"%s/out\"\n"
        " profile = web\n}\n"
        "import \"cards\" {\n from = \"%s\"\n copy_to = { \"%s\", \"%s\" }\n"
        " name = \"{day:%%Y|undated}/{shot}.{ext}\"\n safe_copies = 1\n order = jpeg\n%s\n}\n",
        scene->inbox, scene->root, scene->from ? scene->from : scene->card, scene->a, scene->b,
        *scene->more ? scene->more : "min_free = 0");
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *file = g_build_filename(scene->root, "hotfolder.conf", NULL);

    check_write(scene->root, "hotfolder.conf", text);
    Settings *settings = settings_load_import(file, "cards", NULL, errors);
    g_autofree char *lines = check_error_lines(errors);
    assert_string_equal(lines, "");
    assert_non_null(settings);
    return settings;
}

static bool try_run(Scene *scene, bool dry, Error **err)
{
    g_autoptr(Settings) settings = read_settings(scene);
    g_autofree ImportSource *source = import_directory(scene->card);
    const ImportReporter reporter = {
        .user = scene, .progress = progress, .planned = planned, .trouble = trouble
    };
    const ImportRun how = {
        .settings = settings,
        .import = settings->imports->pdata[0],
        .state_dir = scene->state,
        .dry = dry,
        .waits = scene->appears,
        .stop = &scene->stop,
    };

    forget_result(scene);
    return import_run(&how, source, &reporter, &scene->record, &scene->verdict, &scene->nothing_new,
                      err);
}

static void run(Scene *scene, bool dry)
{
    Error *error = NULL;

    assert_ok(try_run(scene, dry, &error), error);
}

/* ---- what is there ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void list_into(GPtrArray *names, const char *root, const char *below)
{
    g_autofree char *path = g_build_filename(root, below, NULL);
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *one = *below ? g_build_filename(below, name, NULL) : g_strdup(name);
        g_autofree char *full = g_build_filename(root, one, NULL);
        if (g_str_has_prefix(one, "_cards") || g_str_has_prefix(one, "ascmhl"))
            continue;
        if (g_file_test(full, G_FILE_TEST_IS_DIR))
            list_into(names, root, one);
        else
            g_ptr_array_add(names, g_steal_pointer(&one));
    }
    if (dir)
        g_dir_close(dir);
}

/* "NAME=TEXT NAME=TEXT", sorted, of all files; newly allocated. */
static char *files_of(const char *root)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GString *all = g_string_new(NULL);

    list_into(names, root, "");
    g_ptr_array_sort(names, by_text);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *text = check_read(root, names->pdata[i]);
        g_string_append_printf(all, "%s%s=%s", i ? " " : "", (const char *) names->pdata[i], text);
    }
    return g_string_free(all, FALSE);
}

static void assert_files(const char *root, const char *expected)
{
    g_autofree char *files = files_of(root);

    assert_string_equal(files, expected);
}

static void fill_card(const Scene *scene)
{
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    check_write(scene->card, "DCIM/100X/A_0001.XMP", "stars");
    check_write(scene->card, "DCIM/100X/A_0002.JPG", "two");
    check_write(scene->card, "DCIM/100X/A_0003.MOV", "film");
    check_write(scene->card, "notes.bin", "?");
}

static const char filled[] = "undated/0001.JPG=one undated/0001.XMP=stars "
                             "undated/0002.JPG=two undated/0003.MOV=film undated/notes.bin=?";

/* ---- tests ---- */

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
    assert_int_equal(check_entries(scene->a), 0);
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

static void a_destination_on_the_card_is_refused(void **state)
{
    Scene *scene = scene_new();
    Error *error = NULL;

    (void) state;
    fill_card(scene);
    g_free(scene->b);
    scene->b = g_build_filename(scene->card, "copies", NULL);
    scene->from = scene->inbox;
    assert_false(try_run(scene, false, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "is on the card itself"));
    error_free(error);
    assert_int_equal(check_entries(scene->a), 0);
    scene_free(scene);
}

/* The mounts are those of this test then. False: it may not mount. */
static bool mount_over(const char *directory, const char *at)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(directory, at, NULL, MS_BIND, NULL) == 0;
}

static void a_destination_that_shows_a_directory_of_the_card_is_refused(void **state)
{
    Scene *scene = scene_new();
    Error *error = NULL;

    (void) state;
    fill_card(scene);
    if (!mount_over(scene->card, scene->b)) {
        scene_free(scene);
        skip();
    }
    scene->from = scene->inbox;
    bool imported = try_run(scene, false, &error);
    umount2(scene->b, MNT_DETACH);
    assert_false(imported);
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, "is on the card itself"));
    error_free(error);
    assert_int_equal(check_entries(scene->a), 0);
    scene_free(scene);
}

static void an_inbox_on_the_card_is_refused(void **state)
{
    Scene *scene = scene_new();
    Error *error = NULL;

    (void) state;
    fill_card(scene);
    g_free(scene->inbox);
    scene->inbox = g_build_filename(scene->card, "DCIM", NULL);
    scene->more = "then = inbox min_free = 0";
    scene->from = "/usr";
    assert_false(try_run(scene, false, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->fix, "`then`"));
    error_free(error);
    scene_free(scene);
}

static void a_catalog_on_the_card_is_refused(void **state)
{
    Scene *scene = scene_new();
    Error *error = NULL;

    (void) state;
    fill_card(scene);
    g_free(scene->state);
    scene->state = g_build_filename(scene->card, "state", NULL);
    scene->from = scene->inbox;
    assert_false(try_run(scene, false, &error));
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_string_equal(error->fix, "give another --state-dir");
    assert_int_equal(access(scene->state, F_OK), -1);
    error_free(error);
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
        cmocka_unit_test(shots_with_a_picture_are_handed_over_once),
        cmocka_unit_test(a_dry_run_writes_nothing),
        cmocka_unit_test(a_card_without_room_is_held),
        cmocka_unit_test(a_card_goes_on_when_its_destination_is_there),
        cmocka_unit_test(other_files_that_are_left_are_named),
        cmocka_unit_test(a_destination_on_the_card_is_refused),
        cmocka_unit_test(a_destination_that_shows_a_directory_of_the_card_is_refused),
        cmocka_unit_test(an_inbox_on_the_card_is_refused),
        cmocka_unit_test(a_catalog_on_the_card_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
