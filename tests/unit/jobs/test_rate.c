/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast pictures end. */
#include "daemon/jobs/rate.h"
#include "tests/unit/check.h"

static void the_last_minute_counts_and_nothing_before_it(void **state)
{
    Rates *rates = rates_new();
    int64_t now_ms = 1000000;
    bool steady = false;

    (void) state;
    for (int i = 0; i < 600; i++, now_ms += 500)
        rates_count(rates, "web", now_ms);
    assert_float_equal(rates_read(rates, "web", now_ms - 1, &steady), 2.0, 0.05);
    assert_float_equal(rates_read(rates, NULL, now_ms - 1, &steady), 2.0, 0.05);
    assert_float_equal(rates_read(rates, "web", now_ms + 30000, &steady), 1.0, 0.05);
    assert_float_equal(rates_read(rates, "web", now_ms + 61000, &steady), 0.0, 0.0);
    assert_float_equal(rates_read(rates, "other", now_ms, &steady), 0.0, 0.0);
    rates_free(rates);
}

static void idle_time_before_the_first_picture_does_not_count(void **state)
{
    Rates *rates = rates_new();
    bool steady = false;

    (void) state;
    rates_count(rates, "a", 6000);
    rates_count(rates, "a", 6000);
    rates_count(rates, "b", 7000);
    assert_float_equal(rates_read(rates, "a", 10000, &steady), 0.5, 0.001);
    assert_float_equal(rates_read(rates, NULL, 10000, &steady), 0.75, 0.001);
    assert_float_equal(rates_read(rates, "a", 6500, &steady), 2.0, 0.001);
    rates_free(rates);
}

static void a_few_pictures_say_nothing_of_others(void **state)
{
    Rates *rates = rates_new();
    bool steady = true;

    (void) state;
    rates_read(rates, "a", 7000, &steady);
    assert_false(steady);
    for (int i = 1; i <= 5; i++) {
        rates_count(rates, "a", 7000);
        rates_read(rates, "a", 7500, &steady);
        assert_int_equal(steady, i == 5);
    }
    rates_free(rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_minute_counts_and_nothing_before_it),
        cmocka_unit_test(idle_time_before_the_first_picture_does_not_count),
        cmocka_unit_test(a_few_pictures_say_nothing_of_others),
    };

    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
