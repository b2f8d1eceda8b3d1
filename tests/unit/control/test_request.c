/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parameters: bytes in, and a sentence for each one that is wrong. */
#include "base/text.h"
#include "daemon/control/request.h"
#include "tests/unit/check.h"

static const Parameter table[] = {
    { "path", PARAMETER_PATH, true, "" },
    { "reason", PARAMETER_TEXT, false, "" },
    { "limit", PARAMETER_NUMBER, false, "" },
    { "all", PARAMETER_FLAG, false, "" },
    { 0 },
};

/* The error, newly allocated; NULL: there is none. */
static char *error_of_body(Request *request, const char *body)
{
    g_autoptr(Error) error = NULL;

    if (request_add_body(request, table, body, strlen(body), &error) &&
        request_is_complete(request, table, &error))
        return NULL;
    return error_text(error);
}

static void a_body_gives_each_parameter_its_value(void **state)
{
    g_autoptr(Request) request = request_new(0);
    g_autofree char *error = error_of_body(
        request, " { \"path\": \"/in//a/../b\\\\xff.jpg\", \"reason\": \"it\\u0027s\", "
                 "\"limit\": 9007199254740992, \"all\": true }\n");

    (void) state;
    assert_null(error);
    assert_string_equal(request_text(request, "path"), "/in/b\xff.jpg");
    assert_string_equal(request_text(request, "reason"), "it's");
    assert_int_equal(request_number(request, "limit", 7), INT64_C(9007199254740992));
    assert_true(request_flag(request, "all"));
}

static void what_is_not_given_has_the_value_that_the_answer_names(void **state)
{
    g_autoptr(Request) request = request_new(0);

    (void) state;
    assert_null(request_text(request, "reason"));
    assert_int_equal(request_number(request, "limit", 7), 7);
    assert_false(request_flag(request, "all"));
}

static void a_wrong_body_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *body, *error;
    } rows[] = {
        { "", "the parameter 'path' is missing" },
        { "{}", "the parameter 'path' is missing" },
        { "[]", "the body is no JSON object" },
        { "{", "the body is no JSON object" },
        { "{} {}", "the body is no JSON object" },
        { "{\"path\": \"/\xff\"}", "the body is no JSON object" },
        { "{\"path\": \"/a\\u0000b\"}", "the body is no JSON object" },
        { "{\"path\": \"/a\\\\x00b\"}", "the value of 'path' is wrong" },
        { "{\"path\": \"a\"}", "path = a is wrong; give a path from the root" },
        { "{\"path\": \"\"}", "path = \"\" is wrong; give a path from the root" },
        { "{\"path\": 1}", "the value of 'path' is wrong; give a text" },
        { "{\"path\": null}", "the value of 'path' is wrong; give a text" },
        { "{\"pth\": \"/a\"}", "there is no parameter 'pth' here; did you mean 'path'?" },
        { "{\"path\": \"/a\", \"path\": \"/b\"}", "'path' is given twice" },
        { "{\"path\": \"/a\", \"limit\": -1}", "the value of 'limit' is wrong; give a whole" },
        { "{\"path\": \"/a\", \"limit\": 1.5}", "the value of 'limit' is wrong; give a whole" },
        { "{\"path\": \"/a\", \"limit\": 1e99}", "the value of 'limit' is wrong; give a whole" },
        { "{\"path\": \"/a\", \"limit\": \"1\"}", "the value of 'limit' is wrong; give a whole" },
        { "{\"path\": \"/a\", \"all\": 1}", "the value of 'all' is wrong; give true or false" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Request) request = request_new(0);
        g_autofree char *error = error_of_body(request, rows[i].body);
        assert_non_null(error);
        if (!g_str_has_prefix(error, rows[i].error))
            fail_msg("%s: %s", rows[i].body, error);
    }
}

static void a_backslash_in_a_name_is_no_zero(void **state)
{
    g_autoptr(Request) request = request_new(0);
    g_autofree char *error = error_of_body(request, "{\"path\": \"/a\\\\u0000\"}");

    (void) state;
    assert_null(error);
    assert_string_equal(request_text(request, "path"), "/a\\u0000");
}

static void a_wrong_query_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *name, *value, *error;
    } rows[] = {
        { "path", "a", "path = a is wrong; give a path from the root" },
        { "limit", "1x", "limit = 1x is wrong; give a whole number" },
        { "limit", "-1", "limit = -1 is wrong; give a whole number" },
        { "limit", "18446744073709551616", "limit = 18446744073709551616 is wrong" },
        { "limit", "", "limit = \"\" is wrong" },
        { "all", "yes", "all = yes is wrong; give true or false" },
        { "every", "true", "there is no parameter 'every' here" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Request) request = request_new(0);
        g_autoptr(Error) error = NULL;
        assert_false(request_add(request, table, rows[i].name, rows[i].value, strlen(rows[i].value),
                                 &error));
        g_autofree char *text = error_text(error);
        if (!g_str_has_prefix(text, rows[i].error))
            fail_msg("%s", text);
    }
}

static void a_path_has_one_form(void **state)
{
    static const char *const rows[][2] = {
        { "/", "/" },
        { "//", "/" },
        { "///a//b/", "/a/b" },
        { "/a/./../../b/..", "/" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Request) request = request_new(0);
        g_autoptr(Error) error = NULL;
        assert_ok(request_add(request, table, "path", rows[i][0], strlen(rows[i][0]), &error),
                  error);
        assert_string_equal(request_text(request, "path"), rows[i][1]);
    }
}

static void a_zero_byte_in_a_query_is_refused(void **state)
{
    g_autoptr(Request) request = request_new(0);
    g_autoptr(Error) error = NULL;

    (void) state;
    assert_false(request_add(request, table, "path", "/a\0b", 4, &error));
    assert_string_equal(error->what, "'path' has a zero byte in it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_gives_each_parameter_its_value),
        cmocka_unit_test(what_is_not_given_has_the_value_that_the_answer_names),
        cmocka_unit_test(a_wrong_body_is_refused_with_the_reason),
        cmocka_unit_test(a_backslash_in_a_name_is_no_zero),
        cmocka_unit_test(a_wrong_query_is_refused_with_the_reason),
        cmocka_unit_test(a_path_has_one_form),
        cmocka_unit_test(a_zero_byte_in_a_query_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
