/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a digest is sent. */
#include "base/clock.h"
#include "daemon/digest/pace.h"
#include "tests/unit/check.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define NOW    (100 * HOUR)

static void what_happens_within_five_seconds_is_one_digest(void **state)
{
    Pace pace = pace_new();

    (void) state;
    assert_int_equal(pace_due(&pace, 10 * MINUTE), CLOCK_NEVER);
    pace_news(&pace, true, NOW);
    pace_news(&pace, true, NOW + SECOND);
    assert_int_equal(pace_due(&pace, 10 * MINUTE), NOW + 5 * SECOND);
    assert_int_equal(pace_due(&pace, SECOND), NOW + SECOND);
    assert_int_equal(pace_due(&pace, 0), NOW);
    pace_news(&pace, false, NOW + 2 * SECOND);
    assert_int_equal(pace_due(&pace, 0), CLOCK_NEVER);
}

static void the_next_one_waits_for_its_time(void **state)
{
    Pace pace = pace_new();

    (void) state;
    pace_news(&pace, true, NOW);
    pace_sent(&pace, NOW + 5 * SECOND);
    assert_int_equal(pace_due(&pace, 10 * MINUTE), CLOCK_NEVER);
    pace_news(&pace, true, NOW + MINUTE);
    assert_int_equal(pace_due(&pace, 10 * MINUTE), NOW + 10 * MINUTE + 5 * SECOND);
    assert_int_equal(pace_due(&pace, 2 * MINUTE), NOW + 2 * MINUTE + 5 * SECOND); /* a reload */
    pace_news(&pace, false, NOW + HOUR);
    pace_news(&pace, true, NOW + HOUR);
    assert_int_equal(pace_due(&pace, 10 * MINUTE), NOW + HOUR + 5 * SECOND);
}

static void a_failure_is_tried_again_later_each_time_up_to_an_hour(void **state)
{
    Pace pace = pace_new();
    int64_t delay = 10 * SECOND;

    (void) state;
    pace_news(&pace, true, NOW);
    for (int i = 0; i < 100; i++) {
        pace_failed(&pace, NOW + i);
        assert_int_equal(pace_due(&pace, 10 * MINUTE), NOW + i + MIN(delay, HOUR));
        delay = MIN(2 * delay, HOUR);
    }
    pace_sent(&pace, NOW);
    pace_news(&pace, true, NOW);
    pace_failed(&pace, NOW);
    assert_int_equal(pace_due(&pace, 0), NOW + 10 * SECOND);
}

static void a_restart_sends_no_more_than_the_rate_allows(void **state)
{
    static const struct {
        int64_t ago, wait;
    } cases[] = { { MINUTE, 9 * MINUTE }, { HOUR, 5 * SECOND }, { -HOUR, 10 * MINUTE } };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Pace pace = pace_new();
        pace_begin(&pace, cases[i].ago, 10 * MINUTE, NOW);
        pace_news(&pace, true, NOW);
        assert_int_equal(pace_due(&pace, 10 * MINUTE), NOW + cases[i].wait);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_within_five_seconds_is_one_digest),
        cmocka_unit_test(the_next_one_waits_for_its_time),
        cmocka_unit_test(a_failure_is_tried_again_later_each_time_up_to_an_hour),
        cmocka_unit_test(a_restart_sends_no_more_than_the_rate_allows),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
