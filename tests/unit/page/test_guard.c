/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "page/guard.h"
#include "tests/unit/check.h"

#define TOKEN "0123456789abcdef"

enum { NOW_S = 1800000000 };

static char *hosts[] = { (char[]){ "photos.example.org" }, NULL };

/* A request that is right, as a browser that shows the page sends it. */
static const GuardRequest right = {
    .method = "GET",
    .path = "/v1/status",
    .host = "127.0.0.1:8480",
    .hosts_sent = 1,
    .fetch_site = "same-origin",
};

static const GuardRequest right_post = {
    .method = "POST",
    .path = "/v1/pause",
    .host = "127.0.0.1:8480",
    .hosts_sent = 1,
    .origin = "http://127.0.0.1:8480",
    .fetch_site = "same-origin",
    .marker = "1",
};

/* The status of HTTP, 200 where it is admitted. */
static int judge(const Guard *guard, const GuardRequest *request)
{
    g_auto(GuardVerdict) verdict = { 0 };

    guard_judge(guard, request, NOW_S, &verdict);
    assert_true((verdict.answer == GUARD_ADMITS) == !verdict.what);
    return verdict.answer == GUARD_ADMITS ? 200 : verdict.status;
}

static int judge_open(const GuardRequest *request)
{
    const Guard guard = { .hosts = hosts, .steer = true };

    return judge(&guard, request);
}

static int judge_host(const char *host)
{
    GuardRequest request = right;

    request.host = host;
    return judge_open(&request);
}

static void only_addresses_and_names_of_ours_are_answered(void **state)
{
    static const char *const ours[] = { "127.0.0.1",
                                        "127.0.0.1:8480",
                                        "192.168.1.5:80",
                                        "[::1]",
                                        "[::1]:8480",
                                        "[fe80::1]:8480",
                                        "localhost",
                                        "LocalHost:8480",
                                        "photos.example.org",
                                        "PHOTOS.example.ORG",
                                        "photos.example.org:443" };
    static const char *const others[] = { "evil.example",
                                          "photos.example.org.evil.example",
                                          "xphotos.example.org",
                                          "photos.example.org.",
                                          "localhost.evil.example",
                                          "localhost.",
                                          "127.0.0.1.evil.example",
                                          "127.1",
                                          "0x7f000001",
                                          "2130706433",
                                          "127.0.0.1:8480@evil.example",
                                          "evil.example:127.0.0.1",
                                          "[::1",
                                          "[::1]evil.example",
                                          "[localhost]",
                                          "[127.0.0.1]",
                                          "::1",
                                          "127.0.0.1:",
                                          "127.0.0.1:848o",
                                          "127.0.0.1:123456",
                                          " 127.0.0.1",
                                          "" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        assert_int_equal(judge_host(ours[i]), 200);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (judge_host(others[i]) != 421)
            fail_msg("'%s' is no host of ours", others[i]);
}

static void a_refused_name_is_said_with_what_to_write(void **state)
{
    const Guard guard = { .hosts = hosts };
    GuardRequest request = right;
    g_auto(GuardVerdict) verdict = { 0 };

    (void) state;
    request.host = "evil\x1b.example:80";
    guard_judge(&guard, &request, NOW_S, &verdict);
    assert_string_equal(verdict.what, "this page has no name 'evil\\x1b.example'");
    assert_non_null(strstr(verdict.fix, "hosts = {"));
}

static void a_request_has_one_host(void **state)
{
    GuardRequest request = right;

    (void) state;
    request.hosts_sent = 2;
    assert_int_equal(judge_open(&request), 400);
    request.hosts_sent = 0;
    request.host = NULL;
    assert_int_equal(judge_open(&request), 400);
}

static void each_path_takes_its_methods(void **state)
{
    static const struct {
        const char *method, *path;
        int status;
    } cases[] = {
        { "GET", "/", 200 },
        { "HEAD", "/", 200 },
        { "POST", "/", 405 },
        { "GET", "/app.js", 200 },
        { "GET", "/app.jss", 404 },
        { "GET", "/../app.js", 404 },
        { "GET", "/login", 200 },
        { "GET", "/logout", 405 },
        { "GET", "/events", 200 },
        { "POST", "/events", 405 },
        { "GET", "/metrics", 200 },
        { "PUT", "/v1/status", 405 },
        { "OPTIONS", "/v1/pause", 405 },
        { "GET", "/v1", 404 },
        { "GET", "/v2/status", 404 },
        { "GET", "/v1/anything", 200 },
        { "GET", "", 404 },
        { "GET", "//v1/status", 404 },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GuardRequest request = right;
        request.method = cases[i].method;
        request.path = cases[i].path;
        if (judge_open(&request) != cases[i].status)
            fail_msg("%s %s is not %d", cases[i].method, cases[i].path, cases[i].status);
    }
}

static void a_page_of_another_origin_changes_nothing(void **state)
{
    static const char *const origins[] = {
        "http://evil.example",    "https://evil.example",  "null",
        "http://127.0.0.1",       "http://127.0.0.1:8481", "ftp://127.0.0.1:8480",
        "http://127.0.0.1:84800", "127.0.0.1:8480",        ""
    };
    static const char *const sites[] = { "cross-site", "same-site", "none", "", "same-originx" };

    (void) state;
    assert_int_equal(judge_open(&right_post), 200);
    for (size_t i = 0; i < G_N_ELEMENTS(origins); i++) {
        GuardRequest request = right_post;
        request.origin = origins[i];
        assert_int_equal(judge_open(&request), 403);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sites); i++) {
        GuardRequest request = right_post;
        request.fetch_site = sites[i];
        assert_int_equal(judge_open(&request), 403);
    }
}

