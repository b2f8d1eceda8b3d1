/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name that an original gets: what a profile may say, and what becomes of the picture. */
#include <string.h>

#include "tests/actions/check.h"
#include "tests/actions/desk.h"

static void does(Desk *desk, const char *steps)
{
    g_autoptr(VipsImage) photo = picture_photo(60, 40);
    g_autoptr(VipsImage) lying = picture_with_metadata(photo, 6);
    g_autoptr(Error) error = NULL;

    g_clear_pointer(&desk->renamed, g_free);
    if (!desk_run(desk, picture_file(lying, ".jpg"), steps, &error))
        fail_msg("%s: %s", steps, error->what);
}

static void the_extension_is_the_originals_own(void **state)
{
    static const char *const rows[][2] = {
        { "{stem}-web", "beach-web.JPG" },
        { "{stem}.jpg", "beach.jpg" },
        { "{name}", "beach.JPG" },
        { "{stem}.png", "beach.png.JPG" },
        { "{dir}_{seq:3}", "2024_may_007.JPG" },
        { "a.b {title|none}", "a.b none.JPG" },
        { "{'x/y'}", "x_y.JPG" },
    };
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *steps = g_strdup_printf("rename { name = \"%s\" }", rows[i][0]);
        does(desk, steps);
        if (g_strcmp0(desk->renamed, rows[i][1]) != 0)
            fail_msg("%s became %s", rows[i][0], desk->renamed);
    }
}

static void a_long_name_keeps_its_extension(void **state)
{
    g_autofree char *stem = g_strnfill(300, 'a'), *name = g_strconcat(stem, ".tiff", NULL);
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    desk->origin.name = name;
    does(desk, "rename { name = \"x-{stem}\" }");
    assert_int_equal(strlen(desk->renamed), 255);
    assert_true(g_str_has_suffix(desk->renamed, ".tiff"));
}

static void the_last_one_that_is_done_counts(void **state)
{
    g_autoptr(Desk) desk = desk_new();

    (void) state;
    does(desk, "rename { name = a } branch { rename { name = b } }");
    assert_string_equal(desk->renamed, "b.JPG");
    does(desk, "rename { name = a } rename { name = b enabled = no }");
    assert_string_equal(desk->renamed, "a.JPG");
    does(desk, "rename { name = a } rename { name = b enabled = '{width > 1000}' }");
    assert_string_equal(desk->renamed, "a.JPG");
}

/* It lies in the file, and is saved as it lies. */
static void the_picture_stays_as_it_is(void **state)
{
    static const char *const steps[] = {
        "save { format = original }",
        "rename { name = x } save { format = original }",
        "save {}",
        "rename { name = x } save {}",
        "save {} rename { name = x }",
    };
    g_autoptr(Desk) desk = desk_new();
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);

    (void) state;
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        does(desk, steps[i]);
        g_ptr_array_add(files, picture_read(g_array_index(desk->files, int, i)));
    }
    assert_true(g_bytes_equal(files->pdata[0], files->pdata[1]));
    assert_true(g_bytes_equal(files->pdata[2], files->pdata[3]));
    assert_true(g_bytes_equal(files->pdata[2], files->pdata[4]));
}

static void refused(const char *steps, const char *what)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *text =
        g_strdup_printf("#line 1 \"desk.conf\"\nprofile \"web\" {\n%s\n}\n", steps);
    g_autoptr(GPtrArray) profiles = profiles_read(text, errors);

    profiles_prepare(profiles, errors);
    if (errors->len != 1 || !strstr(((const Error *) errors->pdata[0])->what, what))
        fail_msg("%s: %u errors: %s", steps, errors->len,
                 errors->len ? ((const Error *) errors->pdata[0])->what : "");
}

static void what_can_be_no_name_is_refused(void **state)
{
    (void) state;
    refused("rename { name = \"{dir}/{stem}\" }", "a new name has no directory");
    refused("rename { name = \"/x\" }", "an absolute path");
    refused("rename { name = \"..\" }", "'..' as a directory");
    refused("rename { name = \"\" }", "an empty name");
    refused("rename { name = \".hotfolder-x\" }", "like a temporary file");
    refused("rename { name = \"{stm}\" }", "stm");
    refused("rename {}", "name");
    refused("scale { width = 50% } rename { name = x }", "no save comes after it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_extension_is_the_originals_own),
        cmocka_unit_test(a_long_name_keeps_its_extension),
        cmocka_unit_test(the_last_one_that_is_done_counts),
        cmocka_unit_test(the_picture_stays_as_it_is),
        cmocka_unit_test(what_can_be_no_name_is_refused),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_rename", &error) || !metadata_start(&error))
        return 1;
    int failed = cmocka_run_group_tests_name("rename", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
