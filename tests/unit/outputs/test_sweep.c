/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hidden files of a ledger that is gone, and no other files. */
#include "base/clock.h"
#include "daemon/outputs/sweep.h"
#include "tests/unit/check.h"

static void only_the_files_of_an_earlier_ledger_of_this_place_go(void **state)
{
    static const char *const gone[] = {
        "out/.hotfolder-aaaaaaaa-11111111-1-0",
        "out/deep/er/.hotfolder-aaaaaaaa-22222222-7-3",
        "in/done/.hotfolder-aaaaaaaa-11111111-2-original",
        "in/failed/x/.hotfolder-aaaaaaaa-11111111-3-original",
    };
    static const char *const kept[] = {
        "out/.hotfolder-aaaaaaaa-99999999-1-0",             /* this ledger's */
        "out/.hotfolder-bbbbbbbb-11111111-1-0",             /* another hotfolder's */
        "out/a.jpg", "in/.hotfolder-aaaaaaaa-11111111-4-0", /* watched: not ours to touch */
    };
    char *dir = check_mkdir();
    Folder folder = { .name = (char *) (uintptr_t) "inbox",
                      .path = g_build_filename(dir, "in", NULL),
                      .output = g_build_filename(dir, "out", NULL) };
    Settings settings = { .folders = g_ptr_array_new() };

    (void) state;
    atomic_init(&settings.refs, 2); /* it is not to be freed */
    g_ptr_array_add(settings.folders, &folder);
    for (unsigned i = 0; i < G_N_ELEMENTS(gone); i++)
        check_write(dir, gone[i], "half");
    for (unsigned i = 0; i < G_N_ELEMENTS(kept); i++)
        check_write(dir, kept[i], "whole");

    Sweep *sweep = sweep_start(&settings, "aaaaaaaa-99999999");
    assert_non_null(sweep);
    for (unsigned i = 0; i < G_N_ELEMENTS(gone); i++)
        for (int64_t limit = clock_ms() + 60000; check_exists(dir, gone[i]);) {
            assert_true(clock_ms() < limit);
            g_usleep(2000);
        }
    sweep_stop(sweep);
    for (unsigned i = 0; i < G_N_ELEMENTS(kept); i++)
        assert_true(check_exists(dir, kept[i]));
    g_ptr_array_unref(settings.folders);
    g_free(folder.path);
    g_free(folder.output);
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_files_of_an_earlier_ledger_of_this_place_go),
    };

    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