static void a_change_needs_the_header_that_forms_cannot_send(void **state)
{
    GuardRequest request = right_post;

    (void) state;
    request.origin = request.fetch_site = NULL; /* as a program asks */
    assert_int_equal(judge_open(&request), 200);
    request.marker = NULL;
    assert_int_equal(judge_open(&request), 403);
    request.marker = "0";
    assert_int_equal(judge_open(&request), 403);
    request.path = "/logout";
    assert_int_equal(judge_open(&request), 403);
    request.path = "/login";
    assert_int_equal(judge_open(&request), 200);
    request.origin = "http://evil.example";
    assert_int_equal(judge_open(&request), 403);
}

static void another_page_cannot_read_and_may_link(void **state)
{
    GuardRequest request = right;

    (void) state;
    request.fetch_site = "none";
    assert_int_equal(judge_open(&request), 200);
    request.fetch_site = "cross-site";
    assert_int_equal(judge_open(&request), 403);
    request.path = "/events";
    assert_int_equal(judge_open(&request), 403);
    request.path = "/metrics";
    assert_int_equal(judge_open(&request), 403);
    request.path = "/";
    assert_int_equal(judge_open(&request), 200);
    request.path = "/app.css";
    assert_int_equal(judge_open(&request), 200);
}

static int judge_token(const char *path, const char *authorization, const char *cookies)
{
    g_autoptr(Token) token = token_new(TOKEN);
    const Guard guard = { .hosts = hosts, .token = token, .steer = true };
    GuardRequest request = right;

    request.path = path;
    request.authorization = authorization;
    request.cookies = cookies;
    return judge(&guard, &request);
}

static void all_but_the_login_and_its_files_wants_the_token(void **state)
{
    static const char *const closed[] = { "/", "/index.html", "/events", "/metrics", "/v1/status" };
    static const char *const open[] = { "/login", "/app.css", "/app.js", "/icon.svg" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(closed); i++) {
        assert_int_equal(judge_token(closed[i], NULL, NULL), 401);
        assert_int_equal(judge_token(closed[i], "Bearer " TOKEN, NULL), 200);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(open); i++)
        assert_int_equal(judge_token(open[i], NULL, NULL), 200);
}

static void only_the_whole_token_opens(void **state)
{
    (void) state;
    assert_int_equal(judge_token("/v1/status", "bearer " TOKEN, NULL), 200);
    assert_int_equal(judge_token("/v1/status", "Bearer   " TOKEN, NULL), 200);
    assert_int_equal(judge_token("/v1/status", "Bearer " TOKEN "0", NULL), 401);
    assert_int_equal(judge_token("/v1/status", "Bearer 0123456789abcde", NULL), 401);
    assert_int_equal(judge_token("/v1/status", "Bearer ", NULL), 401);
    assert_int_equal(judge_token("/v1/status", "Basic " TOKEN, NULL), 401);
    assert_int_equal(judge_token("/v1/status", NULL, "hotfolder=" TOKEN), 401);
}

