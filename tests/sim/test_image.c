/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's variables are as at first after a kill, and the thread-local ones are a fiber's. */
#include "tests/sim/image.h"
#include "tests/sim/schedule.h"
#include "tests/unit/check.h"

static int number __attribute__((section("daemon_data"))) = 5;
static int numbers[100] __attribute__((section("daemon_bss,\"aw\",@nobits#")));
static _Thread_local int apart = 3;
static int outside = 1, seen[2];

static void variables_are_put_back_and_no_others(void **state)
{
    (void) state;
    image_keep();
    number = 6;
    numbers[99] = 7;
    outside = 2;
    image_restore();
    assert_int_equal(number, 5);
    assert_int_equal(numbers[99], 0);
    assert_int_equal(outside, 2);
}

static void keep_apart(void *user)
{
    int own = *(int *) user;

    seen[own] = apart;
    apart = 10 + own;
    nap_us(100);
    seen[own] = seen[own] == 3 ? apart : -1;
}

static void each_fiber_has_its_own_thread_local_ones(void **state)
{
    int own[] = { 0, 1 };

    (void) state;
    schedule_reset();
    for (int i = 0; i < 2; i++)
        fiber_start(PROCESS_DAEMON, "one", keep_apart, &own[i]);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_int_equal(seen[0], 10);
    assert_int_equal(seen[1], 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_put_back_and_no_others),
        cmocka_unit_test(each_fiber_has_its_own_thread_local_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
