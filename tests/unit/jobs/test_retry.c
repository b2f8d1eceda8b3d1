/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to try again. */
#include "daemon/jobs/retry.h"
#include "tests/unit/check.h"

static const RetryPolicy policy = { .attempts = 5, .first_ms = 2000, .max_ms = 600000 };

static void a_damaged_picture_is_never_tried_again(void **state)
{
    (void) state;
    assert_int_equal(retry_decide(ERROR_PICTURE, 1, 0, &policy), RETRY_FAIL);
}

static void a_broken_environment_spends_no_attempt_however_often_it_breaks(void **state)
{
    (void) state;
    assert_int_equal(retry_decide(ERROR_ENVIRONMENT, 1, 0, &policy), RETRY_HOLD);
    assert_int_equal(retry_decide(ERROR_ENVIRONMENT, 500, 0, &policy), RETRY_HOLD);
}

static void what_may_pass_is_tried_as_often_as_the_policy_says(void **state)
{
    (void) state;
    for (int attempt = 1; attempt < 5; attempt++)
        assert_int_equal(retry_decide(ERROR_TRANSIENT, attempt, 0, &policy), RETRY_AGAIN);
    assert_int_equal(retry_decide(ERROR_TRANSIENT, 5, 0, &policy), RETRY_FAIL);
    assert_int_equal(retry_decide(ERROR_CONFIG, 4, 0, &policy), RETRY_AGAIN);
    assert_int_equal(retry_decide(ERROR_INTERNAL, 5, 0, &policy), RETRY_FAIL);
}

static void a_second_dead_worker_ends_it_whatever_the_policy(void **state)
{
    (void) state;
    assert_int_equal(retry_decide(ERROR_TRANSIENT, 1, 1, &policy), RETRY_AGAIN);
    assert_int_equal(retry_decide(ERROR_TRANSIENT, 2, 2, &policy), RETRY_FAIL);
}

static void deaths_of_the_daemon_are_forgiven_more_often_than_those_of_a_worker(void **state)
{
    const RetryPolicy impatient = { .attempts = 1, .first_ms = 1, .max_ms = 1 };
    const RetryPolicy patient = { .attempts = 20, .first_ms = 1, .max_ms = 1 };

    (void) state;
    assert_false(retry_spent(5, &impatient));
    assert_true(retry_spent(6, &impatient));
    assert_false(retry_spent(20, &patient));
    assert_true(retry_spent(21, &patient));
}

static void the_delay_doubles_up_to_its_limit_and_half_of_it_is_chance(void **state)
{
    (void) state;
    assert_int_equal(retry_delay(1, &policy, 1), 2000);
    assert_int_equal(retry_delay(1, &policy, 0), 1000);
    assert_int_equal(retry_delay(2, &policy, 1), 4000);
    assert_int_equal(retry_delay(4, &policy, 0.5), 12000);
    assert_int_equal(retry_delay(60, &policy, 1), policy.max_ms);
    assert_int_equal(retry_delay(1000000, &policy, 0), policy.max_ms / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_picture_is_never_tried_again),
        cmocka_unit_test(a_broken_environment_spends_no_attempt_however_often_it_breaks),
        cmocka_unit_test(what_may_pass_is_tried_as_often_as_the_policy_says),
        cmocka_unit_test(a_second_dead_worker_ends_it_whatever_the_policy),
        cmocka_unit_test(deaths_of_the_daemon_are_forgiven_more_often_than_those_of_a_worker),
        cmocka_unit_test(the_delay_doubles_up_to_its_limit_and_half_of_it_is_chance),
    };

    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
