/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that wait for another one of their shot. */
#include "daemon/watch/gather.h"
#include "tests/unit/check.h"

static void others_are(const Gather *gather, const char *path, bool ready, const char *expected)
{
    g_autoptr(GPtrArray) others = gather_others(gather, path, ready);
    g_autoptr(GString) list = g_string_new(NULL);

    for (guint i = 0; others && i < others->len; i++)
        g_string_append_printf(list, "%s ", (const char *) others->pdata[i]);
    assert_string_equal(list->str, expected);
}

static void a_file_finds_the_others_of_its_shot(void **state)
{
    Gather *gather = gather_new();

    (void) state;
    others_are(gather, "IMG_1.JPG", false, "");
    gather_put(gather, "IMG_1.NEF", true);
    gather_put(gather, "img_1.xmp", false);
    gather_put(gather, "IMG_12.NEF", true);
    gather_put(gather, "a/IMG_1.WAV", true);
    gather_put(gather, "notes.txt", true);
    others_are(gather, "IMG_1.JPG", false, "img_1.xmp IMG_1.NEF ");
    others_are(gather, "IMG_1.JPG", true, "IMG_1.NEF ");
    others_are(gather, "IMG_1.NEF", true, "");
    others_are(gather, "a/IMG_1.JPG", true, "a/IMG_1.WAV ");
    others_are(gather, "notes.txt", false, "");
    assert_int_equal(gather_find(gather, "IMG_1.JPG", SHOT_RAW), GATHER_READY);
    assert_int_equal(gather_find(gather, "IMG_1.JPG", SHOT_XMP), GATHER_PENDING);
    assert_int_equal(gather_find(gather, "IMG_1.JPG", SHOT_SOUND), GATHER_NONE);
    assert_int_equal(gather_find(gather, "IMG_1.NEF", SHOT_RAW), GATHER_NONE);
    gather_put(gather, "img_1.xmp", true);
    assert_int_equal(gather_find(gather, "IMG_1.JPG", SHOT_XMP), GATHER_READY);
    gather_free(gather);
}

static void what_is_dropped_waits_no_more(void **state)
{
    static const char *const names[] = { "1.xmp", "1.nef", "1.wav" };
    Gather *gather = gather_new();

    (void) state;
    for (size_t dropped = 0; dropped < G_N_ELEMENTS(names); dropped++) {
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            gather_put(gather, names[i], true);
        gather_drop(gather, names[dropped]);
        gather_drop(gather, "1.mov");
        gather_drop(gather, "2.mov");
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            assert_int_equal(gather_find(gather, "1.jpg", shot_kind(names[i])) == GATHER_NONE,
                             i == dropped);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        gather_drop(gather, names[i]);
    others_are(gather, "1.jpg", false, "");
    gather_put(gather, "a/1.xmp", true);
    gather_put(gather, "a/b/1.xmp", true);
    gather_put(gather, "ab/1.xmp", true);
    gather_drop_below(gather, "a");
    others_are(gather, "a/1.jpg", false, "");
    others_are(gather, "a/b/1.jpg", false, "");
    others_are(gather, "ab/1.jpg", false, "ab/1.xmp ");
    gather_drop_below(gather, "");
    others_are(gather, "ab/1.jpg", false, "");
    gather_free(gather);
}

static void a_scan_drops_what_it_did_not_find(void **state)
{
    Gather *gather = gather_new();

    (void) state;
    gather_put(gather, "gone.xmp", true);
    gather_put(gather, "seen.xmp", true);
    gather_put(gather, "put.xmp", true);
    gather_scan_begins(gather);
    gather_seen(gather, "seen.xmp");
    gather_seen(gather, "unknown.xmp");
    gather_put(gather, "put.xmp", false);
    gather_put(gather, "new.xmp", true);
    gather_scan_ended(gather);
    others_are(gather, "gone.jpg", false, "");
    others_are(gather, "seen.jpg", false, "seen.xmp ");
    others_are(gather, "put.jpg", false, "put.xmp ");
    others_are(gather, "new.jpg", false, "new.xmp ");
    gather_free(gather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_finds_the_others_of_its_shot),
        cmocka_unit_test(what_is_dropped_waits_no_more),
        cmocka_unit_test(a_scan_drops_what_it_did_not_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
