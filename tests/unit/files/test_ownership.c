/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ownership of outputs, as they are written and as they are refused. */
#include "tests/unit/one_folder.h"

/* The ownership of that folder; *messages is every error, newly allocated. */
static Ownership load(const char *defaults, const char *lines, char **messages)
{
    g_autoptr(Settings) settings = one_folder(defaults, lines, messages);

    return settings ? settings_find_folder(settings, "f")->ownership : (Ownership){ 0 };
}

static void assert_reported(const char *defaults, const char *lines, const char *expected)
{
    g_autofree char *messages = NULL;

    load(defaults, lines, &messages);
    assert_string_equal(messages, expected);
}

static void rights_are_inherited_and_taken_back(void **state)
{
    g_autofree char *first = NULL, *second = NULL, *third = NULL;
    Ownership none = load("", "", &first);
    Ownership inherited = load("mode = 640", "directory_mode = 0751", &second);
    Ownership taken_back = load("mode = 640", "mode = auto", &third);

    (void) state;
    assert_string_equal(first, "");
    assert_string_equal(second, "");
    assert_string_equal(third, "");
    assert_int_equal(none.set, 0);
    assert_int_equal(inherited.set, OWNERSHIP_MODE | OWNERSHIP_DIRECTORY_MODE);
    assert_int_equal(inherited.mode, 0640);
    assert_int_equal(inherited.directory_mode, 0751);
    assert_int_equal(taken_back.set, 0);
}

static void an_unknown_user_or_group_is_refused_with_its_line(void **state)
{
    (void) state;
    assert_reported(
        "group = \"no-such-group\"", "owner = \"no-such-user\"",
        "main.conf:1: group = no-such-group: no such group; give a name that `getent group` lists\n"
        "main.conf:3: owner = no-such-user: no such user; give a name that `getent passwd` "
        "lists\n");
}

static void a_mode_is_octal_and_leaves_us_what_we_need(void **state)
{
    (void) state;
    assert_reported(
        "", "mode = 0668\n directory_mode = 0660",
        "main.conf:3: mode = 0668: not an octal number; give 0600 to 0777\n"
        "main.conf:4: directory_mode = 0660: too few permissions for the service itself; give "
        "0700 to 0777; "
        "setgid is inherited from the directory above\n");
    assert_reported(
        "", "mode = 0440\n directory_mode = 2770",
        "main.conf:3: mode = 0440: too few permissions for the service itself; give 0600 to 0777\n"
        "main.conf:4: directory_mode = 2770: too large; give 0700 to 0777; "
        "setgid is inherited from the directory above\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rights_are_inherited_and_taken_back),
        cmocka_unit_test(an_unknown_user_or_group_is_refused_with_its_line),
        cmocka_unit_test(a_mode_is_octal_and_leaves_us_what_we_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
