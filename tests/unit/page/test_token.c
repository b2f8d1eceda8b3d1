/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "page/token.h"
#include "tests/unit/check.h"

#define TEXT "0123456789abcdef"

enum { NOW_S = 1800000000 };

/* The token in a file of this content; with an error, whether it names the file. */
static Token *read_text(const char *text)
{
    char *dir = check_mkdir();
    g_autofree char *file = g_build_filename(dir, "token", NULL);
    g_autoptr(Error) error = NULL;

    assert_true(g_file_set_contents(file, text, -1, NULL));
    Token *token = token_read(file, &error);
    assert_true(token ? !error : error && strstr(error->what, file) && error->fix);
    check_rmdir(dir);
    return token;
}

static void the_only_line_of_the_file_is_the_token(void **state)
{
    static const char *const right[] = { TEXT, "0123456789abcdef\n", "  0123456789abcdef\r\n\n" };
    static const char *const wrong[] = { "",
                                         "\n",
                                         "a\n",
                                         "0123456789abcde\n",
                                         "0123456789 abcdef\n",
                                         "0123456789abcdef\nsecond\n",
                                         "0123456789abcd\xc3\xa9" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(right); i++) {
        g_autoptr(Token) token = read_text(right[i]);
        assert_true(token_matches(token, TEXT));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_null(read_text(wrong[i]));
}

static void a_missing_file_is_said_with_the_user_that_reads_it(void **state)
{
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_null(token_read("/nonexistent/token", &error));
    assert_non_null(strstr(error->what, g_get_user_name()));
    assert_non_null(strstr(error->what, "/nonexistent/token"));
    assert_int_equal(error->kind, ERROR_CONFIG);
}

static void only_the_same_text_matches(void **state)
{
    g_autoptr(Token) token = token_new(TEXT);

    (void) state;
    assert_true(token_matches(token, TEXT));
    assert_false(token_matches(token, ""));
    assert_false(token_matches(token, "0123456789abcdeF"));
    assert_false(token_matches(token, TEXT "0"));
    assert_false(token_matches(token, "1123456789abcdef"));
}

static void a_cookie_is_known_until_it_is_old(void **state)
{
    g_autoptr(Token) token = token_new(TEXT), other = token_new(TEXT "0");
    g_autofree char *cookie = token_cookie(token, NOW_S);
    g_autofree char *later = g_strdup_printf("1800000001%s", strchr(cookie, '.'));
    g_autofree char *longer = g_strconcat(cookie, "0", NULL);

    (void) state;
    assert_null(strstr(cookie, TEXT));
    assert_true(token_made_cookie(token, cookie, NOW_S));
    assert_true(token_made_cookie(token, cookie, NOW_S + TOKEN_COOKIE_S));
    assert_true(token_made_cookie(token, cookie, NOW_S - 60)); /* a clock was put back */
    assert_false(token_made_cookie(token, cookie, NOW_S + TOKEN_COOKIE_S + 1));
    assert_false(token_made_cookie(token, cookie, NOW_S - 3600));
    assert_false(token_made_cookie(other, cookie, NOW_S));
    assert_false(token_made_cookie(token, later, NOW_S));
    assert_false(token_made_cookie(token, longer, NOW_S));
    assert_false(token_made_cookie(token, "", NOW_S));
    assert_false(token_made_cookie(token, "1800000000", NOW_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_line_of_the_file_is_the_token),
        cmocka_unit_test(a_missing_file_is_said_with_the_user_that_reads_it),
        cmocka_unit_test(only_the_same_text_matches),
        cmocka_unit_test(a_cookie_is_known_until_it_is_old),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
