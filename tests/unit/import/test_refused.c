/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an import refuses before the first byte, since it would write to the card. */
#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/import/scene.h"

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
        cmocka_unit_test(a_destination_on_the_card_is_refused),
        cmocka_unit_test(a_destination_that_shows_a_directory_of_the_card_is_refused),
        cmocka_unit_test(an_inbox_on_the_card_is_refused),
        cmocka_unit_test(a_catalog_on_the_card_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
