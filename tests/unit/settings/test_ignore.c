/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which names are left alone, and that every other one is not. */
#include "daemon/settings/ignore.h"
#include "tests/unit/check.h"

static void assert_litter(const char *name, bool directory, const char *reason)
{
    const char *found = ignore_reason(NULL, name, directory);

    if (g_strcmp0(found, reason) != 0)
        fail_msg("'%s': %s, not %s", name, found ? found : "(not ignored)",
                 reason ? reason : "(not ignored)");
}

static void what_systems_and_transfers_leave_is_ignored(void **state)
{
    static const char *const rows[][2] = {
        { "._IMG_1.jpg", "AppleDouble" },
        { ".DS_Store", "folder settings" },
        { "Thumbs.db", "folder settings" },
        { "THUMBS.DB", "folder settings" },
        { "desktop.ini", "folder settings" },
        { "Desktop.ini", "folder settings" },
        { ".trashed-1700000000-IMG_1.jpg", "in the trash" },
        { ".pending-1700000000-IMG_1.jpg", "unfinished transfer" },
        { ".hotfolder-x1.jpg", "temporary file of hotfolder" },
        { ".in.beach.jpg.", "unfinished transfer" },
        { ".beach.jpg.Xy12ab", "dot file" },
        { ".nfs000000000", "deleted, but still open" },
        { "beach.jpg.part", "unfinished transfer" },
        { "beach.jpg.filepart", "unfinished transfer" },
        { "Unconfirmed 12345.crdownload", "unfinished transfer" },
        { "beach.jpg.tacitpart", "unfinished transfer" },
        { "beach.jpg.download", "unfinished transfer" },
        { "beach.jpg.aria2", "unfinished transfer" },
        { "beach.jpg.aria2__temp", "unfinished transfer" },
        { "tmpfileAb12Zz", "unfinished transfer" },
        { "beach.TMP", "temporary file" },
        { "beach.jpg~", "backup copy" },
        { "beach.jpg_exiftool_tmp", "temporary file" },
        { "beach.jpg_original", "backup copy" },
        { "notes.txt.swp", "editor's file" },
        { "#1234567", "unnamed file" },
        { "#notes.txt#", "editor's file" },
        { "4913", "temporary file" },
        { "beach.xmp", "sidecar" },
        { "BEACH.NEF.XMP", "sidecar" },
        { "IMG_1.AAE", "sidecar" },
        { "MVI_1.THM", "sidecar" },
        { "~$budget.docx", "lock file" },
        { ".hidden.jpg", "dot file" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_litter(rows[i][0], false, rows[i][1]);
}

static void directories_have_rows_of_their_own(void **state)
{
    static const char *const names[] = { "@eaDir",       "#recycle",
                                         "$RECYCLE.BIN", "System Volume Information",
                                         "lost+found",   ".stversions",
                                         ".git",         "__MACOSX",
                                         "x.download" };
    static const char *const fine[] = { "beach.part", "Thumbs.db", "trip", "DCIM", "done", "a~" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        assert_non_null(ignore_reason(NULL, names[i], true));
    for (size_t i = 0; i < G_N_ELEMENTS(fine); i++)
        assert_litter(fine[i], true, NULL);
}

static void names_of_pictures_are_not_ignored(void **state)
{
    static const char *const names[] = {
        "beach.jpg",
        "IMG_0001.JPG",
        "beach",
        "a b\nc.jpg",
        "part.jpg",
        "tmpfile.jpg",
        "tmpfileAb12Zz7",
        "tmpfileAb12Z",
        "beach_original",
        "#hashtag.jpg",
        "#1 wedding.jpg",
        "#2024.jpg",
        "#1234567.jpg",
        "lost+found",
        "~beach.jpg",
        "thumbs.db.jpg",
        "\xff\xfe\xfd.jpg",
        "download.jpg",
        "49130",
        "done",
        "x",
        "gr\xc3\xbc\xc3\x9f.jpg",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        assert_litter(names[i], false, NULL);
}

static void the_configuration_adds_patterns(void **state)
{
    char drafts[] = "*-draft.*", private[] = "private";
    char *patterns[] = { drafts, private, NULL };
    Folder folder = { .ignore = patterns };

    (void) state;
    assert_string_equal(ignore_reason(&folder, "beach-draft.jpg", false),
                        "ignored by the configuration");
    assert_string_equal(ignore_reason(&folder, "private", true), "ignored by the configuration");
    assert_string_equal(ignore_reason(&folder, "._beach-draft.jpg", false), "AppleDouble");
    assert_null(ignore_reason(&folder, "beach.jpg", false));
}

static void the_companions_of_a_shot_are_not_ignored_by_their_names(void **state)
{
    static const char *const companions[] = { "1.xmp", "1.NEF.XMP", "1.thm", "1.AAE", "1.lrv" };
    char pattern[] = "*.thm";
    char *patterns[] = { pattern, NULL };
    Folder together = { .shots = SHOTS_TOGETHER }, apart = { .shots = SHOTS_APART };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(companions); i++) {
        assert_null(ignore_reason(&together, companions[i], false));
        assert_string_equal(ignore_reason(&apart, companions[i], false), ignore_sidecar);
    }
    assert_string_equal(ignore_reason(&together, "1.NEF.pp3", false), ignore_sidecar);
    assert_string_equal(ignore_reason(&together, ".1.xmp", false), "dot file");
    assert_string_equal(ignore_reason(&together, "._1.xmp", false), "AppleDouble");
    together.ignore = patterns;
    assert_string_equal(ignore_reason(&together, "1.thm", false), "ignored by the configuration");
}

static void our_own_directories_are_reserved_at_the_top_only(void **state)
{
    (void) state;
    assert_true(ignore_is_reserved("done"));
    assert_true(ignore_is_reserved("failed"));
    assert_true(ignore_is_reserved("trash"));
    assert_false(ignore_is_reserved("trip/done"));
    assert_false(ignore_is_reserved("Done"));
    assert_false(ignore_is_reserved("undone"));
}

static void the_trash_of_an_output_directory_is_known_inside_of_a_folder(void **state)
{
    char in[] = "/srv/in", out[] = "/srv/in/trip/web";
    Folder folder = { .path = in, .output = out };
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    const Settings settings = { .folders = folders };

    (void) state;
    g_ptr_array_add(folders, &folder);
    assert_true(ignore_is_output_trash(&settings, &folder, "trip/web/trash"));
    assert_false(ignore_is_output_trash(&settings, &folder, "trip/trash"));
    assert_false(ignore_is_output_trash(&settings, &folder, "trip/web/trash/trash"));
    assert_false(ignore_is_output_trash(&settings, &folder, "trip/web"));
}

static void a_place_names_what_is_ignored_and_its_pattern(void **state)
{
    char drafts[] = "*-draft.*";
    char *patterns[] = { drafts, NULL };
    Folder folder = { .ignore = patterns, .recursive = true };
    IgnoredPlace place;

    (void) state;
    assert_true(ignore_place(&folder, "trip/._a.jpg", false, &place));
    assert_string_equal(place.reason, "AppleDouble");
    assert_string_equal(place.pattern, "._*");
    assert_false(place.above || place.configured);
    assert_int_equal(place.length, strlen("trip/._a.jpg"));

    assert_true(ignore_place(&folder, "trip/@eaDir/x/._a.jpg", false, &place));
    assert_string_equal(place.reason, "system folder");
    assert_true(place.above);
    assert_int_equal(place.length, strlen("trip/@eaDir"));

    assert_true(ignore_place(&folder, "@eaDir", true, &place));
    assert_false(place.above);
    assert_false(ignore_place(&folder, "@eaDir", false, &place));

    assert_true(ignore_place(&folder, "trip/a-draft.jpg", false, &place));
    assert_true(place.configured);
    assert_string_equal(place.pattern, "*-draft.*");
    assert_false(ignore_place(&folder, "trip/a.jpg", false, &place));
    assert_false(ignore_place(&folder, "done/._a.jpg", false, &place));

    folder.recursive = false;
    assert_true(ignore_place(&folder, "trip/a.jpg", false, &place));
    assert_ptr_equal(place.reason, ignore_not_recursive);
    assert_null(place.pattern);
    assert_true(place.above);
    assert_int_equal(place.length, strlen("trip"));
    assert_true(ignore_place(&folder, "trip", true, &place));
    assert_false(ignore_place(&folder, "a.jpg", false, &place));
}

/* A row behind a wider one would never be reached. */
static void every_row_is_reached_by_its_own_pattern(void **state)
{
    const char *pattern = NULL, *reason = NULL;
    bool directory = false;
    unsigned count = 0;

    (void) state;
    for (; ignore_row(count, &pattern, &directory, &reason); count++) {
        g_autofree char *name = g_strdelimit(g_strdup(pattern), "*", 'x');

        if (strchr(pattern, '['))
            continue; /* those are tested above by a name */
        assert_litter(name, directory, reason);
    }
    assert_true(count > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_systems_and_transfers_leave_is_ignored),
        cmocka_unit_test(directories_have_rows_of_their_own),
        cmocka_unit_test(names_of_pictures_are_not_ignored),
        cmocka_unit_test(the_configuration_adds_patterns),
        cmocka_unit_test(the_trash_of_an_output_directory_is_known_inside_of_a_folder),
        cmocka_unit_test(a_place_names_what_is_ignored_and_its_pattern),
        cmocka_unit_test(the_companions_of_a_shot_are_not_ignored_by_their_names),
        cmocka_unit_test(our_own_directories_are_reserved_at_the_top_only),
        cmocka_unit_test(every_row_is_reached_by_its_own_pattern),
    };

    return cmocka_run_group_tests_name("ignore", tests, NULL, NULL);
}
