/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fibers take turns, wait, wake and are killed; one seed gives one order. */
#include "tests/sim/chance.h"
#include "tests/sim/schedule.h"
#include "tests/sim/story.h"
#include "tests/unit/check.h"

static GString *order;
static int key, other_key;

static int begin(void **state)
{
    *state = order = g_string_new(NULL);
    chance_seed(1);
    chance_list(ACTOR_SCHEDULE)->length = 0;
    chance_replay(); /* plain */
    story_reset();
    schedule_reset();
    return 0;
}

static int end(void **state)
{
    g_string_free(*state, TRUE);
    return 0;
}

static void say(const char *what)
{
    g_string_append(order, what);
}

static void speak_thrice(void *user)
{
    for (int i = 0; i < 3; i++) {
        say(user);
        point("speak");
    }
}

static void start(const char *name, void (*run)(void *user))
{
    fiber_start(PROCESS_DAEMON, name, run, (void *) (uintptr_t) name);
}

static void plain_fibers_run_one_after_the_other(void **state)
{
    (void) state;
    start("a", speak_thrice);
    start("b", speak_thrice);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_string_equal(order->str, "aaabbb");
    assert_int_equal(steps, 6);
    assert_true(now_us == 1000000 + 6 * 20);
}

static char *order_of(uint64_t seed)
{
    chance_seed(seed);
    story_reset();
    schedule_reset();
    hurry = 1;
    g_string_truncate(order, 0);
    start("a", speak_thrice);
    start("b", speak_thrice);
    schedule_run(INT64_MAX, 0);
    return g_strdup_printf("%s %lx", order->str, story_digest);
}

static void a_seed_gives_its_order_and_many_seeds_many(void **state)
{
    g_autoptr(GHashTable) orders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    (void) state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        char *first = order_of(seed);
        g_autofree char *second = order_of(seed);
        assert_string_equal(first, second);
        first[6] = '\0'; /* without the digest */
        g_hash_table_add(orders, first);
    }
    assert_int_equal(g_hash_table_size(orders), 20); /* 6 over 3: every one that there is */
}

static void wait_long(void *user)
{
    (void) user;
    say(wait_for(&key, -1) ? "woken " : "late ");
}

static void wait_short(void *user)
{
    (void) user;
    say(wait_for(&key, now_us + 500) ? "woken " : "late ");
}

static void wake_later(void *user)
{
    (void) user;
    nap_us(1000);
    wake_all(&other_key);
    wake_one(&key);
}

static void who_waits_is_woken_or_late(void **state)
{
    (void) state;
    start("a", wait_long);
    start("b", wait_short);
    start("c", wake_later);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_string_equal(order->str, "late woken ");
    assert_true(now_us == 1000000 + 1000);
}

static void count_waiting(void *user, const char *name, const char *last_point, int64_t until_us)
{
    assert_string_equal(name, "a");
    assert_string_equal(last_point, "its start");
    assert_true(until_us == INT64_MAX);
    ++*(int *) user;
}

static void stuck_and_late_are_two_endings(void **state)
{
    int waiting = 0;

    (void) state;
    start("a", wait_long);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    schedule_each_waiting(count_waiting, &waiting);
    assert_int_equal(waiting, 1);
    start("b", wait_short);
    assert_int_equal(schedule_run(now_us + 100, 0), ENDING_LATE);
    assert_int_equal(schedule_run(now_us + 1000, 0), ENDING_STUCK);
    assert_string_equal(order->str, "late ");
}

static void turn_for_ever(void *user)
{
    (void) user;
    for (;;)
        point("turn");
}

static void a_busy_fiber_leaves_others_their_turn_and_ends_late(void **state)
{
    (void) state;
    start("a", turn_for_ever);
    start("b", speak_thrice);
    assert_int_equal(schedule_run(now_us + 100000, 0), ENDING_LATE);
    assert_string_equal(order->str, "bbb");
}

static void a_kill_comes_at_its_step_and_takes_fibers_of_its_process_alone(void **state)
{
    (void) state;
    start("a", speak_thrice);
    fiber_start(PROCESS_WORLD, "w", wait_short, NULL);
    assert_int_equal(schedule_run(INT64_MAX, 2), ENDING_KILL);
    assert_int_equal(steps, 2);
    assert_int_equal(fiber_self(), -1);
    schedule_kill(PROCESS_DAEMON);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_string_equal(order->str, "aalate ");
}

static void end_own_process(void *user)
{
    (void) user;
    say("x");
    schedule_kill(PROCESS_DAEMON);
    say("never");
}

static void a_process_that_ends_itself_does_not_come_back(void **state)
{
    (void) state;
    start("x", end_own_process);
    start("a", speak_thrice);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_string_equal(order->str, "x");
}

static void nap_then_speak(void *user)
{
    nap_us(100);
    speak_thrice(user);
}

static void start_and_join(void *user)
{
    (void) user;
    int fiber = fiber_start(PROCESS_DAEMON, "n", nap_then_speak, (void *) (uintptr_t) "n");
    say(fiber_join_until(fiber, now_us + 10) ? "joined " : "late ");
    fiber_join(fiber);
    say(" end");
}

static void a_fiber_is_joined_when_it_has_ended(void **state)
{
    (void) state;
    start("s", start_and_join);
    assert_int_equal(schedule_run(INT64_MAX, 0), ENDING_STUCK);
    assert_string_equal(order->str, "late nnn end");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_fibers_run_one_after_the_other),
        TEST(a_seed_gives_its_order_and_many_seeds_many),
        TEST(who_waits_is_woken_or_late),
        TEST(stuck_and_late_are_two_endings),
        TEST(a_busy_fiber_leaves_others_their_turn_and_ends_late),
        TEST(a_kill_comes_at_its_step_and_takes_fibers_of_its_process_alone),
        TEST(a_process_that_ends_itself_does_not_come_back),
        TEST(a_fiber_is_joined_when_it_has_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
