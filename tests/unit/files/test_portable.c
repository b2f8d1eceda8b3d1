/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Portable names are those that Windows, exFAT and SMB shares take. */
#include "daemon/files/portable.h"
#include "tests/unit/check.h"

static void becomes(const char *path, const char *expected)
{
    g_autofree char *portable = portable_path(path);

    assert_string_equal(portable, expected);
}

static void ordinary_names_stay_as_they_are(void **state)
{
    (void) state;
    becomes("photo.jpg", "photo.jpg");
    becomes("wedding/Ünal & Söhne (2).jpg", "wedding/Ünal & Söhne (2).jpg");
    becomes(".hidden/a b.jpg", ".hidden/a b.jpg");
    becomes("日本/写真.jpg", "日本/写真.jpg");
}

static void signs_that_windows_forbids_become_lines(void **state)
{
    (void) state;
    becomes("what?.jpg", "what_.jpg");
    becomes("12:30 <a>|\"b\"*\\c.jpg", "12_30 _a___b___c.jpg");
    becomes("a\tb\x7f.jpg", "a_b_.jpg");
    becomes("no\xff\xfeutf.jpg", "no__utf.jpg");
}

static void a_dot_or_a_blank_at_the_end_of_a_component_becomes_a_line(void **state)
{
    (void) state;
    becomes("who.../what ./a.jpg", "who.._/what _/a.jpg");
    becomes("x ", "x_");
    becomes("x .jpg", "x .jpg");
}

static void names_of_devices_get_a_line(void **state)
{
    (void) state;
    becomes("con.jpg", "con_.jpg");
    becomes("aux/NUL", "aux_/NUL_");
    becomes("COM1.tar.jpg", "COM1_.tar.jpg");
    becomes("lpt² .jpg", "lpt²_ .jpg");
    becomes("COM0.jpg", "COM0.jpg");
    becomes("COM.jpg", "COM.jpg");
    becomes("CO", "CO");
    becomes("console.jpg", "console.jpg");
}

static void no_component_becomes_longer_than_a_name_may_be(void **state)
{
    g_autofree char *tail = g_strnfill(248, 'x');
    g_autofree char *name = g_strdup_printf("nul.%s.jpg", tail), *portable = portable_path(name);

    (void) state;
    assert_int_equal(strlen(name), 256);
    name[255] = '\0'; /* 255 bytes, as long as a name may be */
    g_autofree char *longest = portable_path(name);
    assert_int_equal(strlen(longest), 255);
    assert_true(g_str_has_prefix(longest, "nul_."));
    assert_int_equal(strlen(portable), 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_names_stay_as_they_are),
        cmocka_unit_test(signs_that_windows_forbids_become_lines),
        cmocka_unit_test(a_dot_or_a_blank_at_the_end_of_a_component_becomes_a_line),
        cmocka_unit_test(names_of_devices_get_a_line),
        cmocka_unit_test(no_component_becomes_longer_than_a_name_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
