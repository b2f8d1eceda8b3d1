/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>

#include "page/assets.h"
#include "tests/unit/check.h"

static void paths_of_the_page_lead_to_its_files(void **state)
{
    (void) state;
    assert_ptr_equal(assets_find("/"), assets_find("/index.html"));
    assert_ptr_equal(assets_find("/login"), assets_find("/login.html"));
    assert_string_equal(assets_type(assets_find("/")), "text/html; charset=utf-8");
    assert_string_equal(assets_type(assets_find("/app.js")), "text/javascript; charset=utf-8");
    assert_string_equal(assets_type(assets_find("/app.css")), "text/css; charset=utf-8");
    assert_string_equal(assets_type(assets_find("/icon.svg")), "image/svg+xml");
    assert_null(assets_find("/web/app.js"));
    assert_null(assets_find("app.js"));
    assert_null(assets_find(""));
}

/* Judged by GLib, where CMake has made the tags. */
static void a_tag_is_the_digest_of_the_bytes(void **state)
{
    (void) state;
    for (const Asset *asset = assets; asset->path; asset++) {
        g_autofree char *sum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, asset->bytes, asset->size);
        g_autofree char *quoted = g_strdup_printf("\"%s\"", sum);
        assert_string_equal(asset->etag, quoted);
    }
}

static void a_browser_has_a_file_whose_tag_it_sends(void **state)
{
    const Asset *asset = assets_find("/app.js");
    g_autofree char *weak = g_strdup_printf("\"a\", W/%s", asset->etag);

    (void) state;
    assert_true(assets_has(asset, asset->etag));
    assert_true(assets_has(asset, weak));
    assert_true(assets_has(asset, "*"));
    assert_false(assets_has(asset, assets_find("/app.css")->etag));
    assert_false(assets_has(asset, NULL));
}

static bool has(const Asset *asset, const char *text)
{
    g_autofree char *copy = g_strndup((const char *) asset->bytes, asset->size);

    return strstr(copy, text);
}

/* The policy that the server sends lets no browser run or load any of these. */
static void no_file_has_what_the_policy_forbids(void **state)
{
    static const char *const forbidden[] = { "<script>", " style=\"", "javascript:", " onclick=",
                                             " onload=", "<style",    "eval(",       "//cdn" };

    (void) state;
    for (const Asset *asset = assets; asset->path; asset++)
        for (size_t i = 0; i < G_N_ELEMENTS(forbidden); i++)
            if (has(asset, forbidden[i]))
                fail_msg("%s has %s", asset->path, forbidden[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_the_page_lead_to_its_files),
        cmocka_unit_test(a_tag_is_the_digest_of_the_bytes),
        cmocka_unit_test(a_browser_has_a_file_whose_tag_it_sends),
        cmocka_unit_test(no_file_has_what_the_policy_forbids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
