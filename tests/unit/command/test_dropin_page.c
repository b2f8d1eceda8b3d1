/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/dropin_page.h"
#include "tests/unit/check.h"

static bool is_here(const char *listen)
{
    g_autofree char *text = g_strdup(listen);
    Http http = { .listen = text };

    return dropin_page_is_here(&http);
}

static void an_address_of_another_machine_is_not_here(void **state)
{
    (void) state;
    assert_true(is_here("127.0.0.1:8480"));
    assert_true(is_here("0.0.0.0:8480"));
    /* of documentation (RFC 5737) */
    assert_false(is_here("192.0.2.7:8480"));
}

static void what_is_no_address_is_not_judged(void **state)
{
    (void) state;
    assert_true(is_here("[studio]:8480"));
    assert_true(is_here("studio:8480"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_of_another_machine_is_not_here),
        cmocka_unit_test(what_is_no_address_is_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
