/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files are of one shot, by their names. */
#include "daemon/files/shot.h"
#include "tests/unit/check.h"

static void has_key(const char *path, const char *expected)
{
    g_autofree char *key = shot_key(path);

    assert_string_equal(key, expected);
}

static void has_no_key(const char *path)
{
    g_autofree char *key = shot_key(path);

    assert_null(key);
    assert_string_equal(shot_tail(path), "");
    assert_int_equal(shot_kind(path), SHOT_NONE);
}

static void are_one(const char *one, const char *other, bool expected)
{
    g_autofree char *key = shot_key(one), *other_key = shot_key(other);

    assert_int_equal(shot_is_same(one, other), expected);
    assert_int_equal(g_strcmp0(key, other_key) == 0, expected);
}

static void an_extension_says_what_a_file_is_to_its_shot(void **state)
{
    static const struct {
        const char *path;
        ShotKind kind;
    } files[] = {
        { "IMG_1.JPG", SHOT_PICTURE }, { "a/IMG_1.heic", SHOT_PICTURE },
        { "logo.png", SHOT_PICTURE },  { "scan.tif", SHOT_PICTURE },
        { "IMG_1.NEF", SHOT_RAW },     { "img_1.cr3", SHOT_RAW },
        { "IMG_1.DNG", SHOT_RAW },     { "IMG_1.xmp", SHOT_XMP },
        { "IMG_1.NEF.xmp", SHOT_XMP }, { "IMG_1.AAE", SHOT_AAE },
        { "IMG_1.THM", SHOT_THM },     { "IMG_1.WAV", SHOT_SOUND },
        { "IMG_1.MOV", SHOT_FILM },    { "IMG_1.mp4", SHOT_FILM },
        { "IMG_1.LRV", SHOT_LRV },     { "2024.05.01 12.30.jpg", SHOT_PICTURE },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        assert_int_equal(shot_kind(files[i].path), files[i].kind);
        assert_int_equal(shot_kind_is_companion(files[i].kind),
                         files[i].kind != SHOT_PICTURE && files[i].kind != SHOT_RAW);
    }
    assert_string_equal(shot_kind_name(SHOT_LRV), "small film");
}

static void what_is_in_no_shot_has_no_key(void **state)
{
    (void) state;
    has_no_key("");
    has_no_key("notes.txt");
    has_no_key("IMG_1");
    has_no_key("IMG_1.");
    has_no_key(".xmp");
    has_no_key("card.jpg/.nef");
    has_no_key("IMG_1.JPG.txt");
    has_no_key("card/");
}

static void a_key_is_the_directory_and_the_small_stem(void **state)
{
    (void) state;
    has_key("IMG_1.JPG", "img_1");
    has_key("IMG_1.NEF.xmp", "img_1");
    has_key("Card A/DCIM/IMG_1.NEF", "Card A/DCIM/img_1");
    has_key("IMG_1 (2).JPG", "img_1 (2)");
    has_key("ÜBER.jpg", "\xc3\x9c"
                        "ber");
    has_key("\xff\xfe.jpg", "\xff\xfe");
    has_key("a.b.jpg", "a.b");
    has_key(".nef.xmp", ".nef");
}

static void a_tail_is_all_after_the_stem(void **state)
{
    (void) state;
    assert_string_equal(shot_tail("a.b/IMG_1.JPG"), ".JPG");
    assert_string_equal(shot_tail("IMG_1.NEF.xmp"), ".NEF.xmp");
    assert_string_equal(shot_tail("IMG_1.mov.XMP"), ".mov.XMP");
    assert_string_equal(shot_tail("IMG_1.edit.xmp"), ".xmp");
    assert_string_equal(shot_tail("IMG_1.xmp.xmp"), ".xmp");
    assert_string_equal(shot_tail("IMG_1.NEF.JPG"), ".JPG"); /* only a sidecar names its picture */
}

static void files_of_one_directory_and_stem_are_one_shot(void **state)
{
    (void) state;
    are_one("IMG_1.JPG", "IMG_1.NEF", true);
    are_one("IMG_1.JPG", "img_1.nef.XMP", true);
    are_one("d/IMG_1.JPG", "d/IMG_1.THM", true);
    are_one("d/IMG_1.JPG", "e/IMG_1.NEF", false);
    are_one("D/IMG_1.JPG", "d/IMG_1.NEF", false);
    are_one("IMG_1.JPG", "d/IMG_1.NEF", false);
    are_one("IMG_1.JPG", "IMG_12.NEF", false);
    are_one("IMG_1.JPG", "IMG_1 (2).NEF", false);
    are_one("IMG_1 (2).JPG", "IMG_1 (2).NEF", true);
    are_one("IMG_1.JPG", "IMG_1-1.NEF", false);
    are_one("IMG_1.JPG", "IMG_1.NEF.JPG", false);
    are_one("IMG_1.edit.JPG", "IMG_1.xmp", false);
}

static void a_sidecar_is_of_the_picture_that_it_names(void **state)
{
    (void) state;
    assert_int_equal(shot_nearness("d/IMG_1.JPG.xmp", "d/IMG_1.JPG"), 3);
    assert_int_equal(shot_nearness("d/img_1.jpg.XMP", "d/IMG_1.JPG"), 3);
    assert_int_equal(shot_nearness("IMG_1.nef.xmp", "IMG_1.NEF"), 3);
    assert_int_equal(shot_nearness("IMG_1.xmp", "IMG_1.JPG"), 2);
    assert_int_equal(shot_nearness("IMG_1.NEF.xmp", "IMG_1.JPG"), 1);
    assert_int_equal(shot_nearness("IMG_1.jpg.xmp", "IMG_1.png"), 0);
    assert_int_equal(shot_nearness("IMG_1.jp.xmp", "IMG_1.jp.JPG"), 2);
    assert_int_equal(shot_nearness("IMG_1.jpg.xmp", "IMG_1.jpeg"), 0);
    assert_int_equal(shot_nearness("IMG_1.jpeg.xmp", "IMG_1.jpg"), 0);
}

static void a_file_without_a_key_is_in_no_shot(void **state)
{
    (void) state;
    assert_false(shot_is_same("IMG_1.txt", "IMG_1.txt"));
    assert_false(shot_is_same("IMG_1.JPG", "IMG_1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extension_says_what_a_file_is_to_its_shot),
        cmocka_unit_test(what_is_in_no_shot_has_no_key),
        cmocka_unit_test(a_key_is_the_directory_and_the_small_stem),
        cmocka_unit_test(a_tail_is_all_after_the_stem),
        cmocka_unit_test(files_of_one_directory_and_stem_are_one_shot),
        cmocka_unit_test(a_sidecar_is_of_the_picture_that_it_names),
        cmocka_unit_test(a_file_without_a_key_is_in_no_shot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
