/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a folder lets in: formats and sizes, as they are written and as they are refused. */
#include "tests/unit/one_folder.h"

static Limits limits_of(const char *defaults, const char *lines)
{
    g_autofree char *messages = NULL;
    g_autoptr(Settings) settings = one_folder(defaults, lines, &messages);

    assert_string_equal(messages, "");
    return settings_find_folder(settings, "f")->limits;
}

static void assert_reported(const char *lines, const char *expected)
{
    g_autofree char *messages = NULL;

    settings_unref(one_folder("", lines, &messages));
    assert_string_equal(messages, expected);
}

static void a_folder_accepts_what_libvips_trusts(void **state)
{
    (void) state;
    assert_int_equal(limits_of("", "").accept, FORMATS_TRUSTED);
}

static void a_list_replaces_and_a_plus_adds(void **state)
{
    unsigned jpeg = FORMAT_BIT(FORMAT_JPEG), svg = FORMAT_BIT(FORMAT_SVG);

    (void) state;
    assert_int_equal(limits_of("", "accept = { jpeg }").accept, jpeg);
    assert_int_equal(limits_of("", "accept += { svg }").accept, FORMATS_TRUSTED | svg);
    assert_int_equal(limits_of("accept = { jpeg }", "").accept, jpeg);
    assert_int_equal(limits_of("accept = { jpeg }", "accept += { svg }").accept, jpeg | svg);
    assert_int_equal(limits_of("accept += { svg }", "accept = { \"jpeg\" }").accept, jpeg);
}

static void a_wrong_format_is_guessed(void **state)
{
    (void) state;
    assert_reported(
        "accept = { jpeg, jpg }",
        "main.conf:3: accept = jpg: no such choice (did you mean jpeg?); give { ... } of "
        "jpeg, png, webp, gif, tiff, heif, avif, bmp, jxl, jp2, svg, pdf, raw; default "
        "{ jpeg, png, webp, gif, tiff, heif, avif, bmp }\n");
    assert_reported("accept = jpeg", "");
    assert_reported("accept = { }",
                    "main.conf:3: accept = { }: no picture would be processed; name at least one "
                    "format\n");
}

/* libvips has JPEG XL as a module, which it does not find here. */
static void a_format_that_this_machine_cannot_read_is_an_error(void **state)
{
    (void) state;
    assert_reported("accept += { jxl }", "");
    g_setenv("VIPSHOME", "/nonexistent", TRUE);
    assert_reported("accept = { jpeg, jxl }",
                    "main.conf:3: accept = jxl: the libvips of this machine cannot read JPEG XL; "
                    "remove it, or install a libvips that reads it\n");
    g_unsetenv("VIPSHOME");
}

static void sizes_have_units(void **state)
{
    Limits limits = limits_of("max_pages = 7 max_metadata = 1MB", "max_pixels = 400MP\n"
                                                                  "max_bytes = 5GB");

    (void) state;
    assert_true(limits.max_pixels == 400);
    assert_int_equal(limits.max_pages, 7);
    assert_int_equal(limits.max_metadata, 1024 * 1024);
    assert_int_equal(limits.max_bytes, INT64_C(5) << 30);
    assert_true(limits_of("", "").max_pixels == 200);
    assert_true(limits_of("", "max_pixels = 0.5").max_pixels == 0.5);
    assert_reported("max_pixels = 12GP",
                    "main.conf:3: max_pixels = 12GP: unknown unit; give 0.001 to "
                    "1000000 MP; default 200MP\n");
    assert_reported("max_pages = 0",
                    "main.conf:3: max_pages = 0: too small; give 1 to 1000000; default 1000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_accepts_what_libvips_trusts),
        cmocka_unit_test(a_list_replaces_and_a_plus_adds),
        cmocka_unit_test(a_wrong_format_is_guessed),
        cmocka_unit_test(a_format_that_this_machine_cannot_read_is_an_error),
        cmocka_unit_test(sizes_have_units),
    };

    return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
