/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast pictures end. */
#include "daemon/jobs/rate.h"
#include "tests/unit/check.h"

static void the_last_minute_counts_and_nothing_before_it(void **state)
{
    Rates *rates = rates_new(1000000);
    int64_t now_ms = 1000000;

    (void) state;
    for (int i = 0; i < 600; i++, now_ms += 500)
        rates_count(rates, "web", now_ms);
    assert_float_equal(rates_read(rates, "web", now_ms - 1), 2.0, 0.05);
    assert_float_equal(rates_read(rates, NULL, now_ms - 1), 2.0, 0.05);
    assert_float_equal(rates_read(rates, "web", now_ms + 30000), 1.0, 0.05);
    assert_float_equal(rates_read(rates, "web", now_ms + 61000), 0.0, 0.0);
    assert_float_equal(rates_read(rates, "other", now_ms), 0.0, 0.0);
    rates_free(rates);
}

static void after_a_start_only_the_time_since_then_counts(void **state)
{
    Rates *rates = rates_new(5000);

    (void) state;
    rates_count(rates, "a", 6000);
    rates_count(rates, "a", 6000);
    rates_count(rates, "b", 7000);
    assert_float_equal(rates_read(rates, "a", 9000), 0.5, 0.001);
    assert_float_equal(rates_read(rates, NULL, 9000), 0.75, 0.001);
    assert_float_equal(rates_read(rates, "a", 5000), 2.0, 0.001);
    rates_free(rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_minute_counts_and_nothing_before_it),
        cmocka_unit_test(after_a_start_only_the_time_since_then_counts),
    };

    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
