/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What lies beside a file of a tree: which of a shot is processed, and which XMP file is read. */
#include "command/beside.h"
#include "tests/unit/check.h"

static const char *const names[] = { "IMG_1.JPG",  "img_1.nef", "IMG_1.png", "IMG_12.NEF",
                                     "IMG_3.HEIC", "IMG_3.DNG", "a.jpg",     "a.xmp",
                                     "a.jpg.XMP",  "a.nef.xmp", "b.jpg",     "B.XMP",
                                     "b.arw.xmp",  "IMG_1.WAV", "c.jpg",     "cc.xmp",
                                     "c.cr2.xmp" };

typedef struct Bench {
    char *dir;
    Beside *beside;
} Bench;

static int set_up(void **state)
{
    Bench *bench = g_new0(Bench, 1);

    bench->dir = check_mkdir();
    bench->beside = beside_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        check_write(bench->dir, names[i], "x");
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    Bench *bench = *state;

    beside_free(bench->beside);
    check_rmdir(bench->dir);
    g_free(bench);
    return 0;
}

static void is_left(const Bench *bench, const Folder *folder, const char *name, bool left)
{
    g_autofree char *path = g_build_filename(bench->dir, name, NULL);
    const char *reason = beside_reason(bench->beside, folder, path);

    if ((reason != NULL) != left)
        fail_msg("%s: %s", name, reason ? reason : "is processed");
}

static void the_file_that_is_preferred_stands_for_its_shot(void **state)
{
    const Bench *bench = *state;
    static const struct {
        bool takes_raw;
        Prefer prefer;
        bool raw, picture; /* whether it is left out */
    } rows[] = {
        { false, PREFER_JPEG, true, false }, { false, PREFER_RAW, true, false },
        { false, PREFER_BOTH, true, false }, { true, PREFER_JPEG, true, false },
        { true, PREFER_RAW, false, true },   { true, PREFER_BOTH, false, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Folder folder = { .shots = SHOTS_TOGETHER,
                                .prefer = rows[i].prefer,
                                .limits.accept = rows[i].takes_raw ? FORMAT_BIT(FORMAT_RAW) : 0 };
        is_left(bench, &folder, "img_1.nef", rows[i].raw);
        is_left(bench, &folder, "IMG_3.DNG", rows[i].raw);
        is_left(bench, &folder, "IMG_1.JPG", rows[i].picture);
        is_left(bench, &folder, "IMG_3.HEIC", rows[i].picture);
        is_left(bench, &folder, "IMG_1.png", false);
        is_left(bench, &folder, "IMG_12.NEF", false);
        is_left(bench, &folder, "IMG_1.WAV", false);
        is_left(bench, &folder, "missing.jpg", false);
    }
    const Folder apart = { .shots = SHOTS_APART };
    is_left(bench, &apart, "img_1.nef", false);
}

static void the_nearest_sidecar_is_read(void **state)
{
    const Bench *bench = *state;
    static const char *const rows[][2] = {
        { "a.jpg", "a.jpg.XMP" }, { "b.jpg", "B.XMP" },    { "c.jpg", "c.cr2.xmp" },
        { "IMG_1.JPG", NULL },    { "missing.jpg", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Folder together = { .shots = SHOTS_TOGETHER }, apart = { .shots = SHOTS_APART };
        g_autofree char *path = g_build_filename(bench->dir, rows[i][0], NULL);
        g_autofree char *sidecar = beside_sidecar(bench->beside, &together, path);
        if (g_strcmp0(sidecar, rows[i][1]) != 0)
            fail_msg("%s: %s", rows[i][0], sidecar ? sidecar : "none");
        assert_null(beside_sidecar(bench->beside, &apart, path));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_file_that_is_preferred_stands_for_its_shot),
        TEST(the_nearest_sidecar_is_read),
    };

    return cmocka_run_group_tests_name("beside", tests, NULL, NULL);
}
