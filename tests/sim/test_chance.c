/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A seed gives the same picks twice, a list gives them again, and no actor shifts another. */
#include "tests/sim/chance.h"
#include "tests/sim/story.h"
#include "tests/unit/check.h"

enum { PICKS = 3000 };

static void draw(Actor actor, unsigned picks[PICKS])
{
    for (int i = 0; i < PICKS; i++)
        picks[i] = pick(actor, 7);
}

static void a_seed_gives_the_same_picks_twice_and_another_does_not(void **state)
{
    unsigned first[PICKS], second[PICKS];

    (void) state;
    chance_seed(5);
    draw(ACTOR_DISK, first);
    chance_seed(5);
    draw(ACTOR_DISK, second);
    assert_memory_equal(first, second, sizeof(first));
    chance_seed(6);
    draw(ACTOR_DISK, second);
    assert_memory_not_equal(first, second, sizeof(first));
}

static void a_pick_of_one_actor_does_not_shift_another(void **state)
{
    unsigned alone[PICKS], beside[PICKS];

    (void) state;
    chance_seed(9);
    draw(ACTOR_READER, alone);
    chance_seed(9);
    pick(ACTOR_PLAN, 1000);
    draw(ACTOR_READER, beside);
    assert_memory_equal(alone, beside, sizeof(alone));
}

static void every_value_comes_about_as_often(void **state)
{
    int counts[7] = { 0 };

    (void) state;
    chance_seed(1);
    for (int i = 0; i < 7000; i++)
        counts[pick(ACTOR_PLAN, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 850, 1150);
}

static void a_list_is_repeated_and_its_end_is_plain(void **state)
{
    unsigned first[PICKS], again[PICKS];

    (void) state;
    chance_seed(3);
    draw(ACTOR_SENDER, first);
    chance_replay();
    draw(ACTOR_SENDER, again);
    assert_memory_equal(first, again, sizeof(first));
    assert_int_equal(pick(ACTOR_SENDER, 7), 0);
    assert_false(once_in(ACTOR_SENDER, 7));
}

static void a_pick_too_large_counts_modulo(void **state)
{
    (void) state;
    chance_seed(3);
    pick(ACTOR_SENDER, 7);
    chance_list(ACTOR_SENDER)->picks[0] = 12;
    chance_replay();
    assert_int_equal(pick(ACTOR_SENDER, 5), 2);
}

static void what_is_certain_uses_no_pick(void **state)
{
    (void) state;
    chance_seed(3);
    assert_int_equal(pick(ACTOR_PLAN, 1), 0);
    assert_false(once_in(ACTOR_PLAN, 0));
    assert_true(once_in(ACTOR_PLAN, 1));
    assert_int_equal(chance_list(ACTOR_PLAN)->length, 0);
}

static void lists_are_written_and_read(void **state)
{
    unsigned first[PICKS], again[PICKS];
    FILE *file = tmpfile();

    (void) state;
    chance_seed(3);
    draw(ACTOR_WORKER, first);
    assert_true(chance_write(file));
    chance_seed(4);
    pick(ACTOR_PLAN, 9);
    rewind(file);
    assert_true(chance_read(file));
    assert_int_equal(chance_list(ACTOR_PLAN)->length, 0);
    chance_replay();
    draw(ACTOR_WORKER, again);
    assert_memory_equal(first, again, sizeof(first));
    fclose(file);
}

static bool is_read(const char *text)
{
    FILE *file = fmemopen((void *) (uintptr_t) text, strlen(text), "r");
    bool good = chance_read(file);

    fclose(file);
    return good;
}

static void a_file_of_lists_that_is_wrong_is_refused(void **state)
{
    (void) state;
    assert_true(is_read("# why\n\nplan: 1 2 # so\n"));
    assert_int_equal(chance_list(ACTOR_PLAN)->length, 2);
    assert_false(is_read("plans: 1\n"));
    assert_false(is_read("plan 1\n"));
    assert_false(is_read("plan: 1 -2\n"));
}

static void picks_change_the_digest(void **state)
{
    (void) state;
    story_reset();
    uint64_t empty = story_digest;
    chance_seed(3);
    pick(ACTOR_PLAN, 3);
    assert_true(story_digest != empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_picks_twice_and_another_does_not),
        cmocka_unit_test(a_pick_of_one_actor_does_not_shift_another),
        cmocka_unit_test(every_value_comes_about_as_often),
        cmocka_unit_test(a_list_is_repeated_and_its_end_is_plain),
        cmocka_unit_test(a_pick_too_large_counts_modulo),
        cmocka_unit_test(what_is_certain_uses_no_pick),
        cmocka_unit_test(lists_are_written_and_read),
        cmocka_unit_test(a_file_of_lists_that_is_wrong_is_refused),
        cmocka_unit_test(picks_change_the_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
