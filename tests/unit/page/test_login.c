/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "page/assets.h"
#include "page/login.h"
#include "tests/unit/check.h"

static char *token_of(const char *form)
{
    return login_token(form, strlen(form));
}

static void a_form_has_the_token_in_its_field(void **state)
{
    g_autofree char *plain = token_of("token=abc"), *spaces = token_of("a=b&token=+a%2Bb%20&c=");
    g_autofree char *empty = token_of("token="), *none = token_of("a=b"), *nothing = token_of("");
    g_autofree char *json = token_of("{\"token\": \"abc\"}"), *broken = token_of("token=%zz");

    (void) state;
    assert_string_equal(plain, "abc");
    assert_string_equal(spaces, "a+b");
    assert_string_equal(empty, "");
    assert_null(none);
    assert_null(nothing);
    assert_null(json);
    assert_null(broken);
}

static void a_wrong_token_is_said_on_the_page_of_the_login(void **state)
{
    const Asset *page = assets_find("/login");
    g_autofree char *before = g_strndup((const char *) page->bytes, page->size);
    g_autofree char *after = login_again(page->bytes, page->size);

    (void) state;
    assert_non_null(strstr(before, "role=\"alert\" hidden>"));
    assert_null(strstr(after, "hidden"));
    assert_non_null(strstr(after, "role=\"alert\">"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_has_the_token_in_its_field),
        cmocka_unit_test(a_wrong_token_is_said_on_the_page_of_the_login),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