static void a_cookie_of_ours_opens_among_others(void **state)
{
    g_autoptr(Token) token = token_new(TOKEN), other = token_new("fedcba9876543210");
    g_autofree char *value = token_cookie(token, NOW_S - 1);
    g_autofree char *foreign = token_cookie(other, NOW_S - 1);
    g_autofree char *one = g_strdup_printf("hotfolder=%s", value);
    g_autofree char *several = g_strdup_printf("a=b; hotfolder=x;hotfolder=%s; c", value);
    g_autofree char *named = g_strdup_printf("xhotfolder=%s; hotfolderx=%s", value, value);
    g_autofree char *wrong = g_strdup_printf("hotfolder=%s", foreign);

    (void) state;
    assert_int_equal(judge_token("/", NULL, one), 200);
    assert_int_equal(judge_token("/", NULL, several), 200);
    assert_int_equal(judge_token("/", NULL, named), 401);
    assert_int_equal(judge_token("/", NULL, wrong), 401);
    assert_int_equal(judge_token("/", "Bearer wrong", one), 401);
}

static void a_wrong_bearer_is_answered_slowly_and_too_many_not_at_all(void **state)
{
    g_autoptr(Token) token = token_new(TOKEN);
    const Guard guard = { .hosts = hosts, .token = token };
    GuardRequest request = right;
    g_auto(GuardVerdict) verdict = { 0 };

    (void) state;
    request.authorization = "Bearer wrong";
    guard_judge(&guard, &request, NOW_S, &verdict);
    assert_int_equal(verdict.answer, GUARD_WRONG);
    request.authorization = "Bearer " TOKEN;
    request.too_often = true;
    assert_int_equal(judge(&guard, &request), 429);
}

static void a_request_that_may_end_at_two_places_ends_the_connection(void **state)
{
    static const char *const wrong[][4] = {
        { "Content-Length", "2", "Transfer-Encoding", "chunked" },
        { "Content-Length", "2", "content-length", "2" },
        { "Transfer-Encoding", "chunked", "Transfer-Encoding", "identity" },
        { "Content-Length", "2, 2" },
        { "Content-Length", "+2" },
        { "Content-Length", "" },
        { "Content-Length ", "2" },
        { "Transfer-Encoding", "xchunked" },
        { "Transfer-Encoding\t", "chunked" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const Guard guard = { .hosts = hosts, .steer = true };
        g_auto(GuardVerdict) verdict = { 0 };
        GuardRequest request = right_post;
        guard_see_header(&request, wrong[i][0], wrong[i][1]);
        if (wrong[i][2])
            guard_see_header(&request, wrong[i][2], wrong[i][3]);
        guard_judge(&guard, &request, NOW_S, &verdict);
        assert_int_equal(verdict.status, 400);
        assert_true(verdict.must_close);
    }
    GuardRequest request = right_post;
    guard_see_header(&request, "Content-Length", "2");
    assert_int_equal(judge_open(&request), 200);
    request = right_post;
    guard_see_header(&request, "transfer-encoding", "Chunked");
    assert_int_equal(judge_open(&request), 200);
}

static void a_page_that_may_not_steer_reads(void **state)
{
    const Guard guard = { .hosts = hosts, .steer = false };

    (void) state;
    assert_int_equal(judge(&guard, &right), 200);
    assert_int_equal(judge(&guard, &right_post), 403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_and_names_of_ours_are_answered),
        cmocka_unit_test(a_refused_name_is_said_with_what_to_write),
        cmocka_unit_test(a_request_has_one_host),
        cmocka_unit_test(each_path_takes_its_methods),
        cmocka_unit_test(a_page_of_another_origin_changes_nothing),
        cmocka_unit_test(a_change_needs_the_header_that_forms_cannot_send),
        cmocka_unit_test(another_page_cannot_read_and_may_link),
        cmocka_unit_test(all_but_the_login_and_its_files_wants_the_token),
        cmocka_unit_test(only_the_whole_token_opens),
        cmocka_unit_test(a_cookie_of_ours_opens_among_others),
        cmocka_unit_test(a_wrong_bearer_is_answered_slowly_and_too_many_not_at_all),
        cmocka_unit_test(a_request_that_may_end_at_two_places_ends_the_connection),
        cmocka_unit_test(a_page_that_may_not_steer_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
