/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left of a long list is what its rule needs; a rule is never exchanged for another. */
#include "tests/sim/chance.h"
#include "tests/sim/judge.h"
#include "tests/sim/shrink.h"
#include "tests/sim/world.h"
#include "tests/unit/check.h"

enum { PICKS = 2000, SECONDS = 60 };

static Rule broken;
static bool dies;

/* Breaks RULE_ONCE where the disk's picks have a 3 and after it a 5, and the plan's first is at
 * least 2; where there is no 5, another one. */
bool world_run(void)
{
    unsigned large = pick(ACTOR_PLAN, 9), found = 0;

    for (int i = 0; i < PICKS; i++) {
        unsigned value = pick(ACTOR_DISK, 100);
        pick(ACTOR_SCHEDULE, 3);
        found += (found == 0 && value == 3) || (found == 1 && value == 5);
    }
    broken = found == 2 && large >= 2 ? RULE_ONCE : found == 1 ? RULE_TIDY : RULES;
    if (dies && broken == RULE_ONCE)
        abort();
    return broken == RULES;
}

Rule judge_broken(const char **why)
{
    *why = "";
    return broken;
}

static void begin(void)
{
    uint64_t seed = 1;

    do
        chance_seed(seed++);
    while (world_run() || broken != RULE_ONCE);
}

static void check_shortest(void)
{
    const ChanceList *large = chance_list(ACTOR_PLAN), *disk = chance_list(ACTOR_DISK);

    assert_int_equal(chance_list(ACTOR_SCHEDULE)->length, 0);
    assert_int_equal(large->length, 1);
    assert_int_equal(large->picks[0], 2);
    assert_int_equal(disk->length, 2);
    assert_int_equal(disk->picks[0], 3);
    assert_int_equal(disk->picks[1], 5);
}

static void the_shortest_lists_of_the_rule_are_left(void **state)
{
    (void) state;
    dies = false;
    begin();
    long tries = shrink(RULE_ONCE, SECONDS);
    check_shortest();
    assert_in_range(tries, 1, 300);
    assert_int_equal(shrink_try(SECONDS), RULE_ONCE);
}

static void a_history_that_dies_is_shrunk_too(void **state)
{
    (void) state;
    dies = false;
    begin();
    dies = true;
    shrink(RULE_GOES_ON, SECONDS);
    check_shortest();
}

static void no_time_changes_nothing(void **state)
{
    (void) state;
    dies = false;
    begin();
    assert_int_equal(shrink(RULE_ONCE, 0), 0);
    assert_int_equal(shrink_try(SECONDS), RULE_ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_lists_of_the_rule_are_left),
        cmocka_unit_test(a_history_that_dies_is_shrunk_too),
        cmocka_unit_test(no_time_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
